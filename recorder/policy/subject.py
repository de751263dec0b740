"""Whose request a limit is about: the same for a request that comes in and for an interaction on the record."""

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase

import msgspec

from recorder.policy.tables import Table, nearest

MAIN = "main"
"""What `agent` calls the main thread."""
NOBODY = "(none)"
"""The value of a request that does not say: those share one budget, lest that be a way around it."""

_GLOB = frozenset("*?[")

type Value = tuple[str, ...]
"""What `each` found: one text for each of its names."""


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks for what. Raw when it comes from a request: for memory only."""

    user: str | None = None
    team: str | None = None
    project: str | None = None
    session: str | None = None
    agent_id: str | None = None
    agent_type: str | None = None
    model: str | None = None
    """As the client calls it."""
    provider: str | None = None
    key: str | None = None
    """Id of the recorder's own key: the one thing here that a client cannot say as it likes."""


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """What a limit holds for, and whether each value has one of its own."""

    when: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Name and patterns: all names must fit, each by one of its patterns."""
    each: tuple[str, ...] = ()

    def value(self, subject: Subject) -> Value | None:
        """Return which one it is of those that `each` makes; None when it holds not for this subject."""
        for name, patterns in self.when:
            if not any(fnmatchcase(value, pattern) for value in _VALUES[name](subject) for pattern in patterns):
                return None
        return tuple(_VALUES[name](subject)[0] for name in self.each)

    def given(self, value: Value) -> dict[str, str]:
        """Return what is known of all subjects with a value, as far as one text says it: for a query."""
        only = {name: patterns[0] for name, patterns in self.when if len(patterns) == 1 and name != "agent"}
        exact = {name: text for name, text in only.items() if not _GLOB.intersection(text)}
        return exact | dict(zip(self.each, value, strict=True))


_VALUES: Mapping[str, Callable[[Subject], tuple[str, ...]]] = {
    "user": lambda subject: (subject.user or NOBODY,),
    "team": lambda subject: (subject.team or NOBODY,),
    "project": lambda subject: (subject.project or NOBODY,),
    "session": lambda subject: (subject.session or NOBODY,),
    "agent": lambda subject: (subject.agent_id or MAIN, *filter(None, [subject.agent_type])),
    "model": lambda subject: (subject.model or NOBODY,),
    "provider": lambda subject: (subject.provider or NOBODY,),
    "key": lambda subject: (subject.key or NOBODY,),
}
NAMES = tuple(_VALUES)


def parse_scope(table: Table) -> Scope:
    """Read `when` and `each`. Raises PolicyError."""
    conditions = Table(table.raw("when") or {}, (*table.place, "when"), NAMES)
    each = table.texts("each")
    for name in each:
        if name not in NAMES:
            raise table.error("each", f"{name!r} is nothing that requests are told apart by; {nearest(name, NAMES)}")
    if len(set(each)) < len(each):
        raise table.error("each", "names the same twice")
    return Scope(when=tuple((name, conditions.texts(name)) for name in NAMES if name in conditions), each=each)
