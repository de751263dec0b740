"""The string literals of a JSON text, and the text as it reads when their escapes are read.

The buffer that detectors see keeps the JSON's own punctuation, so that `"password": "…"` reads as such; only string
literals are ever replaced, so the structure survives. Lexing needs no valid JSON: whatever stands between two quotes
(RFC 8259 §7) is a literal, an unfinished one ends with the text.
"""

import re
from bisect import bisect_right
from collections.abc import Container, Iterable, Iterator
from itertools import pairwise

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
        self._quotes, self._ends, escaped = _lexed(raw)
        # The literal mapped last: one log in one string may hold a thousand secrets.
        self._inner: tuple[int, Escaped] | None = None
        view = _decoded(raw, [(self._quotes[index] + 1, self._ends[index]) for index in escaped])
        self._view = view
        self.text = view.text if view else raw

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
        while index < len(self._ends) and self._quotes[index] < end:
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
        while index < len(self._ends) and self._quotes[index] < span.end:
            first, last = self._quotes[index] + 1, self._ends[index]
            start, end = max(span.start, first), min(span.end, last)
            if start < end:
                start, end = _escape_around(self.raw, start, first)[0], _escape_around(self.raw, end, first)[1]
                widened.append(span.moved(start, end))
            index += 1
        return widened

    def all(self) -> Iterator[Literal]:
        """Give every literal, front to back."""
        return map(self._literal, range(len(self._ends)))

    def values(self, but: Container[bytes]) -> Iterator[tuple[int, int]]:
        """Give the literals that are values, by their places in the buffer: front to back, without empty ones and those
        of the keys in `but`."""
        raw, key = self.raw, b""
        for quote, end in zip(self._quotes, self._ends, strict=True):
            behind = raw[end + 1 : end + 2]
            if behind == b":" or (behind.isspace() and _BEFORE_COLON.match(raw, end + 1)):
                key = raw[quote + 1 : end]
            elif quote + 1 < end and key not in but:
                yield self.forward(quote + 1), self.forward(end)

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
        return index >= 0 and self._quotes[index] < offset <= self._ends[index]

    def forward(self, offset: int) -> int:
        """Say where an offset of the raw text that lies beside a literal's content stands in the buffer."""
        return self._view.forward(offset) if self._view else offset

    def _literal(self, index: int) -> Literal:
        start, end = self._quotes[index] + 1, self._ends[index]
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


def _lexed(raw: bytes) -> tuple[list[int], list[int], Iterable[int]]:
    """Give where the quote in front of each literal stands, where its content ends, and the numbers of those that have
    escapes."""
    # With every escaped quote out of the way the others are looked for: ten times as quick as to read the text.
    quotes = _quotes_of(raw)
    before, ends = quotes[::2], quotes[1::2]
    escaped = _with_escapes(raw, before, ends) if len(quotes) % 2 == 0 else None
    if escaped is None:
        spans = [match.span(1) for match in _LITERAL.finditer(raw)]
        before, ends = [start - 1 for start, _ in spans], [end for _, end in spans]
        escaped = [number for number, span in enumerate(spans) if raw.find(b"\\", *span) >= 0]
    return before, ends, escaped


def _quotes_of(raw: bytes) -> list[int]:
    """Give the places of the quotes in front of which no backslash stands, or an even number."""
    if b"\\" in raw:
        raw = b"".join([_without_escaped_quotes(raw[start:end]) for start, end in pairwise(steps(raw))])
    quotes = []
    at = raw.find(b'"')
    while at >= 0:
        quotes.append(at)
        at = raw.find(b'"', at + 1)
    return quotes


def _without_escaped_quotes(raw: bytes) -> bytes:
    if b'\\\\"' in raw:
        raw = raw.replace(b"\\\\", b"\\_")
    return raw.replace(b'\\"', b"\\_")


def _with_escapes(raw: bytes, quotes: list[int], ends: list[int]) -> list[int] | None:
    """Give the numbers of the literals that have escapes; None when a backslash stands beside all of them."""
    numbers = []
    at = raw.find(b"\\")
    while at >= 0:
        number = bisect_right(quotes, at) - 1
        if number < 0 or ends[number] <= at:
            return None
        numbers.append(number)
        at = raw.find(b"\\", ends[number])
    return numbers


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


def _decoded(raw: bytes, contents: Iterable[tuple[int, int]]) -> View | None:
    """View in which each of these contents is one decoded piece; None when there are none."""
    builder, done = ViewBuilder(), 0
    for start, end in contents:
        builder.add(raw[done:start], done, start, verbatim=True)
        builder.add(read(raw[start:end]), start, end, verbatim=False)
        done = end
    if not done:
        return None
    builder.add(raw[done:], done, len(raw), verbatim=True)
    return builder.build()
