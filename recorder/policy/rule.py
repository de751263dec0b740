"""`[[route]]`: a rule that says which requests go to which upstream."""

from collections.abc import Callable, Collection
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import unquote

import msgspec

from recorder.model import Family
from recorder.policy.asked import Asked
from recorder.policy.balance import Balance, ranked
from recorder.policy.mapping import Mapping, parse_mapping
from recorder.policy.tables import PolicyError, Table, as_table, nearest, parse_array, refuse_twice
from recorder.policy.upstream import parse_family

type Globs = tuple[str, ...]

MAIN = "main"
"""What `agent` calls the main thread."""

_KEYS = ("name", "when", "to", "balance", "model")


class When(msgspec.Struct, frozen=True, kw_only=True):
    """Conditions, all of which must hold; one that is empty always does. Lists hold when one of their patterns fits."""

    path: str | None = None
    """The beginning of the path, whole segments."""
    protocol: Family | None = None
    model: Globs = ()
    user: Globs = ()
    team: Globs = ()
    project: Globs = ()
    key: Globs = ()
    """Id of the recorder's own key that it came with."""
    session: Globs = ()
    agent: Globs = ()
    """Id or type of the agent; `main` for the main thread."""
    request_class: Globs = ()
    header: tuple[tuple[str, Globs], ...] = ()

    @property
    def reads_body(self) -> bool:
        """Whether a request's body is needed to tell."""
        return bool(self.model or self.session)

    def obstacle(self, asked: Asked) -> str | None:
        """Return the first condition that does not hold, in words; None when the rule fires."""
        if self.path is not None and not _is_under(asked.path, self.path):
            return f"path {asked.path} is not under {self.path}"
        if self.protocol not in (None, asked.family):
            return f"protocol is {asked.family or 'none'}, not {self.protocol}"
        for name, values_of in _VALUES.items():
            patterns: Globs = getattr(self, name)
            if patterns and not _fits(values := values_of(asked), patterns):
                return f"{name} is {' or '.join(filter(None, values)) or 'not known'}, not {' or '.join(patterns)}"
        for name, patterns in self.header:
            if not _fits((asked.header(name),), patterns):
                # Not its value: it may be a secret.
                return f"header {name} is {'another' if asked.header(name) is not None else 'not there'}"
        return None


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule; the first whose conditions hold fires."""

    name: str
    when: When
    to: tuple[str, ...]
    """Names of upstreams; several stand in for each other."""
    weights: tuple[float, ...] = (1.0,)
    balance: Balance = Balance.ORDER
    model: Mapping = ()

    @property
    def reads_body(self) -> bool:
        """Whether a request's body is needed for a decision."""
        return self.when.reads_body or self.balance is Balance.SESSION

    def ranked(self, asked: Asked, lot: str) -> tuple[str, ...]:
        """Return the upstreams, best first; `lot`: something random, for requests that no session binds."""
        session = asked.identity.session_id if self.balance is Balance.SESSION else None
        return ranked(self.to, self.weights, self.balance, session or lot)


_VALUES: dict[str, Callable[[Asked], tuple[str | None, ...]]] = {
    "model": lambda asked: (asked.model,),
    "user": lambda asked: (asked.labels.user,),
    "team": lambda asked: (asked.labels.team,),
    "project": lambda asked: (asked.labels.project,),
    "key": lambda asked: (asked.labels.key,),
    "session": lambda asked: (asked.identity.session_id,),
    "agent": lambda asked: (asked.identity.agent_id or MAIN, asked.identity.agent_type),
    "request_class": lambda asked: (asked.identity.request_class,),
}
_WHEN_KEYS = ("path", "protocol", *_VALUES, "header")


def parse_rules(value: Any, upstreams: Collection[str]) -> tuple[Rule, ...]:
    """Return the rules in their order. Raises PolicyError."""
    rules = parse_array("route", value, _KEYS, lambda table: _parse(table, upstreams))
    refuse_twice("route", [rule.name for rule in rules])
    return rules


def _parse(table: Table, upstreams: Collection[str]) -> Rule:
    to, balance = _parse_to(table, upstreams)
    return Rule(
        name=table.text("name") or f"route {table.place[1]}",
        when=_parse_when(table.raw("when") or {}, (*table.place, "when")),
        to=tuple(to),
        weights=tuple(to.values()),
        balance=balance,
        model=parse_mapping(table, "model"),
    )


def _parse_to(table: Table, upstreams: Collection[str]) -> tuple[dict[str, float], Balance]:
    """Read `to`: a name, a list of them, or a table of names and weights."""
    to = table.raw("to")
    allowed = f"the name of an upstream: {', '.join(upstreams) or 'there is none, write [upstream.NAME]'}"
    if to is None:
        raise PolicyError(table.place, f"has no `to`; give {allowed}")
    names = [to] if isinstance(to, str) else list(to) if isinstance(to, list | dict) else []
    if not names or not all(isinstance(name, str) for name in names):
        raise table.error("to", f"give {allowed}; a list of them, or a table of names and weights")
    if unknown := next((name for name in names if name not in upstreams), None):
        raise table.error("to", f"there is no [upstream.{unknown}]; {nearest(unknown, upstreams)}")
    if len(set(names)) < len(names):
        raise table.error("to", "names an upstream twice; to give it more, write weights: to = { a = 2, b = 1 }")
    weights = {name: to[name] if isinstance(to, dict) else 1.0 for name in names}
    for name, weight in weights.items():
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight <= 1_000_000:
            raise table.error("to", f"the weight of {name} is {weight!r}, and not a number above 0")
    return {name: float(weight) for name, weight in weights.items()}, _parse_balance(table, to)


def _parse_balance(table: Table, to: Any) -> Balance:
    text = table.text("balance")
    has_weights = isinstance(to, dict)
    if text is None:
        return Balance.SESSION if has_weights else Balance.ORDER
    if text not in list(Balance):
        raise table.error("balance", f"{text!r} is none of {', '.join(Balance)}")
    if isinstance(to, str):
        raise table.error("balance", "is for several upstreams; this rule has one")
    if has_weights and text == Balance.ORDER:
        raise table.error("balance", "weights say nothing about an order; write to = [...], or balance otherwise")
    return Balance(text)


def _parse_when(value: Any, place: tuple[str | int, ...]) -> When:
    table = Table(value, place, _WHEN_KEYS)
    path = table.text("path")
    if path is not None and not path.startswith("/"):
        raise table.error("path", f"{path!r} does not begin with /")
    return When(
        path=path,
        protocol=parse_family(table, "protocol"),
        header=tuple(
            (name.lower(), Table({name: patterns}, (*place, "header"), (name,)).texts(name))
            for name, patterns in as_table(table.raw("header") or {}, (*place, "header")).items()
        ),
        **{name: table.texts(name) for name in _VALUES},
    )


def _is_under(path: str, prefix: str) -> bool:
    decoded = unquote(path)
    return decoded == prefix or decoded.startswith(prefix if prefix.endswith("/") else f"{prefix}/")


def _fits(values: tuple[str | None, ...], patterns: Globs) -> bool:
    return any(value is not None and fnmatchcase(value, pattern) for value in values for pattern in patterns)
