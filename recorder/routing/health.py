"""Which upstreams are well: a circuit breaker for each, told of every failure and success. Reads no clock by itself.

One failure sets an upstream aside, since others stand by: for as long as it asked for (`retry-after`), else for five
seconds, twice as long each time in a row. Then one request tries it; what comes of that decides.
"""

import os
from collections.abc import Callable, Sequence
from email.utils import parsedate_to_datetime
from pathlib import Path

import msgspec

from recorder.errors import RecorderError

FIRST_SECONDS = 5.0
MOST_SECONDS = 300.0
MOST_ASKED_SECONDS = 3600.0
"""An upstream that wants to be left alone for longer is tried all the same."""
TRIAL_SECONDS = 60.0
"""How long the others keep away while one request tries; a model may think for longer, then another one tries."""
_TROUBLE = frozenset({429, 529})


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """An upstream was set aside, or is in use again."""

    upstream: str
    state: str
    """`set aside` or `in use`."""
    reason: str
    seconds: float | None = None
    """For how long it is set aside."""


class _Breaker:
    def __init__(self) -> None:
        self.failures = 0
        self.until = 0.0
        self.trial_until = 0.0
        self.reason = ""


class Health:
    """The breakers of one recorder."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` gives seconds that only grow."""
        self._clock = clock
        self._breakers: dict[str, _Breaker] = {}

    def ranked(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return the names, those that are well first, each in their order; then those whose time is up soonest."""
        return tuple(sorted(names, key=self._ends))

    def is_well(self, name: str) -> bool:
        """Say whether an upstream may be used, be it to try it."""
        return self._ends(name) == 0.0

    def picked(self, name: str) -> None:
        """Take note that a request goes there."""
        breaker = self._breakers.get(name)
        if breaker and breaker.failures and self.is_well(name):
            breaker.trial_until = self._clock() + TRIAL_SECONDS

    def unsent(self, name: str) -> None:
        """Take note that a request did not go there after all, or told nothing: another one may try."""
        if breaker := self._breakers.get(name):
            breaker.trial_until = 0.0

    def failed(self, name: str, reason: str, retry_after: float | None = None) -> Change | None:
        """Set an upstream aside; None when it was, for as long."""
        breaker = self._breakers.setdefault(name, _Breaker())
        now, was_well = self._clock(), self.is_well(name)
        is_trial, breaker.trial_until = breaker.trial_until > now, 0.0
        if was_well or is_trial:
            breaker.failures += 1
        seconds = min(FIRST_SECONDS * 2 ** min(breaker.failures - 1, 10), MOST_SECONDS)
        if retry_after is not None:
            seconds = min(max(retry_after, 1.0), MOST_ASKED_SECONDS)
        if not (was_well or is_trial) and now + seconds <= breaker.until:
            return None
        breaker.until, breaker.reason = now + seconds, reason
        return Change(upstream=name, state="set aside", reason=reason, seconds=seconds)

    def succeeded(self, name: str) -> Change | None:
        """Use it again; None when it was in use."""
        breaker = self._breakers.pop(name, None)
        return Change(upstream=name, state="in use", reason="it answers") if breaker else None

    def set_aside(self) -> dict[str, tuple[str, float]]:
        """Return what is set aside, with the reason and how many seconds are left."""
        now = self._clock()
        return {name: (one.reason, max(0.0, one.until - now)) for name, one in self._breakers.items()}

    def _ends(self, name: str) -> float:
        """Return when an upstream can be used again; 0.0: now."""
        if (breaker := self._breakers.get(name)) is None:
            return 0.0
        ends = max(breaker.until, breaker.trial_until)
        return 0.0 if ends <= self._clock() else ends


def is_trouble(status: int) -> bool:
    """Say whether an answer tells that another upstream would do better: too much asked of it, or broken."""
    return status in _TROUBLE or status >= 500


def parse_retry_after(value: str | None, now: float) -> float | None:
    """Return the seconds that a `retry-after` asks for (RFC 9110, section 10.2.3); `now`: seconds since the epoch."""
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except ValueError:
        return None


class Seen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a recorder says about an upstream that it has set aside."""

    upstream: str
    reason: str
    until_utc: float
    """Seconds since the epoch."""


def health_path(db: Path, pid: int) -> Path:
    """Return where a recorder tells which upstreams it has set aside; the file is there while some are."""
    return db.with_name(f"{db.name}.health-{pid}.json")


def write_health(path: Path, seen: Sequence[Seen]) -> None:
    """Tell other programs; nothing depends on it."""
    try:
        if not seen:
            path.unlink(missing_ok=True)
            return
        draft = path.with_name(f".{path.name}.new")
        draft.write_bytes(msgspec.json.encode(seen))
        draft.replace(path)
    except OSError:
        pass  # the record has it all the same


def read_health(db: Path, pid: int | None = None) -> list[Seen]:
    """Return what the recorders that run on a database have set aside, or the one that is this process."""
    found: list[Seen] = []
    for path in sorted(db.parent.glob(f"{db.name}.health-{'*' if pid is None else pid}.json")):
        name = path.stem.rpartition("-")[2]
        if name.isdigit() and _runs(int(name)):
            try:
                found += msgspec.json.decode(path.read_bytes(), type=list[Seen])
            except FileNotFoundError:
                continue
            except (OSError, msgspec.MsgspecError):
                raise RecorderError(f"{path}: is not what a recorder writes; remove it") from None
    return found


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
