"""Long text for a terminal, wrapped as rich wraps it: rich takes a millisecond a line, and a message has 10 MB."""

import re
from collections.abc import Iterator

from rich.cells import cell_len, chop_cells
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.measure import Measurement
from rich.segment import Segment
from rich.text import Text

_WORD = re.compile(r"\s*\S+\s*")


def wrap(line: str, width: int) -> Iterator[str]:
    """Yield the lines that a line comes to, broken between words where that can be; `width` is in cells."""
    start = used = 0
    for found in _WORD.finditer(line) if _cells(line) > width else ():
        word = found[0]
        size = _cells(word.rstrip())
        if used and used + size > width:
            yield line[start : found.start()].rstrip()
            start, used = found.start(), 0
        if size > width:
            *pieces, last = _chopped(word, width)
            yield from pieces
            start, used = found.end() - len(last), _cells(last)
        else:
            used += _cells(word)
    yield line[start:] if used <= width else line[start:].rstrip()


def _cells(text: str) -> int:
    return len(text) if text.isascii() else cell_len(text)


def _chopped(word: str, width: int) -> list[str]:
    if not word.isascii():
        return chop_cells(word, width)
    return [word[at : at + width] for at in range(0, len(word), width)]


class Paragraphs:
    """Text in one style, wrapped where it has to be. It is clean already."""

    def __init__(self, text: str, style: str = "") -> None:
        self._text = text
        self._style = style

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        style = console.get_style(self._style)
        for paragraph in self._text.split("\n"):
            for line in wrap(paragraph, options.max_width):
                yield Segment(line, style)
                yield Segment.line()

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(1, options.max_width)


class Led:
    """A renderable whose first line has something before it, and whose other lines are indented as far or led too."""

    def __init__(self, first: Text, others: Text, content: RenderableType) -> None:
        """`first` and `others` are of one width."""
        self._first = first
        self._others = others
        self._content = content

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        inner = options.update(width=max(options.max_width - self._first.cell_len, 1), height=None)
        lead = list(self._first.render(console))
        others = list(self._others.render(console))
        for line in console.render_lines(self._content, inner, pad=False):
            yield from lead
            yield from line
            yield Segment.line()
            lead = others

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(1, options.max_width)
