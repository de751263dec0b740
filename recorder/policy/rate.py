"""`[[rate]]`: how fast requests may come, and how many may run at once."""

from decimal import Decimal
from typing import Any

import msgspec

from recorder.policy.budget import parse_name
from recorder.policy.spending import Amounts
from recorder.policy.subject import Scope, parse_scope
from recorder.policy.tables import PolicyError, Table, parse_array, refuse_twice

UNITS = ("requests", "input_tokens", "output_tokens")
"""What a rate may limit a minute."""
_FLOWS = tuple(f"{unit}_per_minute" for unit in UNITS)
_KEYS = ("name", "when", "each", *_FLOWS, "streams", "wait_seconds")
_MOST = Decimal(10) ** 9
WAIT_SECONDS = 30.0


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """One limit, or one for each value of its scope."""

    name: str
    scope: Scope
    per_minute: tuple[tuple[str, int], ...] = ()
    """Unit (one of `UNITS`) and how many of it a minute."""
    streams: int | None = None
    """How many may be under way at once."""
    wait_seconds: float = WAIT_SECONDS
    """How long a request may be held back before it is refused."""

    def amount(self, unit: str, expected: Amounts) -> int:
        """Return how much a request takes."""
        found: int = getattr(expected, unit)
        return found

    def said(self, unit: str) -> str:
        """Return the limit as a person reads it."""
        return f"{dict(self.per_minute)[unit]:,} {unit.replace('_', ' ')} a minute"


def parse_rates(value: Any) -> tuple[Rate, ...]:
    """Return the rates in their order. Raises PolicyError."""
    rates = parse_array("rate", value, _KEYS, _parse)
    refuse_twice("rate", [rate.name for rate in rates])
    return rates


def _parse(table: Table) -> Rate:
    name = parse_name(table)
    found = [(unit, table.amount(key, most=_MOST, is_whole=True)) for unit, key in zip(UNITS, _FLOWS, strict=True)]
    per_minute = tuple((unit, int(limit)) for unit, limit in found if limit is not None)
    streams = table.amount("streams", most=_MOST, is_whole=True)
    if not per_minute and streams is None:
        raise PolicyError(table.place, f"limits nothing; give one of {', '.join((*_FLOWS, 'streams'))}")
    seconds = table.seconds("wait_seconds") if table.raw("wait_seconds") != 0 else 0.0
    return Rate(
        name=name,
        scope=parse_scope(table),
        per_minute=per_minute,
        streams=None if streams is None else int(streams),
        wait_seconds=WAIT_SECONDS if seconds is None else seconds,
    )
