"""Which interactions somebody means, to erase or to hold them, and what of their content."""

from collections.abc import Sequence

import msgspec
from sqlite_utils import Database

from recorder.store.database import reading
from recorder.store.mentions import Mentions
from recorder.store.references import interactions_with


class Choice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is meant: all that is given must fit; of several values of one kind any."""

    sessions: tuple[str, ...] = ()
    interactions: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    """Texts that stand in the content, whatever their case."""
    patterns: tuple[str, ...] = ()
    """Regular expressions that match a text in the content."""
    before_utc: str | None = None
    """Begun before then."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is given, which would mean everything."""
        return self == Choice()

    @property
    def names_content(self) -> bool:
        """Whether content is meant rather than whole interactions."""
        return bool(self.texts or self.patterns)


class Chosen(msgspec.Struct, frozen=True):
    """What a choice came to."""

    interactions: frozenset[int]
    """Numbers of the opened records."""
    parts: frozenset[int] | None
    """The parts that are meant; None: all of these interactions."""


_COLUMNS = {"sessions": "session_id", "interactions": "id", "users": "user", "projects": "project"}


def choose(db: Database, choice: Choice, mentions: Mentions) -> Chosen:
    """Find out what is meant. `mentions`: of the texts and patterns of this choice."""
    with reading():
        fitting = frozenset(seq for (seq,) in db.execute(*_query(choice)))
        if not choice.names_content:
            return Chosen(fitting, None)
        parts = mentions.find(db)
        return Chosen(fitting & frozenset(interactions_with(db, parts)), parts)


def _query(choice: Choice) -> tuple[str, list[str]]:
    tests, values = ["1"], list[str]()
    for name, column in _COLUMNS.items():
        given: Sequence[str] = getattr(choice, name)
        if given:
            tests.append(f"{column} IN ({','.join('?' * len(given))})")
            values += given
    if choice.before_utc:
        tests.append("started_utc < ?")
        values.append(choice.before_utc)
    return f"SELECT seq FROM interactions WHERE {' AND '.join(tests)}", values  # noqa: S608 — columns are ours
