"""Tokens and cost by a key, with a bar: of cost where any is known, else of tokens."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from recorder.store.results import UsageRow
from recorder.view import figures
from recorder.view.columns import Column, make_table, tab_lines

if TYPE_CHECKING:
    from rich.console import RenderableType

type Trend = Mapping[str | None, Mapping[str, Decimal]]
"""Key → day of UTC → what was spent."""

_PIPED = UsageRow.__struct_fields__
_SUMMED = [name for name in _PIPED if name not in ("key", "cost_usd")]
TOTAL = "Total"

_TREND_CELLS = 21
_BAR_LEAST, _BAR_MOST = 8, 30
_FIGURES_WIDTH = 76
"""What the columns between key and bar take on a wide terminal."""


def usage_table(rows: Sequence[UsageRow], by: str, width: int, trend: "Trend | None" = None) -> "RenderableType":
    """Lay sums out with a line of totals when there are several; `by` is the title of the keys' column.

    `trend` is what each key spent by day; over more than one day it becomes a column.
    """
    lines = _trend_lines(rows, trend or {})
    largest = max((_weight(row, rows) for row in rows), default=Decimal(0)) or Decimal(1)
    total = total_of(rows)
    ids = figures.short_ids(row.key for row in rows) if by == "session" else {}
    longest_key = max((len(ids.get(row.key or "", row.key or "")) for row in rows), default=0)
    bar_width = max(_BAR_LEAST, min(_BAR_MOST, width - _FIGURES_WIDTH - longest_key))

    def key(row: UsageRow) -> str:
        return TOTAL if row is total else ids.get(row.key or "", row.key or "(none)")

    def bar(row: UsageRow) -> str:
        return "" if row is total else figures.bar(float(_weight(row, rows) / largest), bar_width)

    def spent(row: UsageRow) -> str:
        return "" if row is total else lines.get(row.key, "")

    def weight(row: UsageRow) -> str:
        return "bold" if row is total else ""

    columns = [
        Column[UsageRow](title=f"{by[:1].upper()}{by[1:]}", cell=key, flexible=True),
        Column[UsageRow](title="Calls", cell=lambda row: f"{row.interactions:,}", right=True),
        _tokens("In", "input_tokens"),
        _tokens("Cached", "cache_read_tokens"),
        *_written(width),
        _tokens("Out", "output_tokens"),
        Column[UsageRow](title="Cost", cell=_cost, right=True),
        *([_UNKNOWN] if total.unknown_costs else []),
        *([Column[UsageRow](title="Trend", cell=spent, style=lambda _: "green", drop=2)] if lines else []),
        Column[UsageRow](title="", cell=bar, style=lambda _: "cyan", drop=1),
    ]
    return make_table(columns, [*rows, total] if len(rows) > 1 else rows, width, row_style=weight)


_UNKNOWN = Column[UsageRow](
    title="Unknown",
    cell=lambda row: str(row.unknown_costs or figures.NOTHING),
    style=lambda row: "yellow" if row.unknown_costs else "",
    right=True,
)
"""Shown where any cost is not known."""


def _trend_lines(rows: Sequence[UsageRow], trend: "Trend") -> dict[str | None, str]:
    """Draw a line for each key, a cell a day, or for many days so many days a cell."""
    days = sorted({day for spent in trend.values() for day in spent})
    if len(days) < 2:
        return {}
    first, last = date.fromisoformat(days[0]), date.fromisoformat(days[-1])
    step = -(-((last - first).days + 1) // _TREND_CELLS)
    cells = (last - first).days // step + 1

    def line(spent: Mapping[str, Decimal]) -> str:
        sums = [Decimal(0)] * cells
        for day, value in spent.items():
            sums[(date.fromisoformat(day) - first).days // step] += value
        return figures.sparkline(map(float, sums))

    return {row.key: line(trend.get(row.key, {})) for row in rows}


def usage_lines(rows: Iterable[UsageRow]) -> Iterable[str]:
    """Give sums as tab-separated lines, exact."""
    return tab_lines(_PIPED, (_piped(row) for row in rows))


def total_of(rows: Sequence[UsageRow]) -> UsageRow:
    """Sum rows up, money exactly."""
    sums = {name: sum(getattr(row, name) for row in rows) for name in _SUMMED}
    spent = sum((Decimal(row.cost_usd) for row in rows), Decimal(0))
    return msgspec.convert({"key": None, "cost_usd": format(spent, "f"), **sums}, UsageRow)


def is_cost_known(row: UsageRow) -> bool:
    """Tell whether any cost in the sum is known."""
    return not row.unknown_costs or bool(Decimal(row.cost_usd))


def _cost(row: UsageRow) -> str:
    return figures.cost(row.cost_usd) if is_cost_known(row) else figures.UNKNOWN


def _weight(row: UsageRow, rows: Iterable[UsageRow]) -> Decimal:
    if any(Decimal(other.cost_usd) for other in rows):
        return Decimal(row.cost_usd)
    return Decimal(row.input_tokens + row.cache_read_tokens + row.output_tokens)


def _written(width: int) -> list[Column[UsageRow]]:
    """Make the columns of cache writes: by lifetime, which has its price, where there is room."""
    if width >= 110:
        return [_tokens("Written 5m", "cache_write_5m_tokens"), _tokens("Written 1h", "cache_write_1h_tokens")]
    both = Column[UsageRow](
        title="Written",
        cell=lambda row: figures.short_tokens(row.cache_write_5m_tokens + row.cache_write_1h_tokens),
        right=True,
    )
    return [both]


def _tokens(title: str, name: str) -> Column[UsageRow]:
    return Column(title=title, cell=lambda row: figures.short_tokens(getattr(row, name)), right=True)


def _piped(row: UsageRow) -> list[object]:
    values = msgspec.structs.asdict(row)
    if not is_cost_known(row):
        values["cost_usd"] = figures.UNKNOWN
    return [values[name] for name in _PIPED]
