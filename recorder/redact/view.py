"""A view: another reading of the same bytes that knows the way back.

A view is a list of pieces. A verbatim piece stands for the same bytes of the source, one to one; a decoded piece stands
for its stretch of the source as a whole. A span found in a view maps back to the smallest stretch of the source that
surely holds it.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator

import msgspec

# Between stretches that are not neighbours in the source: ends a line, so that no rule reads over it by accident.
GAP = b"\n"

# What gives a value away stands within some hundred bytes of it on its line, and no value has a blank in it.
_NEAR_BYTES = 2048
_LONG_LINE_BYTES = 8192


class View(msgspec.Struct, frozen=True):
    """`text` is the view; piece i begins at `at[i]` in it and covers `source[i]:until[i]` of the source."""

    text: bytes
    at: list[int]
    source: list[int]
    until: list[int]
    verbatim: list[bool]

    def back(self, start: int, end: int) -> tuple[int, int]:
        """Map a non-empty stretch of the view to the stretch of the source that holds it."""
        first = bisect_right(self.at, start) - 1
        last = bisect_right(self.at, end - 1) - 1
        begin = self.source[first] + (start - self.at[first] if self.verbatim[first] else 0)
        finish = self.source[last] + (end - self.at[last]) if self.verbatim[last] else self.until[last]
        return begin, max(begin, finish)


class ViewBuilder:
    """Collects the pieces of a view, front to back."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0
        self._at: list[int] = []
        self._source: list[int] = []
        self._until: list[int] = []
        self._verbatim: list[bool] = []

    def add(self, text: bytes, source: int, until: int, *, verbatim: bool) -> None:
        """Append a piece that stands for `source:until`."""
        self._at.append(self._size)
        self._source.append(source)
        self._until.append(until)
        self._verbatim.append(verbatim)
        self._parts.append(text)
        self._size += len(text)

    def build(self) -> View | None:
        """Give the view, or None when it has no pieces."""
        if not self._at:
            return None
        return View(b"".join(self._parts), self._at, self._source, self._until, self._verbatim)


type Token = tuple[int, int, bytes]
"""(start, end, text): `source[start:end]` reads as `text` in a view. Logs hold ten thousands: no class of its own."""


def substitute_all(source: bytes, tokens: Iterable[Token]) -> View | None:
    """Build the view of the whole source in which each token is read as its text; None when there are no tokens."""
    builder, done = ViewBuilder(), 0
    # Nothing is ever found in an empty piece; between the colours of a log they would be two of three.
    for start, end, text in tokens:
        if start > done:
            builder.add(source[done:start], done, start, verbatim=True)
        if text:
            builder.add(text, start, end, verbatim=False)
        done = end
    if done:
        builder.add(source[done:], done, len(source), verbatim=True)
    return builder.build()


def substitute(source: bytes, tokens: Iterable[Token]) -> View | None:
    """Build the view of the lines that hold a token, with each token read as its text; None when there are no tokens.

    The other lines read the same in this view, so they have been scanned already; of a very long line, as minified code
    has them, the same holds of what is far from each token.
    """
    builder = ViewBuilder()
    done = end = -1
    for at, until, text in tokens:
        if at >= end and (start := _start_near(source, max(end, 0), at)) > end:
            if end >= 0:
                builder.add(source[done:end], done, end, verbatim=True)
                builder.add(GAP, end, end, verbatim=False)
            done = start
        if at > done:
            builder.add(source[done:at], done, at, verbatim=True)
        builder.add(text, at, until, verbatim=False)
        done = until
        if done > end or (end - done < _NEAR_BYTES and source[end : end + 1] == b" "):
            end = _end_near(source, done)
    if done >= 0:
        builder.add(source[done:end], done, end, verbatim=True)
    return builder.build()


def _start_near(source: bytes, low: int, at: int) -> int:
    """Give the start of the line that `at` is in, not before `low`; in a very long one, a blank's end before `at`."""
    start = source.rfind(b"\n", low, at) + 1 or low
    return source.rfind(b" ", start, at - _NEAR_BYTES) + 1 or start if at - start > _LONG_LINE_BYTES else start


def _end_near(source: bytes, at: int) -> int:
    """Give the end of the line that `at` is in; of a very long one, a blank behind `at`."""
    end = source.find(b"\n", at, at + _LONG_LINE_BYTES)
    if end >= 0:
        return end
    blank = source.find(b" ", at + _NEAR_BYTES)
    limit = blank if blank >= 0 else len(source)
    end = source.find(b"\n", at, limit)
    return end if end >= 0 else limit


def tokens_of(matches: Iterable[object], read: Callable[[bytes], bytes | None]) -> Iterator[Token]:
    """Turn regular-expression matches into tokens; a match that `read` gives None for stays as it is."""
    for match in matches:
        start, end = match.span()  # type: ignore[attr-defined]  # re's and re2's matches share no type
        text = read(match.group())  # type: ignore[attr-defined]
        if text is not None:
            yield start, end, text
