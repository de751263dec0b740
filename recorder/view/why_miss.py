"""Why the cache missed, for people: one interaction in full, a session as a table."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING

from recorder.view import figures
from recorder.view.columns import Column, make_table, tab_lines
from recorder.view.misses import Cause, Miss, lost_usd
from recorder.view.states import cache_writes, indent, model_name, short_model
from recorder.view.text import clean, clean_line

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

_MOST_LINES = 30
_STYLES = {"+": "green", "-": "red"}
_FINE = frozenset({Cause.HIT, Cause.FIRST, Cause.NOT_CACHED})
_PIPED = ("started_utc", "id", "cause", "where", "could_read_tokens", "read_tokens", "lost_tokens", "lost_usd", "gap_s")


def miss_text(miss: Miss, zone: tzinfo | None = None) -> "RenderableType":
    """Lay one explanation out, with what differs."""
    from rich.console import Group  # noqa: PLC0415 -- start-up time: pipes do without rich
    from rich.text import Text  # noqa: PLC0415

    row = miss.row
    head = Text.assemble(
        (row.id, "bold"), (f"  {figures.local_time(row.started_utc, zone)} · {short_model(model_name(row))}", "dim")
    )
    cause = f"{miss.cause}{f': {miss.where}' if miss.where else ''}"
    return Group(
        head,
        Text(clean_line(cause), style="green" if miss.cause in _FINE else "bold yellow"),
        *_facts(miss),
        *_changes(miss),
    )


def _facts(miss: Miss) -> "Iterator[Text]":
    from rich.text import Text  # noqa: PLC0415

    row = miss.row
    read, written = figures.tokens(row.cache_read_tokens), figures.tokens(cache_writes(row))
    yield Text(f"read {read} of {figures.tokens(miss.could_read_tokens)} tokens that were cached, wrote {written}")
    if miss.lost_tokens:
        yield Text(f"{figures.tokens(miss.lost_tokens)} tokens sent again: {_cost(miss)} more than reading them")
    if miss.before is not None and miss.gap_s is not None:
        yield Text(f"{figures.duration(miss.gap_s * 1000)} after {miss.before.id}", style="dim")


def _changes(miss: Miss) -> "Iterator[Text]":
    from rich.text import Text  # noqa: PLC0415

    shown = [line for line in miss.lines if not line.startswith("@@")]
    for line in shown[:_MOST_LINES]:
        yield Text(clean(line), style=_STYLES.get(line[:1], "dim"))
    if len(shown) > _MOST_LINES and miss.before is not None:
        command = f"recorder diff {miss.before.id} {miss.row.id}"
        yield Text(f"… {len(shown) - _MOST_LINES:,} more lines: {command}", style="dim italic")


def misses_table(misses: Sequence[Miss], width: int, zone: tzinfo | None = None) -> "RenderableType":
    """Lay the calls of a session out that lost something, with a line of totals below."""
    from rich.console import Group  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    lost = [miss for miss in misses if miss.lost_tokens]
    usd, unknown = lost_usd(lost)
    total = sum(miss.lost_tokens for miss in lost)
    said = f"{figures.times(len(lost), 'miss', 'misses')} in {figures.times(len(misses), 'call')}"
    summary = (
        f"{said}: {figures.tokens(total)} tokens sent again, cost beyond reading: {figures.cost_sum(usd, unknown)}"
    )
    if not lost:
        return Text(f"{said}.", style="green")
    ids = figures.short_ids(miss.row.id for miss in lost)
    columns = [
        Column[Miss](title="When", cell=lambda miss: figures.local_time(miss.row.started_utc, zone)[11:], drop=3),
        Column[Miss](title="Call", cell=lambda miss: ids[miss.row.id], style=lambda _: "bold"),
        Column[Miss](title="Model", cell=lambda miss: indent(miss.row) + short_model(model_name(miss.row)), drop=2),
        Column[Miss](title="Why", cell=lambda miss: miss.cause.value, style=lambda _: "yellow"),
        Column[Miss](title="Where", cell=lambda miss: miss.where or figures.NOTHING, flexible=True),
        Column[Miss](title="Gap", cell=lambda miss: figures.duration((miss.gap_s or 0) * 1000), right=True, drop=1),
        Column[Miss](title="Read", cell=lambda miss: figures.short_tokens(miss.row.cache_read_tokens), right=True),
        Column[Miss](title="Lost", cell=lambda miss: figures.short_tokens(miss.lost_tokens), right=True),
        Column[Miss](title="Cost", cell=_cost, right=True),
    ]
    return Group(make_table(columns, lost, width), Text(""), Text(summary, style="bold"))


def miss_lines(misses: Iterable[Miss]) -> Iterable[str]:
    """Give all calls as tab-separated lines, exact."""
    rows = (
        (
            miss.row.started_utc,
            miss.row.id,
            miss.cause.value,
            miss.where,
            miss.could_read_tokens,
            miss.row.cache_read_tokens,
            miss.lost_tokens,
            miss.lost_usd,
            miss.gap_s,
        )
        for miss in misses
    )
    return tab_lines(_PIPED, rows)


def _cost(miss: Miss) -> str:
    return figures.cost(miss.lost_usd)
