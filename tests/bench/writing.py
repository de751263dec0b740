"""Numbers, ratios and tables as Markdown has them."""

from collections.abc import Iterable, Sequence

from tests.bench.figures import Ratio

NONE = "\N{EN DASH}"
TIMES = "\N{MULTIPLICATION SIGN}"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def number(value: float) -> str:
    """Write a number with three digits that count."""
    size = abs(value)
    return f"{value:.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.2f}"


def written(found: Ratio | None) -> str:
    """Write a ratio with its interval; with few pairs there is none worth writing."""
    if found is None:
        return NONE
    if found.low == found.high:
        return f"{number(found.median)} {TIMES}"
    return f"{number(found.median)} {TIMES}, {number(found.low)} to {number(found.high)}"
