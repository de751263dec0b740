"""The string literals of a JSON text, and the text as it reads when their escapes are read.

The buffer that detectors see keeps the JSON's own punctuation, so that `"password": "…"` reads as such; only string
literals are ever replaced, so the structure survives. Lexing needs no valid JSON: whatever stands between two quotes
(RFC 8259 §7) is a literal, an unfinished one ends with the text.
"""

import re
from bisect import bisect_right
from collections.abc import Container, Iterator
from itertools import accumulate, pairwise

import msgspec

from recorder.redact.escaped import Escaped, read, steps
from recorder.redact.escapes import JSON_ESCAPE
from recorder.redact.spans import Span
from recorder.redact.view import View, ViewBuilder

# Possessive: never tries again, so it is linear on any input. The last quote is missing in a text that was cut.
_LITERAL = re.compile(rb'"([^"\\]*+(?:\\.[^"\\]*+)*+)"?', re.DOTALL)

_LONGEST_ESCAPE = 12
_BEFORE_COLON = re.compile(rb"[ \t\r\n]{1,64}:")


class Literal(msgspec.Struct, frozen=True):
    """The content of one literal, without its quotes: `raw[start:end]`, in the buffer from `at` to `until`."""

    start: int
    end: int
    at: int
    until: int


class Literals:
    """Finds the literals of `raw` and keeps the way from the buffer `text` back to it."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self._contents = _contents_of(raw)
        # The literal mapped last: one log in one string may hold a thousand secrets.
        self._inner: tuple[int, Escaped] | None = None
        view = _decoded(raw, self._contents)
        self._view = view
        self.text = view.text if view else raw
        self._quotes = [start - 1 for start, _ in self._contents]

    def opened_at(self, at: int) -> Literal | None:
        """Give the literal whose opening quote stands at `at` in the buffer."""
        start, _ = self._back(at, at + 1)
        index = bisect_right(self._quotes, start) - 1
        if index < 0 or self._quotes[index] != start or self.text[at : at + 1] != b'"':
            return None
        return self._literal(index)

    def locate(self, span: Span) -> list[Span]:
        """Map a span of the buffer to the raw text, one span for each literal that it touches."""
        start, end = self._back(span.start, span.end)
        index = max(bisect_right(self._quotes, start) - 1, 0)
        located = []
        while index < len(self._contents) and self._quotes[index] < end:
            raw = self._clip(self._literal(index), span)
            if raw is not None:
                located.append(span.moved(*raw))
            index += 1
        return located

    def outside(self, span: Span, *, keep: bool) -> list[Span]:
        """Map a span that touches no literal to the raw text, if it is to be kept."""
        return [span.moved(*self._back(span.start, span.end))] if keep else []

    def widened(self, span: Span) -> list[Span]:
        """Clip a span of the raw text to the literals that it touches, widened to whole escapes."""
        index = max(bisect_right(self._quotes, span.start) - 1, 0)
        widened = []
        while index < len(self._contents) and self._quotes[index] < span.end:
            first, last = self._contents[index]
            start, end = max(span.start, first), min(span.end, last)
            if start < end:
                start, end = _escape_around(self.raw, start, first)[0], _escape_around(self.raw, end, first)[1]
                widened.append(span.moved(start, end))
            index += 1
        return widened

    def all(self) -> Iterator[Literal]:
        """Give every literal, front to back."""
        return map(self._literal, range(len(self._contents)))

    def values(self, but: Container[bytes]) -> Iterator[tuple[int, int]]:
        """Give the literals that are values, by their places in the buffer: front to back, without empty ones and those
        of the keys in `but`."""
        raw, key = self.raw, b""
        for start, end in self._contents:
            behind = raw[end + 1 : end + 2]
            if behind == b":" or (behind.isspace() and _BEFORE_COLON.match(raw, end + 1)):
                key = raw[start:end]
            elif start < end and key not in but:
                yield self.forward(start), self.forward(end)

    def enclosing(self, span: Span) -> Literal | None:
        """Give the literal that holds the whole span of the buffer."""
        start, _ = self._back(span.start, span.end)
        index = bisect_right(self._quotes, start) - 1
        if index < 0:
            return None
        literal = self._literal(index)
        return literal if literal.at <= span.start and span.end <= literal.until else None

    def holds(self, offset: int) -> bool:
        """Say whether an offset of the raw text lies inside a literal."""
        index = bisect_right(self._quotes, offset) - 1
        return index >= 0 and offset > self._quotes[index] and offset <= self._contents[index][1]

    def forward(self, offset: int) -> int:
        """Say where an offset of the raw text that lies beside a literal's content stands in the buffer."""
        return self._view.forward(offset) if self._view else offset

    def _literal(self, index: int) -> Literal:
        start, end = self._contents[index]
        return Literal(start, end, self.forward(start), self.forward(end))

    def _clip(self, literal: Literal, span: Span) -> tuple[int, int] | None:
        start, end = max(span.start, literal.at), min(span.end, literal.until)
        return self._inside(literal, start, end) if start < end else None

    def _inside(self, literal: Literal, start: int, end: int) -> tuple[int, int]:
        """Map a stretch inside one literal, widened to whole escapes."""
        if self._inner is None or self._inner[0] != literal.start:
            self._inner = literal.start, Escaped(self.raw[literal.start : literal.end])
        begin, finish = self._inner[1].back(start - literal.at, end - literal.at)
        return literal.start + begin, literal.start + finish

    def _back(self, start: int, end: int) -> tuple[int, int]:
        return self._view.back(start, end) if self._view else (start, end)


