"""What somebody counted, in one form: calls of a transcript, sums of a provider, rows of the record."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

import msgspec

from recorder.store.results import InteractionRow

TOKENS = (
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
)


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """One call, or all calls of a day and model."""

    day: str
    """UTC, `2026-11-25`."""
    model: str
    input_tokens: int = 0
    """Without those of caches."""
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_5m_tokens: int = 0
    cache_write_1h_tokens: int = 0
    cost_usd: Decimal | None = None
    """None: not said."""
    at_utc: str = ""
    """Of a call: when."""
    request_id: str | None = None
    message_id: str | None = None
    where: str = ""
    """Of a call: where it is written down, or its id on the record."""

    @property
    def tokens(self) -> tuple[int, ...]:
        """The counts, in the order of `TOKENS`."""
        return tuple(getattr(self, name) for name in TOKENS)


def recorded(row: InteractionRow) -> Counted:
    """Return what the record counted for an interaction."""
    return Counted(
        day=row.started_utc[:10],
        model=row.model_answered or row.model or "",
        **{name: getattr(row, name) or 0 for name in TOKENS},
        cost_usd=None if row.cost_usd is None else Decimal(row.cost_usd),
        at_utc=row.started_utc,
        request_id=row.request_id,
        message_id=row.message_id,
        where=row.id,
    )


def by_day_and_model(counted: Iterable[Counted]) -> dict[tuple[str, str], Counted]:
    """Sum up; the cost of a sum is that of those that say theirs, None when none does."""
    groups: defaultdict[tuple[str, str], list[Counted]] = defaultdict(list)
    for one in counted:
        groups[one.day, one.model].append(one)
    return {key: _sum(*key, some) for key, some in groups.items()}


def _sum(day: str, model: str, some: list[Counted]) -> Counted:
    costs = [one.cost_usd for one in some if one.cost_usd is not None]
    return Counted(
        day=day,
        model=model,
        **{name: sum(getattr(one, name) for one in some) for name in TOKENS},
        cost_usd=sum(costs, Decimal(0)) if costs else None,
    )
