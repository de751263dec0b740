"""The list of interactions: a table for a terminal, tab-separated lines for a pipe."""

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING

from recorder.model import State
from recorder.store.results import InteractionRow
from recorder.view import figures
from recorder.view.columns import Column, make_table, tab_lines
from recorder.view.states import (
    cache_writes,
    colour,
    cost_of,
    indent,
    is_cost_unknown,
    model_name,
    short_model,
    sign,
)

if TYPE_CHECKING:
    from rich.console import RenderableType

_PIPED = (
    "started_utc",
    "id",
    "session_id",
    "agent_id",
    "provider",
    "model",
    "state",
    "status",
    "stop_reason",
    "input_tokens",
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "output_tokens",
    "cost_usd",
    "ttft_ms",
    "duration_ms",
    "tool_calls",
)


def interactions_table(rows: Sequence[InteractionRow], width: int, zone: tzinfo | None = None) -> "RenderableType":
    """Lay interactions out, in the order given, with a line of totals; `width` is the terminal's, in columns."""
    from rich.console import Group  # noqa: PLC0415 -- start-up time: pipes do without rich
    from rich.text import Text  # noqa: PLC0415

    table = make_table(_columns(rows, zone), rows, width)
    return Group(table, Text(""), Text(totals_line(rows), style="dim"))


def interaction_lines(rows: Iterable[InteractionRow]) -> Iterable[str]:
    """Give interactions as tab-separated lines with full ids and UTC times; a cost that is not known is `unknown`."""
    return tab_lines(_PIPED, (_piped(row) for row in rows))


def totals_line(rows: Sequence[InteractionRow]) -> str:
    """Sum interactions up in one line."""
    states = [row.state for row in rows]
    failed = sum(state not in (State.OPEN, State.COMPLETE) for state in states)
    read = sum((row.input_tokens or 0) + (row.cache_read_tokens or 0) + (cache_writes(row) or 0) for row in rows)
    spent = sum((Decimal(row.cost_usd) for row in rows if row.cost_usd is not None), Decimal(0))
    said = [
        figures.times(len(rows), "call"),
        f"{failed} not complete" if failed else "",
        f"{states.count(State.OPEN)} open" if State.OPEN in states else "",
        f"{figures.short_tokens(read)} in, {figures.short_tokens(sum(r.output_tokens or 0 for r in rows))} out",
        figures.cost_sum(spent, sum(map(is_cost_unknown, rows))),
    ]
    return " · ".join(filter(None, said))


def _columns(rows: Sequence[InteractionRow], zone: tzinfo | None) -> list[Column[InteractionRow]]:
    days = {figures.local_time(row.started_utc, zone)[:10] for row in rows}
    ids = figures.short_ids(row.id for row in rows)
    sessions = figures.short_ids(row.session_id for row in rows)
    projects = {row.project for row in rows}
    providers = {row.provider for row in rows}
    columns = [
        _started(days, zone),
        Column[InteractionRow](title="ID", cell=lambda row: ids[row.id], style=lambda _: "bold"),
        Column[InteractionRow](title="Model", cell=_indented_model, flexible=True),
        Column[InteractionRow](title="State", cell=lambda row: f"{sign(row.state)} {row.state}", style=_state_style),
        Column[InteractionRow](title="Ended with", cell=_ending, style=_state_style, drop=5, flexible=True),
        *_FIGURES,
    ]
    if len(sessions) > 1:
        columns.insert(2, Column(title="Session", cell=lambda row: sessions.get(row.session_id or "", "-"), drop=6))
    if len(projects) > 1:
        columns.insert(2, Column(title="Project", cell=lambda row: row.project or "-", drop=8, flexible=True))
    if len(providers) > 1:
        columns.insert(-len(_FIGURES) - 2, Column(title="Provider", cell=lambda row: row.provider, drop=9))
    return columns


_FIGURES = [
    Column[InteractionRow](title="In", cell=lambda row: figures.short_tokens(row.input_tokens), right=True),
    Column[InteractionRow](
        title="Cached", cell=lambda row: figures.short_tokens(row.cache_read_tokens), right=True, drop=2
    ),
    Column[InteractionRow](
        title="Written", cell=lambda row: figures.short_tokens(cache_writes(row)), right=True, drop=3
    ),
    Column[InteractionRow](title="Out", cell=lambda row: figures.short_tokens(row.output_tokens), right=True),
    Column[InteractionRow](title="Tools", cell=lambda row: str(row.tool_calls or figures.NOTHING), right=True, drop=4),
    Column[InteractionRow](
        title="Cost", cell=cost_of, right=True, style=lambda row: "yellow" if is_cost_unknown(row) else ""
    ),
    Column[InteractionRow](title="First", cell=lambda row: figures.duration(row.ttft_ms), right=True, drop=7),
    Column[InteractionRow](title="Took", cell=lambda row: figures.duration(row.duration_ms), right=True, drop=1),
]


def _started(days: set[str], zone: tzinfo | None) -> Column[InteractionRow]:
    """Make the column of times: with the date in each line only where dates differ, else in the title."""
    if len(days) == 1:
        return Column(title=next(iter(days))[5:], cell=lambda row: _clock(row, zone), style=lambda _: "dim")
    return Column(
        title="Started", cell=lambda row: figures.local_time(row.started_utc, zone)[5:16], style=lambda _: "dim"
    )


def _clock(row: InteractionRow, zone: tzinfo | None) -> str:
    return figures.local_time(row.started_utc, zone, date=False)


def _indented_model(row: InteractionRow) -> str:
    return indent(row) + short_model(model_name(row))


def _state_style(row: InteractionRow) -> str:
    return colour(row.state)


def _ending(row: InteractionRow) -> str:
    if row.state == State.COMPLETE:
        return row.stop_reason or figures.NOTHING
    status = f"{row.status} " if row.status and row.status >= 400 else ""
    return status + (row.error_type or row.state_reason or row.stop_reason or figures.NOTHING)


def _piped(row: InteractionRow) -> list[object]:
    values: list[object] = [getattr(row, name) for name in _PIPED]
    if is_cost_unknown(row):
        values[_PIPED.index("cost_usd")] = figures.UNKNOWN
    return values
