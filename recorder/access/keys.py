"""The recorder's own keys: made, listed, revoked, recognised. Kept are hashes, in a file that its owner alone may read.

A plain SHA-256 is enough: a key is 256 random bits, so that there is nothing to guess, and a slow hash, which protects
what people choose, would only make every request slower. For the same reason a look-up need not take constant time:
how far a hash agrees with another one tells nothing about a key that could be sent. The file lies beside the other
keys and not in the database, which is copied and given away.
"""

import hashlib
import os
import re
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from filelock import FileLock

from recorder.capture.private_file import create_private, read_private, replace_private
from recorder.errors import ConfigError
from recorder.model import Labels
from recorder.policy.budget import Budget
from recorder.policy.key_budget import parse_key_budget

KEY_FILE = "access.json"
PREFIX = "rcdr-"
"""By which a key is told from what a provider or gateway calls one."""
_KEY = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")
_NAME = re.compile(r"[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f]{0,126}[^\s\x00-\x1f\x7f])?")


class AccessKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is known about a key."""

    id: str
    """Names it: the beginning of its hash."""
    hash: str
    """SHA-256, hex."""
    user: str
    project: str
    team: str | None = None
    created_utc: str
    expires_utc: str | None = None
    revoked_utc: str | None = None
    budget: str | None = None
    """What may be spent with it, as `parse_key_budget` reads it."""

    def __post_init__(self) -> None:
        # A file with a budget that cannot be read is refused whole, like one that cannot be read at all.
        _ = self.limit

    @property
    def labels(self) -> Labels:
        """Whose a request with it is."""
        return Labels(user=self.user, team=self.team, project=self.project, key=self.id)

    @property
    def limit(self) -> Budget | None:
        """Its budget; None: it has none of its own."""
        return None if self.budget is None else parse_key_budget(self.budget, self.id, self.user)

    def state(self, now_utc: str) -> str:
        """Return `valid`, `expired` or `revoked`."""
        if self.revoked_utc:
            return "revoked"
        return "expired" if self.expires_utc and self.expires_utc <= now_utc else "valid"

    def applied_to(self, labels: Labels) -> Labels:
        """Return labels with those of the key in place of what a request says about itself."""
        return msgspec.structs.replace(
            labels, **{name: value for name, value in msgspec.structs.asdict(self.labels).items() if value}
        )


def now_utc() -> str:
    """Return the time in the form of the records."""
    return utc(datetime.now(UTC))


def utc(at: datetime) -> str:
    """Return a time in the form of the records."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def is_key(text: str) -> bool:
    """Say whether a text has the form of a key."""
    return _KEY.fullmatch(text) is not None


def has_keys(folder: Path) -> bool:
    """Say whether a key was ever made."""
    return (folder / KEY_FILE).exists()


def read_keys(folder: Path) -> tuple[AccessKey, ...]:
    """Return all keys, in the order in which they were made. Raises ConfigError for a file that cannot be used."""
    path = folder / KEY_FILE
    try:
        return msgspec.json.decode(read_private(path), type=tuple[AccessKey, ...])
    except FileNotFoundError:
        return ()
    except msgspec.MsgspecError:
        raise ConfigError(f"{path}: is not what `recorder keys` writes; restore it from a backup") from None


def create_key(  # noqa: PLR0913 -- what a key has, each by its name
    folder: Path,
    *,
    user: str,
    project: str,
    team: str | None = None,
    expires_utc: str | None = None,
    budget: str | None = None,
) -> tuple[AccessKey, str]:
    """Make a key; return what is kept of it, and the key itself, which nothing else tells. Raises ConfigError."""
    for name, value in (("--user", user), ("--project", project), ("--team", team)):
        if value is not None and not _NAME.fullmatch(value):
            raise ConfigError(f"{name}: give one line of at most 128 characters, without blanks at its ends")
    _check_budget(budget)
    text = PREFIX + secrets.token_urlsafe(32)
    digest = _hash(text)
    made = AccessKey(
        id=digest[:12],
        hash=digest,
        user=user,
        project=project,
        team=team,
        created_utc=now_utc(),
        expires_utc=expires_utc,
        budget=budget,
    )
    _change(folder, lambda keys: (*keys, made))
    return made, text


def revoke_key(folder: Path, name: str) -> AccessKey:
    """Revoke the key with an id, of which a beginning is enough. Raises ConfigError when it is not one key's."""
    found = _named(folder, name)
    return _replace(folder, msgspec.structs.replace(found, revoked_utc=found.revoked_utc or now_utc()))


def set_budget(folder: Path, name: str, budget: str | None) -> AccessKey:
    """Give a key, named as for `revoke_key`, another budget; None: none of its own. Raises ConfigError."""
    _check_budget(budget)
    return _replace(folder, msgspec.structs.replace(_named(folder, name), budget=budget))


def key_budgets(folder: Path) -> tuple[Budget, ...]:
    """Return the budgets of the keys that can be used. Raises ConfigError as `read_keys` does."""
    now = now_utc()
    return tuple(key.limit for key in read_keys(folder) if key.limit and key.state(now) == "valid")


class Keyring:
    """The keys as they are now: the file is read again when it has changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: object = None
        self._by_hash: dict[str, AccessKey] = {}

    @property
    def is_empty(self) -> bool:
        """Whether no key was ever made. Raises ConfigError as `read_keys` does."""
        self._look()
        return not self._by_hash

    def find(self, text: str) -> AccessKey | None:
        """Return the key that was made as this text; None for any other. Raises ConfigError as `read_keys` does."""
        self._look()
        return self._by_hash.get(_hash(text))

    def _look(self) -> None:
        try:
            found = os.stat(self._folder / KEY_FILE)  # noqa: PTH116 -- for each request, kept light
        except FileNotFoundError:
            self._seen, self._by_hash = None, {}
            return
        except OSError as error:
            raise ConfigError(
                f"{self._folder / KEY_FILE}: {error.strerror}; the recorder keeps its keys there"
            ) from None
        signature = found.st_mtime_ns, found.st_size, found.st_ino
        if signature != self._seen:
            self._by_hash = {key.hash: key for key in read_keys(self._folder)}
            self._seen = signature


def _named(folder: Path, name: str) -> AccessKey:
    fitting = [key for key in read_keys(folder) if name and key.id.startswith(name)]
    if len(fitting) != 1:
        known = "; ".join(key.id for key in fitting) or "see `recorder keys list`"
        raise ConfigError(f"{name}: is the beginning of {len(fitting)} keys' ids, not of one; {known}")
    return fitting[0]


def _replace(folder: Path, changed: AccessKey) -> AccessKey:
    _change(folder, lambda keys: tuple(changed if key.id == changed.id else key for key in keys))
    return changed


def _check_budget(text: str | None) -> None:
    try:
        _ = text is not None and parse_key_budget(text)
    except ValueError as error:
        raise ConfigError(f"--budget {text}: {error}") from None


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()


def _change(folder: Path, change: Callable[[Sequence[AccessKey]], Sequence[AccessKey]]) -> None:
    path = folder / KEY_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(folder / f"{KEY_FILE}.lock", mode=0o600):
            content = msgspec.json.encode(change(read_keys(folder)))
            if path.exists():
                replace_private(path, content)
            else:
                create_private(path, content)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}; the recorder keeps its keys there") from None
