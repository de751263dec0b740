"""The list of sessions: a table for a terminal, tab-separated lines for a pipe."""

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING

from recorder.store.results import SessionRow
from recorder.view import figures
from recorder.view.columns import Column, make_table, tab_lines
from recorder.view.states import short_model

if TYPE_CHECKING:
    from rich.console import RenderableType

_PIPED = (
    "started_utc",
    "last_utc",
    "id",
    "project",
    "user",
    "interactions",
    "failed",
    "agents",
    "tool_calls",
    "input_tokens",
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "output_tokens",
    "cost_usd",
    "unknown_costs",
)


def sessions_table(rows: Sequence[SessionRow], width: int, zone: tzinfo | None = None) -> "RenderableType":
    """Lay sessions out, in the order given; `width` is the terminal's, in columns."""
    ids = figures.short_ids(row.id for row in rows)
    columns = [
        Column[SessionRow](
            title="Last active",
            cell=lambda row: figures.local_time(row.last_utc, zone)[5:16],
            style=lambda _: "dim",
        ),
        Column[SessionRow](title="Session", cell=lambda row: ids.get(row.id or "", "(none)"), style=lambda _: "bold"),
        Column[SessionRow](title="Project", cell=lambda row: row.project or figures.NOTHING, flexible=True),
        Column[SessionRow](title="Models", cell=_models, flexible=True, drop=2),
        Column[SessionRow](title="Calls", cell=lambda row: f"{row.interactions:,}", right=True),
        Column[SessionRow](
            title="Failed",
            cell=lambda row: str(row.failed or figures.NOTHING),
            style=lambda row: "red" if row.failed else "",
            right=True,
        ),
        Column[SessionRow](title="Agents", cell=lambda row: str(row.agents or figures.NOTHING), right=True, drop=3),
        Column[SessionRow](title="Tools", cell=lambda row: str(row.tool_calls or figures.NOTHING), right=True, drop=1),
        Column[SessionRow](title="In", cell=lambda row: figures.short_tokens(_read(row)), right=True),
        Column[SessionRow](title="Out", cell=lambda row: figures.short_tokens(row.output_tokens), right=True),
        Column[SessionRow](
            title="Cost",
            cell=lambda row: figures.cost_sum(row.cost_usd, row.unknown_costs),
            style=lambda row: "yellow" if row.unknown_costs else "",
            right=True,
        ),
    ]
    return make_table(columns, rows, width)


def session_lines(rows: Iterable[SessionRow]) -> Iterable[str]:
    """Give sessions as tab-separated lines with full ids and UTC times."""
    return tab_lines(_PIPED, ([getattr(row, name) for name in _PIPED] for row in rows))


def _read(row: SessionRow) -> int:
    """Sum all tokens that were sent, whether the cache had them or not."""
    return row.input_tokens + row.cache_read_tokens + row.cache_write_5m_tokens + row.cache_write_1h_tokens


def _models(row: SessionRow) -> str:
    return ", ".join(map(short_model, row.models)) or figures.NOTHING