def _contents_of(raw: bytes) -> list[tuple[int, int]]:
    """Give where the content of each literal begins and ends."""
    # With every escaped quote out of the way the text is cut at the others: ten times as quick as to read it.
    pieces = _without_escaped_quotes(raw).split(b'"') if b"\\" in raw else raw.split(b'"')
    if len(pieces) % 2 == 0 or any(b"\\" in between for between in pieces[::2]):
        return [match.span(1) for match in _LITERAL.finditer(raw)]
    ends = list(accumulate(len(piece) + 1 for piece in pieces))
    return [(start, end - 1) for start, end in zip(ends[::2], ends[1::2], strict=False)]


def _without_escaped_quotes(raw: bytes) -> bytes:
    parts = [raw[start:end] for start, end in pairwise(steps(raw))]
    return b"".join([part.replace(b"\\\\", b"\\_").replace(b'\\"', b"\\_") for part in parts])


def _escape_around(raw: bytes, at: int, first: int) -> tuple[int, int]:
    """Give the escape that `at` lies inside of, looking back to `first`; `at` itself, twice, when there is none."""
    for start in range(at - 1, max(first, at - _LONGEST_ESCAPE) - 1, -1):
        if raw[start : start + 1] == b"\\" and _is_unescaped(raw, start, first):
            escape = JSON_ESCAPE.match(raw, start)
            return (start, escape.end()) if escape and escape.end() > at else (at, at)
    return at, at


def _is_unescaped(raw: bytes, at: int, first: int) -> bool:
    before = raw[first:at]
    return (len(before) - len(before.rstrip(b"\\"))) % 2 == 0


def _decoded(raw: bytes, contents: list[tuple[int, int]]) -> View | None:
    """View in which the content of each literal with escapes is one decoded piece; None when there are no escapes."""
    if b"\\" not in raw:
        return None
    builder, done = ViewBuilder(), 0
    for start, end in contents:
        if raw.find(b"\\", start, end) < 0:
            continue
        builder.add(raw[done:start], done, start, verbatim=True)
        builder.add(read(raw[start:end]), start, end, verbatim=False)
        done = end
    builder.add(raw[done:], done, len(raw), verbatim=True)
    return builder.build()
