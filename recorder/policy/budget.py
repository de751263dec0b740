"""`[[budget]]`: how much may be used, by whom, in which time, and what happens when it is."""

from decimal import Decimal
from typing import Any, Literal

import msgspec

from recorder.policy.spending import UNITS, Amounts
from recorder.policy.subject import Scope, parse_scope
from recorder.policy.tables import PolicyError, Table, parse_array, refuse_twice
from recorder.policy.window import Window, parse_window

_KEYS = ("name", "when", "each", "window", "zone", *UNITS, "warn", "block", "unpriced", "wait_seconds")
_MOST = Decimal(10) ** 12
WAIT_SECONDS = 60.0
"""How long a request waits, unless told otherwise, for what others have reserved."""

type Unpriced = Literal["block", "ignore"] | Decimal


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """One budget, or one for each value of its scope."""

    name: str
    scope: Scope
    window: Window
    unit: str
    """One of `UNITS`."""
    limit: Decimal
    warn: tuple[Decimal, ...] = ()
    """Shares of the limit, ascending."""
    block: bool = True
    unpriced: Unpriced = "block"
    """Of a model without a known price: refused, not counted, or counted as so many USD a request."""
    wait_seconds: float = WAIT_SECONDS

    def amount(self, amounts: Amounts) -> Decimal | None:
        """Return how much of this budget that is; None: not known, and `unpriced` names no amount."""
        found = amounts.of(self.unit)
        return self.unpriced if found is None and isinstance(self.unpriced, Decimal) else found

    def said(self, amount: Decimal) -> str:
        """Return an amount with its unit, as a person reads it."""
        if self.unit == "usd":
            return f"{usd(amount)} USD"
        return f"{int(amount):,} {self.unit.replace('_', ' ')}"


def usd(amount: Decimal) -> str:
    """Return an amount of money with two places, or with four where two would hide it."""
    two = amount.quantize(Decimal("0.01"))
    return f"{two:,f}" if two == amount or amount >= 1 else f"{amount.quantize(Decimal('0.0001')):,f}"


def parse_budgets(value: Any) -> tuple[Budget, ...]:
    """Return the budgets in their order. Raises PolicyError."""
    budgets = parse_array("budget", value, _KEYS, _parse)
    refuse_twice("budget", [budget.name for budget in budgets])
    return budgets


def parse_name(table: Table) -> str:
    """Return the name, which refusals and lists show."""
    name = table.text("name")
    if name is None:
        raise PolicyError(table.place, "has no name; give one: it stands in refusals and lists")
    if len(name) > 64 or not name.isprintable():
        raise table.error("name", "is not one line of at most 64 printable characters")
    return name


def _parse(table: Table) -> Budget:
    name = parse_name(table)
    unit, limit = _parse_limit(table)
    window, scope = parse_window(table), parse_scope(table)
    if window.kind == "session" and "session" not in scope.each:
        scope = msgspec.structs.replace(scope, each=("session", *scope.each))
    return Budget(
        name=name,
        scope=scope,
        window=window,
        unit=unit,
        limit=limit,
        warn=_parse_warn(table),
        block=table.flag("block", default=True),
        unpriced=_parse_unpriced(table, unit),
        wait_seconds=table.seconds("wait_seconds") or WAIT_SECONDS,
    )


def _parse_limit(table: Table) -> tuple[str, Decimal]:
    found = [name for name in UNITS if name in table]
    if len(found) != 1:
        raise PolicyError(table.place, f"has {'no limit' if not found else 'several limits'}; give one of {_units()}")
    limit = table.amount(found[0], most=_MOST, is_whole=found[0] != "usd")
    assert limit is not None
    return found[0], limit


def _units() -> str:
    return ", ".join(f"`{name} = ...`" for name in UNITS)


def _parse_warn(table: Table) -> tuple[Decimal, ...]:
    value = table.raw("warn")
    shares = value if isinstance(value, list) else [] if value is None else [value]
    good = all(isinstance(share, int | float) and not isinstance(share, bool) and 0 < share < 1 for share in shares)
    if not good or (isinstance(value, list) and not value):
        raise table.error("warn", f"{value!r} is no list of shares between 0 and 1, as [0.5, 0.8]")
    return tuple(sorted({Decimal(str(share)) for share in shares}))


def _parse_unpriced(table: Table, unit: str) -> Unpriced:
    value = table.raw("unpriced")
    if value is None:
        return "block"
    if unit != "usd":
        raise table.error("unpriced", "is about models without a known price, and so for a budget in usd")
    if value in ("block", "ignore"):
        return "block" if value == "block" else "ignore"
    if isinstance(value, str):
        raise table.error("unpriced", f"{value!r} is neither block nor ignore nor an amount of USD a request")
    amount = table.amount("unpriced", most=_MOST, is_whole=False)
    assert amount is not None
    return amount
