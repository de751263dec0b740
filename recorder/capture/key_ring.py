"""The keys of redaction: of the placeholders' fingerprints, of the parts' digests, of the bodies' keyed hashes.

`store.key` holds 32 random bytes until the first rotation, and from then on JSON: the key of the parts' digests, which
stays, so that what is stored is found again and never stored twice; and the root keys of fingerprints and bodies, the
one in use first, those before it as long as they are kept. Whoever has the database alone can test no guess.
"""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from filelock import FileLock

from recorder.capture.keys import KEY_BYTES, STORE_KEY, ensure_file, wrong_size
from recorder.capture.private_file import read_private, replace_private
from recorder.errors import ConfigError
from recorder.redact import derive_key


class RootKey(msgspec.Struct, frozen=True):
    """One root key; `made_utc` and `retired_utc` are ISO 8601 with seconds and Z."""

    root: bytes
    made_utc: str
    retired_utc: str | None = None

    @property
    def id(self) -> str:
        """16 hex digits that name the key and tell nothing of it."""
        return derive_key(self.root, "id").hex()[:16]

    @property
    def fingerprints(self) -> bytes:
        """The key of the placeholders' fingerprints."""
        return derive_key(self.root, "fingerprint")

    @property
    def bodies(self) -> bytes:
        """The key of the bodies' keyed hashes."""
        return derive_key(self.root, "bodies")


class KeyRing(msgspec.Struct, frozen=True):
    """All keys of a store. `keys`: the one in use, then those before it, the latest first."""

    parts: bytes
    keys: tuple[RootKey, ...]

    @property
    def current(self) -> RootKey:
        """The key in use."""
        return self.keys[0]

    @property
    def former_fingerprints(self) -> tuple[bytes, ...]:
        """The fingerprint keys before the one in use, as far as they are kept."""
        return tuple(key.fingerprints for key in self.keys[1:])


def ensure_ring(folder: Path) -> KeyRing:
    """Return the keys in `folder`, made at the first call. Raises ConfigError when they cannot be had."""
    path = folder / STORE_KEY
    return _parse(path, ensure_file(folder, STORE_KEY))


def read_ring(folder: Path) -> KeyRing | None:
    """Return the keys in `folder`; None when none were made yet. Raises ConfigError when they cannot be read."""
    path = folder / STORE_KEY
    try:
        return _parse(path, read_private(path))
    except FileNotFoundError:
        return None


def rotate(folder: Path, at: datetime, *, forget: bool = False) -> KeyRing:
    """Put a new key in use; the ones before it stay for comparing, or are destroyed with `forget`.

    Raises ConfigError when the file cannot be read or written; then all is as it was.
    """
    path = folder / STORE_KEY
    ensure_ring(folder)
    try:
        with FileLock(path.with_name(f"{STORE_KEY}.lock"), mode=0o600, timeout=10):
            old = ensure_ring(folder)
            kept = () if forget else tuple(_retired(old.keys, at))
            ring = KeyRing(old.parts, (RootKey(secrets.token_bytes(KEY_BYTES), _utc(at)), *kept))
            replace_private(path, msgspec.json.encode(ring))
    except OSError as error:
        raise ConfigError(
            f"{path}: {error.strerror or 'is being changed by another program'}; nothing changed"
        ) from None
    return ring


def _retired(keys: tuple[RootKey, ...], at: datetime) -> Iterator[RootKey]:
    for key in keys:
        yield key if key.retired_utc else msgspec.structs.replace(key, retired_utc=_utc(at))


def _parse(path: Path, content: bytes) -> KeyRing:
    if not content.startswith(b"{") or len(content) == KEY_BYTES:
        if len(content) != KEY_BYTES:
            raise wrong_size(path, content)
        made = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return KeyRing(derive_key(content, "parts"), (RootKey(content, _utc(made)),))
    try:
        ring = msgspec.json.decode(content, type=KeyRing)
    except ValueError:
        ring = None
    if ring is None or not ring.keys or {len(ring.parts), *(len(key.root) for key in ring.keys)} != {KEY_BYTES}:
        raise ConfigError(f"{path}: is damaged; restore it from a backup or move it away")
    return ring


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
