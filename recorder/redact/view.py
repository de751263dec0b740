"""A view: another reading of the same bytes that knows the way back.

A view is a list of pieces. A verbatim piece stands for the same bytes of the source, one to one; a decoded piece stands
for its stretch of the source as a whole. A span found in a view maps back to the smallest stretch of the source that
surely holds it.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import accumulate

# Between stretches that are not neighbours in the source: ends a line, so that no rule reads over it by accident.
GAP = b"\n"
# Between texts that are looked at together: no run, no blank and no end of a line reaches over it.
JOINT = b"\n\x01\n"

# What gives a value away stands within some hundred bytes of it on its line, and no value has a blank in it.
_NEAR_BYTES = 2048
_LONG_LINE_BYTES = 8192


type Piece = tuple[bytes, int, int, bool]
"""(text, source, until, verbatim): what stands for `source:until`. Logs hold ten thousands: no class of its own."""


class View:
    """`text` is another reading of a source; the way back is worked out when it is asked for, as it is for few."""

    def __init__(self, pieces: list[Piece]) -> None:
        """`pieces`: front to back, at least one."""
        self.text = b"".join([piece[0] for piece in pieces])
        self.pieces = pieces

    @cached_property
    def at(self) -> list[int]:
        """Where in `text` each piece begins."""
        return list(accumulate([len(piece[0]) for piece in self.pieces[:-1]], initial=0))

    @cached_property
    def _sources(self) -> list[int]:
        return [source for _, source, _, _ in self.pieces]

    def back(self, start: int, end: int) -> tuple[int, int]:
        """Map a non-empty stretch of the view to the stretch of the source that holds it."""
        first = bisect_right(self.at, start) - 1
        last = bisect_right(self.at, end - 1) - 1
        _, begin, _, verbatim = self.pieces[first]
        if verbatim:
            begin += start - self.at[first]
        _, source, finish, verbatim = self.pieces[last]
        if verbatim:
            finish = source + (end - self.at[last])
        return begin, max(begin, finish)

    def forward(self, offset: int) -> int:
        """Map an offset of a source that the view is all of, and that lies in no piece which reads otherwise."""
        index = bisect_right(self._sources, offset) - 1
        _, source, _, verbatim = self.pieces[index]
        if verbatim or offset == source:
            return self.at[index] + offset - source
        return self.at[index + 1]


class LaterView:
    """A view whose text is had sooner than its pieces, which are made when the way back is asked for."""

    def __init__(self, text: bytes, build: Callable[[], View | None]) -> None:
        """`build` gives the whole view, with the same text."""
        self.text = text
        self._build = build

    @cached_property
    def _view(self) -> View:
        view = self._build()
        assert view is not None, "a view with text has pieces"
        assert view.text == self.text, "a view is made of the same text twice"
        return view

    def back(self, start: int, end: int) -> tuple[int, int]:
        """Map a non-empty stretch of the view to the stretch of the source that holds it."""
        return self._view.back(start, end)


class ViewBuilder:
    """Collects the pieces of a view, front to back."""

    def __init__(self) -> None:
        self._pieces: list[Piece] = []

    def add(self, text: bytes, source: int, until: int, *, verbatim: bool) -> None:
        """Append a piece that stands for `source:until`."""
        self._pieces.append((text, source, until, verbatim))

    def build(self) -> View | None:
        """Give the view, or None when it has no pieces."""
        return View(self._pieces) if self._pieces else None


type Token = tuple[int, int, bytes]
"""(start, end, text): `source[start:end]` reads as `text` in a view. Logs hold ten thousands: no class of its own."""


def substitute_all(source: bytes, tokens: Iterable[Token]) -> View | None:
    """Build the view of the whole source in which each token is read as its text; None when there are no tokens."""
    pieces: list[Piece] = []
    done = 0
    # Nothing is ever found in an empty piece; between the colours of a log they would be two of three.
    for start, end, text in tokens:
        if start > done:
            pieces.append((source[done:start], done, start, True))
        if text:
            pieces.append((text, start, end, False))
        done = end
    if done:
        pieces.append((source[done:], done, len(source), True))
    return View(pieces) if pieces else None


def substitute(source: bytes, tokens: Iterable[Token]) -> View | None:
    """Build the view of the lines that hold a token, with each token read as its text; None when there are no tokens.

    The other lines read the same in this view, so they have been scanned already; of a very long line, as minified code
    has them, the same holds of what is far from each token.
    """
    pieces: list[Piece] = []
    done = end = -1
    for at, until, text in tokens:
        if at >= end and (start := _start_near(source, max(end, 0), at)) > end:
            if end >= 0:
                pieces += ((source[done:end], done, end, True), (GAP, end, end, False))
            done = start
        if at > done:
            pieces.append((source[done:at], done, at, True))
        pieces.append((text, at, until, False))
        done = until
        if done > end or (end - done < _NEAR_BYTES and source[end : end + 1] == b" "):
            end = _end_near(source, done)
    if done >= 0:
        pieces.append((source[done:end], done, end, True))
    return View(pieces) if pieces else None


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
