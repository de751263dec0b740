"""Numbers as people read them: one way for each unit, so that every view says the same.

Money goes from decimal string to display through `Decimal`; an unknown cost is the word "unknown", never 0.
"""

import itertools
from collections.abc import Iterable
from datetime import datetime, tzinfo
from decimal import Decimal

UNKNOWN = "unknown"
NOTHING = "-"
"""Shown where there is nothing to show, as opposed to something not known."""

_SMALLEST = Decimal("0.0001")
"""One unit of the last place shown: four places keep a cheap call's cost apart from none."""


def cost(usd: str | Decimal | None) -> str:
    """`$0.0123`; `<$0.0001` for what would round to nothing; `unknown` for None."""
    if usd is None:
        return UNKNOWN
    amount = Decimal(usd)
    if 0 < amount < _SMALLEST:
        return f"<${_SMALLEST}"
    return f"${amount:,.4f}"


def cost_sum(usd: str | Decimal | None, unknown: int) -> str:
    """Show a sum with what it does not contain: `$1.2000 + 2 unknown`, `3 unknown`."""
    if not unknown:
        return cost(usd)
    missing = f"{unknown} {UNKNOWN}"
    return f"{cost(usd)} + {missing}" if usd is not None and Decimal(usd) else missing


def tokens(count: int | None) -> str:
    """`12,345`; `-` when the provider did not say."""
    return NOTHING if count is None else f"{count:,}"


def short_tokens(count: int | None) -> str:
    """At most five characters: `987`, `12.3k`, `1.20M`."""
    if count is None:
        return NOTHING
    if count < 1000:
        return str(count)
    if count < 999_500:
        return f"{count / 1000:.1f}k" if count < 99_950 else f"{count / 1000:.0f}k"
    return f"{count / 1e6:.2f}M" if count < 9_995_000 else f"{count / 1e6:.0f}M"


def duration(ms: float | None) -> str:
    """`812 ms`, `1.24 s`, `48.1 s`, `2m 05s`, `1h 02m`; `-` for None."""
    if ms is None:
        return NOTHING
    if ms < 999.5:
        return f"{ms:.0f} ms"
    seconds = ms / 1000
    if seconds < 59.95:
        return f"{seconds:.2f} s" if seconds < 9.995 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}m {rest:02}s"
    return f"{minutes // 60}h {minutes % 60:02}m"


def size(count: int | None) -> str:
    """`512 B`, `1.5 kB`, `23 MB` (powers of 1000)."""
    if count is None:
        return NOTHING
    if count < 1000:
        return f"{count} B"
    value = float(count)
    for unit in ("kB", "MB"):
        value /= 1000
        if value < 999.5:
            return f"{value:.1f} {unit}" if value < 9.95 else f"{value:.0f} {unit}"
    return f"{value / 1000:.1f} GB"


def times(count: int, one: str, many: str | None = None) -> str:
    """`1 message`, `2 messages`; `many` for a plural that is not formed with s."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def local_time(utc: str | None, zone: tzinfo | None = None, *, date: bool = True) -> str:
    """Show a UTC time (ISO 8601) in `zone` (None: the machine's): `2026-11-23 14:05:09`, or only `14:05:09`."""
    if utc is None:
        return NOTHING
    moment = datetime.fromisoformat(utc).astimezone(zone)
    return moment.strftime("%Y-%m-%d %H:%M:%S" if date else "%H:%M:%S")


def bar(share: float, width: int) -> str:
    """Draw a bar of `share` (0 to 1) of `width` cells, to an eighth of a cell; never invisible for a share above 0."""
    eighths = round(min(max(share, 0.0), 1.0) * width * 8)
    if share > 0:
        eighths = max(eighths, 1)
    full, rest = divmod(eighths, 8)
    return "█" * full + ("▏▎▍▌▋▊▉"[rest - 1] if rest else "")


def short_ids(ids: Iterable[str | None], at_least: int = 8) -> dict[str, str]:
    """Shorten each id to the length at which all of `ids` stay apart, `at_least` characters.

    Ids that begin with a time share long beginnings; a fixed length would show the same id twice.
    """
    known = sorted({i for i in ids if i is not None})
    length = at_least
    for before, after in itertools.pairwise(known):
        shared = next((n for n, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), len(before))
        length = max(length, shared + 1)
    return {i: i[:length].rstrip("-") for i in known}


def sparkline(values: Iterable[float]) -> str:
    """Draw values as a line of bars, the highest as tall as a cell; a blank for 0, never for more."""
    known = list(values)
    highest = max(known, default=0) or 1
    return "".join("▁▂▃▄▅▆▇█"[min(7, int(value / highest * 8))] if value > 0 else " " for value in known)
