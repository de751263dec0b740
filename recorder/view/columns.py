"""Tables as lists of columns: one description gives the table of a terminal and the tab-separated lines of a pipe.

A column says how soon it can be done without, so that 80 columns hold what matters most and wide terminals all.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from recorder.view.text import clean_line

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text


_FLEXIBLE_MINIMUM = 16
"""A flexible column is not squeezed below this as long as another one can go instead."""


@dataclass(frozen=True, kw_only=True)
class Column[R]:
    """One column over rows `R`: its title, its cell as text, its style."""

    title: str
    cell: Callable[[R], str]
    style: Callable[[R], str] = lambda _: ""
    right: bool = False
    drop: int = 0
    """When the terminal is too narrow, the column with the highest number goes first; 0 stays."""
    flexible: bool = False
    """Gives way, cut with `…`, when the terminal is too narrow."""


def make_table[R](
    columns: Sequence[Column[R]], rows: Sequence[R], width: int, *, row_style: Callable[[R], str] = lambda _: ""
) -> "Table":
    """Lay rows out for a terminal of `width` columns: what does not fit is left out, the least important first."""
    from rich.table import Table  # noqa: PLC0415 -- start-up time: pipes do without rich
    from rich.text import Text  # noqa: PLC0415

    gap = 2 if width >= 100 else 1
    laid_out = _fitting([_lay_out(column, rows) for column in columns], width, gap)
    # Where nothing else can go, texts are cut rather than figures.
    is_tight = _all(laid_out, gap) > width
    table = Table(box=None, pad_edge=False, padding=(0, gap, 0, 0), header_style="bold")
    for column, cells in laid_out:
        gives_way = column.flexible or (is_tight and not column.right)
        table.add_column(
            Text(column.title, no_wrap=True, overflow="ellipsis"),
            justify="right" if column.right else "left",
            # rich squeezes columns that may wrap before it touches the others; their cells are cut, not wrapped.
            no_wrap=not gives_way,
            overflow="ellipsis",
            width=None if gives_way else _natural(column, cells),
        )
    for row, *cells in zip(rows, *(cells for _, cells in laid_out), strict=True):
        table.add_row(*cells, style=row_style(row))
    return table


def _lay_out[R](column: Column[R], rows: Sequence[R]) -> "tuple[Column[R], list[Text]]":
    return column, [_cell(column, row) for row in rows]


def _fitting[R](laid_out: "list[tuple[Column[R], list[Text]]]", width: int, gap: int) -> Any:
    """Leave columns out until the rest fits."""
    while _all(laid_out, gap) > width:
        last = max(laid_out, key=lambda one: one[0].drop)
        if not last[0].drop:
            break
        laid_out = [one for one in laid_out if one is not last]
    return laid_out


def _all[R](laid_out: "list[tuple[Column[R], list[Text]]]", gap: int) -> int:
    return sum(_least(column, cells) + gap for column, cells in laid_out) - gap


def _natural[R](column: Column[R], cells: "Sequence[Text]") -> int:
    return max(len(column.title), *(cell.cell_len for cell in cells), 0)


def _least[R](column: Column[R], cells: "Sequence[Text]") -> int:
    natural = _natural(column, cells)
    return min(natural, _FLEXIBLE_MINIMUM) if column.flexible else natural


def tab_lines(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterable[str]:
    """Give a line of titles and one line per row, tab-separated and exact, None as nothing."""
    yield "\t".join(titles)
    for row in rows:
        yield "\t".join("" if value is None else clean_line(str(value)) for value in row)


def _cell[R](column: Column[R], row: R) -> "Text":
    from rich.text import Text  # noqa: PLC0415

    return Text(clean_line(column.cell(row)), style=column.style(row), no_wrap=True, overflow="ellipsis")
