"""What is not on the record, or not whole: a table for a terminal, tab-separated lines for a pipe."""

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING

from recorder.store.gaps import Gap
from recorder.view import figures
from recorder.view.columns import Column, make_table, tab_lines

if TYPE_CHECKING:
    from rich.console import RenderableType

_PIPED = ("kind", "since_utc", "until_utc", "for", "requests", "bytes", "of", "reason")


def gaps_table(gaps: Sequence[Gap], width: int, zone: tzinfo | None = None) -> "RenderableType":
    """Lay gaps out, in the order given; `width` is the terminal's, in columns."""
    ids = figures.short_ids(gap.interaction for gap in gaps)
    columns = [
        Column[Gap](title="Since", cell=lambda gap: figures.local_time(gap.since_utc, zone)[5:], style=lambda _: "dim"),
        Column[Gap](title="For", cell=_duration, right=True),
        Column[Gap](title="What", cell=lambda gap: gap.kind, style=lambda _: "yellow"),
        Column[Gap](title="Requests", cell=lambda gap: f"{gap.requests:,}", right=True, drop=2),
        Column[Gap](title="Bytes", cell=lambda gap: figures.size(gap.bytes), right=True, drop=1),
        Column[Gap](
            title="Of", cell=lambda gap: ids.get(gap.interaction or "") or gap.run_id or figures.NOTHING, flexible=True
        ),
        Column[Gap](title="Why", cell=lambda gap: gap.reason or figures.NOTHING, flexible=True),
    ]
    return make_table(columns, gaps, width)


def gap_lines(gaps: Iterable[Gap]) -> Iterable[str]:
    """Give gaps as tab-separated lines with full ids and UTC times."""
    rows = (
        [
            gap.kind,
            gap.since_utc,
            gap.until_utc or "-",
            _duration(gap),
            str(gap.requests),
            figures.size(gap.bytes),
            gap.interaction or gap.run_id or "-",
            gap.reason or "-",
        ]
        for gap in gaps
    )
    return tab_lines(_PIPED, rows)


def _duration(gap: Gap) -> str:
    return figures.duration(None if gap.seconds is None else gap.seconds * 1000)
