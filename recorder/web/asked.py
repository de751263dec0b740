"""What a page is asked for, and how its words are read."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from recorder.policy.verdict import Standing
from recorder.store.database import Database

type Standings = Callable[[], Sequence[Standing]]
"""Tells how the budgets stand. Raises RecorderError when the configuration or the record cannot be read."""


class Asked(msgspec.Struct, frozen=True):
    """A request for a page."""

    db: Database
    """A reader."""
    db_path: Path
    path: tuple[str, ...]
    """What the pattern of the page's address took out of it."""
    query: Mapping[str, str]
    standings: Standings = tuple
    """How the budgets stand; none are known unless the page was given them."""
    looked_at: dict[str, None] = {}
    """The interactions whose content the page shows, in their order; the page puts them in."""

    def look_at(self, *ids: str) -> None:
        """Note that the page shows content of interactions."""
        self.looked_at.update(dict.fromkeys(ids))


def number(query: Mapping[str, str], name: str, default: int) -> int:
    """Return a whole number of at least 1; the default for anything else."""
    text = query.get(name, "")
    return max(1, int(text)) if text.isdecimal() and len(text) < 9 else default


def time_of(text: str) -> datetime:
    """Return a time as forms send it (`2026-11-23`, `2026-11-23T14:05`), in the machine's zone when it names none.

    Raises ValueError.
    """
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError:
        raise ValueError(f"{text!r} is no date; write 2026-11-23") from None
