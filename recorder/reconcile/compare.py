"""Which calls one side lacks, and what the two sides counted differently: by call, and by day and model."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from recorder.reconcile.counted import TOKENS, Counted, by_day_and_model

_CENT = Decimal("0.01")
"""Costs that differ by less are the same: an export rounds each of its rows."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """Two counts of the same that are not the same."""

    day: str
    model: str
    what: str
    """One of `TOKENS`, or `cost_usd`."""
    recorded: int | str
    theirs: int | str
    where: str = ""


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """How the record and another count compare."""

    matched: int = 0
    """Calls that both have."""
    not_recorded: list[Counted] = []
    """Calls that the record lacks."""
    only_recorded: list[Counted] = []
    """Calls that the other lacks: it is none of its own, or not one that it writes down."""
    calls: list[Difference] = []
    days: list[Difference] = []

    @property
    def differs(self) -> bool:
        """Whether the record lacks something, or counted something else."""
        return bool(self.not_recorded or self.calls or self.days)


def compare_calls(recorded: Iterable[Counted], theirs: Iterable[Counted]) -> Comparison:
    """Compare call by call: the same request id, or when one side has none the same message id."""
    rows = list(recorded)
    by_request = {row.request_id: row for row in rows if row.request_id}
    by_message = {row.message_id: row for row in rows if row.message_id}
    pairs, missing, used = list[tuple[Counted, Counted]](), list[Counted](), set[str]()
    for call in theirs:
        row = by_request.get(call.request_id or "") or by_message.get(call.message_id or "")
        if row is None:
            missing.append(call)
        else:
            pairs.append((row, call))
            used.add(row.where)
    # The two sides may date a call around midnight differently, and name its model: theirs counts for both.
    same = [msgspec.structs.replace(row, day=call.day, model=call.model) for row, call in pairs]
    return Comparison(
        matched=len(pairs),
        not_recorded=missing,
        only_recorded=[row for row in rows if row.where not in used],
        calls=[one for row, call in pairs for one in _differences(row, call, TOKENS)],
        days=compare_days(same, [*(call for _, call in pairs), *missing], TOKENS),
    )


def compare_days(recorded: Iterable[Counted], theirs: Iterable[Counted], what: Sequence[str]) -> list[Difference]:
    """Compare by day and model, in their order."""
    ours, other = by_day_and_model(recorded), by_day_and_model(theirs)
    found = []
    for day, model in sorted(ours.keys() | other.keys()):
        nothing = Counted(day=day, model=model)
        found += _differences(ours.get((day, model), nothing), other.get((day, model), nothing), what)
    return found


def _differences(ours: Counted, theirs: Counted, what: Sequence[str]) -> list[Difference]:
    found = []
    for name in what:
        values: tuple[Any, Any] = (getattr(ours, name), getattr(theirs, name))
        if name == "cost_usd":
            values = tuple(value or Decimal(0) for value in values)  # type: ignore[assignment]
            if abs(values[0] - values[1]) < _CENT:
                continue
            values = (str(values[0]), str(values[1]))
        if values[0] != values[1]:
            found.append(
                Difference(
                    day=theirs.day,
                    model=theirs.model,
                    what=name,
                    recorded=values[0],
                    theirs=values[1],
                    where=theirs.where,
                )
            )
    return found
