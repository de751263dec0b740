"""The picture of a run: ratios to the base on a logarithmic line, and the writer's work turn by turn. SVG by hand."""

import math
import statistics
from collections.abc import Sequence
from html import escape

import msgspec

from tests.bench.contestants import BASE, DIRECT
from tests.bench.figures import Ratio
from tests.bench.results import Results
from tests.bench.rounds import SLOW
from tests.bench.tables import ratio_of
from tests.bench.writing import number

WIDTH, LEFT, RIGHT = 860, 350, 820
ROW, TOP = 26, 84
PLOT_HEIGHT = 150
COLOURS = ("#0969da", "#1a7f37", "#9a6700", "#cf222e", "#8250df")
ROWS = (
    (f"{SLOW} 20 KB", "first_ms_p50", "added time to first byte, 20 KB"),
    (f"{SLOW} 1 MB", "first_ms_p50", "added time to first byte, 1 MB"),
    (f"{SLOW} 20 MB", "first_ms_p50", "added time to first byte, 20 MB"),
    ("body 20 KB, 1 at once", "first_ms_p50", "the same, 20 KB, a provider without latency"),
    ("body 1 MB, 1 at once", "first_ms_p50", "the same, 1 MB, a provider without latency"),
    ("streams, 8 at once", "delay_ms_p50", "delay of an event, median, 8 streams"),
    ("streams, 8 at once", "delay_ms_p99", "delay of an event, p99, 8 streams"),
    ("streams beside 1 MB bodies", "delay_ms_p99", "delay of an event, p99, beside 1 MB bodies"),
    ("rate, 1 connections", "cpu_ms", "processor time a request, proxy's process"),
    ("rate, 8 connections", "per_second", "requests a second, 8 connections (more is better)"),
)
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#24292f}.small{font-size:11px;fill:#57606a}"
    ".title{font-weight:600}.line{stroke:#d0d7de}.base{stroke:#57606a;stroke-dasharray:4 3}"
    ".back{fill:#fff}"
)


class Dot(msgspec.Struct, frozen=True):
    """One ratio in one row."""

    row: int
    colour: str
    found: Ratio


def svg(results: Results) -> str:
    """Return the picture."""
    others = [name for name in results.contestants if name not in {DIRECT.name, BASE.name}]
    colours = dict(zip(others, COLOURS, strict=False))
    rows = [row for row in ROWS if row[0] in results.samples]
    dots = [
        Dot(at, colours[name], found)
        for at, (scenario, figure, _) in enumerate(rows)
        for name in others
        if (found := ratio_of(results, scenario, figure, name))
    ]
    below = TOP + ROW * len(rows) + 40
    parts = [
        *_legend(colours),
        *_scale(dots, len(rows)),
        *(_text(12, TOP + ROW * at + 17, row[2]) for at, row in enumerate(rows)),
    ]
    parts += _turns(results, colours, below)
    height = below + PLOT_HEIGHT + 70
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}">'
    back = f'<style>{_STYLE}</style><rect class="back" width="{WIDTH}" height="{height}" rx="6"/>'
    return "\n".join([head, back, *parts, "</svg>"]) + "\n"


def _legend(colours: dict[str, str]) -> list[str]:
    parts = [_text(12, 26, f"Beside {BASE.name}, streaming and recording nothing, in the same rounds", "title")]
    for at, (name, colour) in enumerate(colours.items()):
        parts.append(f'<circle cx="{18 + 165 * at}" cy="48" r="5" fill="{colour}"/>')
        parts.append(_text(28 + 165 * at, 52, name))
    return parts


def _scale(dots: Sequence[Dot], rows: int) -> list[str]:
    ends = [abs(math.log10(value)) for dot in dots for value in (dot.found.low, dot.found.high) if value > 0]
    decades = max(1, math.ceil(max(ends, default=1)))

    def at(value: float) -> float:
        place = (math.log10(max(value, 10.0**-decades)) + decades) / (2 * decades)
        return LEFT + place * (RIGHT - LEFT)

    bottom = TOP + ROW * rows
    parts = []
    for power in range(-decades, decades + 1):
        style = "line" if power else "base"
        parts.append(f'<line class="{style}" x1="{at(10**power):.1f}" x2="{at(10**power):.1f}" y1="70" y2="{bottom}"/>')
        parts.append(_text(at(10**power), bottom + 16, f"{10.0**power:g}", "small", "middle"))
    for dot in dots:
        y = TOP + ROW * dot.row + 13
        parts.append(
            f'<line x1="{at(dot.found.low):.1f}" x2="{at(dot.found.high):.1f}" y1="{y}" y2="{y}" '
            f'stroke="{dot.colour}" stroke-width="2" opacity="0.5"/>'
            f'<circle cx="{at(dot.found.median):.1f}" cy="{y}" r="5" fill="{dot.colour}"/>'
        )
    return parts


def _turns(results: Results, colours: dict[str, str], top: int) -> list[str]:
    """Draw processor time a turn, medians of five turns: the writer's, or the one process's that does it all."""
    lines = {name: _medians(one.writer_ms or one.own_ms) for name, one in results.growth.items() if name in colours}
    if not lines:
        return []
    most = max(max(values) for values in lines.values()) * 1.1
    bottom = top + 30 + PLOT_HEIGHT
    parts = [
        _text(
            12,
            top + 14,
            "Processor ms of who writes the record, for each turn of a conversation that grows to 1 MB",
            "title",
        )
    ]
    for share in (0, 0.5, 1):
        y = bottom - share * PLOT_HEIGHT
        parts.append(f'<line class="line" x1="60" x2="{RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(_text(52, y + 4, number(most * share) if share else "0", "small", "end"))
    for name, values in lines.items():
        points = " ".join(
            f"{60 + (RIGHT - 60) * at / (len(values) - 1):.1f},{bottom - value / most * PLOT_HEIGHT:.1f}"
            for at, value in enumerate(values)
        )
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colours[name]}" stroke-width="2"/>')
    turns = max(one.turns for one in results.growth.values())
    return [*parts, _text(60, bottom + 18, "turn 1", "small"), _text(RIGHT, bottom + 18, f"{turns}", "small", "end")]


def _medians(values: Sequence[float]) -> list[float]:
    return [statistics.median(values[at : at + 5]) for at in range(0, len(values), 5)]


def _text(x: float, y: float, words: str, style: str = "", anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{style}" text-anchor="{anchor}">{escape(words)}</text>'
