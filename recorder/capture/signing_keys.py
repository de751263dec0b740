"""The key that signs checkpoints, and how it came after those before it.

`signing.key` in the configuration folder holds 32 secret bytes until the first rotation, and from then on JSON: the
secret of the key in use, when it was made, and the notes in which each key named the next. The secrets of former keys
are gone. Instead of all that the file can name an entry of the desktop's keyring that holds it.
"""

import base64
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_bytes
from typing import Any, Literal

import msgspec
from filelock import FileLock

from recorder.capture.keys import KEY_BYTES, ensure_file, wrong_size
from recorder.capture.private_file import read_private, replace_private
from recorder.errors import ConfigError
from recorder.ledger.note import SigningKey
from recorder.ledger.succession import Lineage, open_succession

SIGNING_KEY = "signing.key"
KEYRING_SERVICE = "llm-audit-recorder"

type Place = Literal["file", "keyring"]


class SigningKeys(msgspec.Struct, frozen=True):
    """The key in use and where its secret lies."""

    lineage: Lineage
    made_utc: str
    """ISO 8601 with seconds and Z."""
    place: Place = "file"

    @property
    def key(self) -> SigningKey:
        """The key in use."""
        return self.lineage.key


class _Stored(msgspec.Struct, frozen=True, omit_defaults=True):
    seed: bytes = b""
    made_utc: str = ""
    successions: tuple[str, ...] = ()
    keyring: str | None = None
    """The entry that holds these in the place of this file."""


def ensure_signing_keys(folder: Path) -> SigningKeys:
    """Return the keys of `folder`, made at the first call. Raises ConfigError when they cannot be had."""
    return _parse(folder / SIGNING_KEY, ensure_file(folder, SIGNING_KEY))


def read_signing_keys(folder: Path) -> SigningKeys | None:
    """Return the keys of `folder`, None when none were made yet. Raises ConfigError when they cannot be had."""
    path = folder / SIGNING_KEY
    try:
        return _parse(path, read_private(path))
    except FileNotFoundError:
        return None


def maybe_lineage(folder: Path) -> Lineage | None:
    """Return the key to sign with, None when it cannot be had: recording goes on without."""
    try:
        return ensure_signing_keys(folder).lineage
    except ConfigError:
        return None


def rotate_signing(folder: Path, at: datetime) -> SigningKeys:
    """Put a new key in use, signed by the one before it, whose secret is forgotten.

    Raises ConfigError when the keys cannot be read or written; then all is as it was.
    """
    with _locked(folder):
        old = ensure_signing_keys(folder)
        seed, at_utc = token_bytes(KEY_BYTES), _utc(at)
        lineage = old.lineage.followed_by(SigningKey(seed), at_utc)
        _store(folder, _Stored(seed, at_utc, lineage.notes), old.place)
        return SigningKeys(lineage, at_utc, old.place)


def move_signing(folder: Path, to: Place) -> SigningKeys:
    """Move the keys into the keyring, or back into the file. Raises ConfigError; then they are where they were."""
    with _locked(folder):
        keys = ensure_signing_keys(folder)
        stored = _Stored(keys.key.seed, keys.made_utc, keys.lineage.notes)
        _store(folder, stored, to)
        if to == "keyring":
            _replace(folder, _Stored(keyring=_entry(folder)))
        elif keys.place == "keyring":
            _keyring("delete_password", _entry(folder))
        return SigningKeys(keys.lineage, keys.made_utc, to)


def _store(folder: Path, stored: _Stored, place: Place) -> None:
    if place == "file":
        _replace(folder, stored)
    else:
        _keyring("set_password", _entry(folder), base64.b64encode(msgspec.json.encode(stored)).decode())


def _replace(folder: Path, stored: _Stored) -> None:
    path = folder / SIGNING_KEY
    try:
        replace_private(path, msgspec.json.encode(stored))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}; nothing changed") from None


def _locked(folder: Path) -> FileLock:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return FileLock(folder / f"{SIGNING_KEY}.lock", mode=0o600, timeout=10)


def _parse(path: Path, content: bytes) -> SigningKeys:
    if len(content) == KEY_BYTES or not content.startswith(b"{"):
        if len(content) != KEY_BYTES:
            raise wrong_size(path, content)
        return SigningKeys(Lineage(SigningKey(content)), _utc(datetime.fromtimestamp(path.stat().st_mtime, UTC)))
    stored, place = _decoded(path, content), "file"
    if stored.keyring:
        secret = _keyring("get_password", stored.keyring)
        if secret is None:
            raise ConfigError(f"{path}: names the keyring's entry {stored.keyring!r}, which is not there; restore it")
        stored, place = _decoded(path, base64.b64decode(secret)), "keyring"
    if len(stored.seed) != KEY_BYTES:
        raise wrong_size(path, stored.seed)
    lineage = Lineage(SigningKey(stored.seed), stored.successions)
    try:
        steps = [open_succession(note) for note in stored.successions]
    except ValueError:
        steps = []
    news = [step.new for step in steps]
    if len(steps) != len(stored.successions) or news != [*(step.old for step in steps[1:]), *news[-1:]]:
        raise _damaged(path)
    if news and news[-1] != lineage.key.public:
        raise _damaged(path)
    return SigningKeys(lineage, stored.made_utc, "keyring" if place == "keyring" else "file")


def _decoded(path: Path, content: bytes) -> _Stored:
    try:
        return msgspec.json.decode(content, type=_Stored)
    except ValueError:
        raise _damaged(path) from None


def _damaged(path: Path) -> ConfigError:
    return ConfigError(f"{path}: is damaged; restore it from a backup or move it away")


def _keyring(action: str, entry: str, *values: str) -> Any:
    try:
        import keyring  # noqa: PLC0415 -- an extra
        import keyring.errors  # noqa: PLC0415
    except ImportError:
        raise ConfigError("the keyring needs an extra: pip install 'llm-audit-recorder[keyring]'") from None
    try:
        return getattr(keyring, action)(KEYRING_SERVICE, entry, *values)
    except keyring.errors.KeyringError as error:
        raise ConfigError(f"the keyring cannot be used ({type(error).__name__}); unlock it, or keep the file") from None


def _entry(folder: Path) -> str:
    return f"signing.key of {folder.absolute()}"


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
