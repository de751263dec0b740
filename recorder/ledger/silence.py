"""Signs of life: how long a recorder that says it records said nothing, although it promised to.

A recorder records a `heartbeat` when it had nothing else to record for as long as its `start` names (`heartbeat_s`), so
two of its records are at most twice that apart. A longer silence is no proof of anything (a laptop was closed), but an
interval in which nothing vouches for a record of what was said.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

_SLACK_S = 60
"""A busy machine may be late with a heartbeat."""
_SAME = len("2026-11-23T12:3")
"""Times that agree so far are at most ten minutes apart, which is not worth reading them."""
_UNWORTHY_S = 600


class Silence(msgspec.Struct, frozen=True):
    """An interval without a sign of life."""

    run_id: str
    since_utc: str
    until_utc: str | None
    """None: until now."""


class _Life(msgspec.Struct):
    most_s: int
    last_utc: str


class Lives:
    """Takes the times of records with the run that each is of."""

    def __init__(self) -> None:
        self.silences: list[Silence] = []
        self._lives: dict[str, _Life] = {}

    def begin(self, run_id: str, at_utc: str, heartbeat_s: int | None) -> None:
        """A run starts; without a heartbeat nothing is expected of it."""
        if heartbeat_s:
            self._lives[run_id] = _Life(2 * heartbeat_s + _SLACK_S, at_utc)

    def sign(self, run_id: str | None, at_utc: str) -> None:
        """Take a record of a run."""
        life = self._lives.get(run_id or "")
        if life is None or at_utc <= life.last_utc:
            return
        is_near = life.most_s >= _UNWORTHY_S and at_utc[:_SAME] == life.last_utc[:_SAME]
        if not is_near and _seconds(life.last_utc, at_utc) > life.most_s:
            self.silences.append(Silence(run_id or "", life.last_utc, at_utc))
        life.last_utc = at_utc

    def end(self, run_id: str | None, at_utc: str) -> None:
        """A run stopped, or was found to have crashed."""
        self.sign(run_id, at_utc)
        self._lives.pop(run_id or "", None)

    def resume(self, at_utc: str) -> None:
        """Go on after records that were not taken: whoever runs is taken to have given a sign at that time."""
        self.silences.clear()
        for life in self._lives.values():
            life.last_utc = at_utc

    def until(self, now_utc: str) -> Iterator[Silence]:
        """Yield the runs that should have given a sign since, and did not."""
        for run_id, life in self._lives.items():
            if now_utc > life.last_utc and _seconds(life.last_utc, now_utc) > life.most_s:
                yield Silence(run_id, life.last_utc, None)


def _seconds(since: str, until: str) -> float:
    return (datetime.fromisoformat(until) - datetime.fromisoformat(since)) / timedelta(seconds=1)
