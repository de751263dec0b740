"""What went wrong, and how often: a table for a terminal, tab-separated lines for a pipe."""

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING

from recorder.store.results import ErrorRow
from recorder.view import figures
from recorder.view.columns import Column, make_table, tab_lines
from recorder.view.states import colour, sign
from recorder.view.text import first_line

if TYPE_CHECKING:
    from rich.console import RenderableType

_PIPED = ErrorRow.__struct_fields__
_MESSAGE = 200


def errors_table(rows: Sequence[ErrorRow], width: int, zone: tzinfo | None = None) -> "RenderableType":
    """Lay groups of failures out; what the newest of each said is in the last column."""
    ids = figures.short_ids(row.last_id for row in rows)
    columns = [
        Column[ErrorRow](title="Calls", cell=lambda row: f"{row.interactions:,}", right=True),
        Column[ErrorRow](
            title="State", cell=lambda row: f"{sign(row.state)} {row.state}", style=lambda row: colour(row.state)
        ),
        Column[ErrorRow](title="HTTP", cell=lambda row: str(row.status or figures.NOTHING), right=True),
        Column[ErrorRow](title="Error", cell=lambda row: row.error_type or figures.NOTHING, flexible=True),
        Column[ErrorRow](title="Provider", cell=lambda row: row.provider, drop=2),
        Column[ErrorRow](title="Sessions", cell=lambda row: f"{row.sessions:,}", right=True, drop=3),
        Column[ErrorRow](title="Retries", cell=lambda row: str(row.retries or figures.NOTHING), right=True, drop=4),
        Column[ErrorRow](
            title="Last", cell=lambda row: figures.local_time(row.last_utc, zone)[5:16], style=lambda _: "dim"
        ),
        Column[ErrorRow](title="Call", cell=lambda row: ids[row.last_id], style=lambda _: "bold"),
        Column[ErrorRow](title="Said", cell=_said, style=lambda _: "dim", flexible=True, drop=1),
    ]
    return make_table(columns, rows, width)


def error_lines(rows: Iterable[ErrorRow]) -> Iterable[str]:
    """Give groups of failures as tab-separated lines with full ids and UTC times."""
    return tab_lines(_PIPED, ([getattr(row, name) for name in _PIPED] for row in rows))


def _said(row: ErrorRow) -> str:
    return first_line(row.last_message or row.last_reason or "", _MESSAGE) or figures.NOTHING
