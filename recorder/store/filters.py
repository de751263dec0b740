"""The filters that lists have in common, as SQL."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypedDict

from recorder.model import FlowClass, State


class Filters(TypedDict, total=False):
    """Which interactions are meant; None means all, as leaving a filter out does."""

    session: str | None
    project: str | None
    user: str | None
    since: datetime | None
    """By the start of the request, inclusive; with a time zone."""
    until: datetime | None
    """Exclusive; with a time zone."""
    state: State | str | None
    flow_class: FlowClass | str | None


_TESTS = {
    "session": "i.session_id = :session",
    "project": "i.project = :project",
    "user": "i.user = :user",
    "since": "i.started_utc >= :since",
    "until": "i.started_utc < :until",
    "state": "i.state = :state",
    "flow_class": "i.flow_class = :flow_class",
}


ENDED_BADLY = "i.state NOT IN ('open', 'complete')"
"""In these very words an index has all of them."""
_BESIDE_STATE: dict[object, str] = {State.OPEN: "i.closed_seq IS NULL", State.COMPLETE: "i.closed_seq IS NOT NULL"}
"""What follows from a state, and names the index that has those of it."""


def conditions_of(filters: Filters) -> tuple[list[str], dict[str, Any]]:
    """Return SQL conditions over `interactions AS i`, and their parameters; ValueError for a time without zone."""
    given = {name: value for name, value in filters.items() if value is not None}
    conditions = [_TESTS[name] for name in given]
    if "state" in given:
        conditions.append(_BESIDE_STATE.get(given["state"], ENDED_BADLY))
    return conditions, {name: _parameter(value) for name, value in given.items()}


def where(conditions: Sequence[str]) -> str:
    """Return a WHERE clause, empty without conditions."""
    return f"WHERE {' AND '.join(conditions)}" if conditions else ""


def prefix_range(prefix: str) -> tuple[str, str]:
    """Return the bounds, the upper one exclusive, of all texts that begin with `prefix`: an index can be used."""
    return prefix, prefix + "\U0010ffff"


def _parameter(value: object) -> object:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"{value}: a time needs its zone")
        # Milliseconds, as stored; cut off, so that no time is later than the one given.
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value
