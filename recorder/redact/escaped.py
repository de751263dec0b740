"""The content of one string literal: what it reads as, and the way back from there, however long it is.

A log in one string may be a megabyte with a secret at its end: the way back is worked out for the block that a secret
is in. A block's length, read, is had at the speed of a JSON parser.
"""

from bisect import bisect_right
from itertools import accumulate, pairwise

import msgspec

from recorder.redact.escapes import JSON_ESCAPE, read_escape
from recorder.redact.view import View, substitute_all, tokens_of

_BLOCK_BYTES = 4096
_LONGEST_ESCAPE = 12
# What is read in one step: to read twenty megabytes at once keeps every other thread waiting for 200 ms.
_STEP_BYTES = 1 << 20


def read(content: bytes) -> bytes:
    """Read the escapes of a literal's content."""
    if len(content) <= _STEP_BYTES:
        return _read(content)
    return b"".join([_read(content[start:end]) for start, end in pairwise(steps(content))])


def steps(content: bytes) -> list[int]:
    """Give where to cut a long text with escapes so that none is cut, nor a character: its start and end among them."""
    return [*_block_starts(content, _STEP_BYTES), len(content)]


def _read(content: bytes) -> bytes:
    try:
        text: str = msgspec.json.decode(b'"' + content + b'"', type=str)
        return text.encode()
    except ValueError:  # lone surrogates, control characters, invalid UTF-8: read it by hand
        return JSON_ESCAPE.sub(lambda match: read_escape(match.group()), content)


class Escaped:
    """The way from what a literal's content reads as back to the content."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._starts = _block_starts(content)
        ends = [*self._starts[1:], len(content)]
        sizes = [len(read(content[start:end])) for start, end in zip(self._starts, ends, strict=True)]
        self._reads_at = [0, *accumulate(sizes)]
        self._last: tuple[tuple[int, int], View] | None = None

    def back(self, start: int, end: int) -> tuple[int, int]:
        """Map a non-empty stretch of what is read to the content, widened to whole escapes."""
        first = bisect_right(self._reads_at, start, hi=len(self._starts)) - 1
        last = bisect_right(self._reads_at, end - 1, hi=len(self._starts)) - 1
        if self._last is None or self._last[0] != (first, last):
            until = self._starts[last + 1] if last + 1 < len(self._starts) else len(self._content)
            self._last = (first, last), _view_of(self._content[self._starts[first] : until])
        begin, finish = self._last[1].back(start - self._reads_at[first], end - self._reads_at[first])
        return self._starts[first] + begin, self._starts[first] + finish


def _block_starts(content: bytes, size: int = _BLOCK_BYTES) -> list[int]:
    """Cut the content where no escape is cut: behind as many bytes without a backslash as the longest escape has."""
    starts, at = [0], size
    while at < len(content):
        backslash = content.rfind(b"\\", at - _LONGEST_ESCAPE, at)
        if backslash >= 0:
            at = backslash + _LONGEST_ESCAPE + 1
        elif _is_inside_character(content, at):
            at += 1
        else:
            starts.append(at)
            at += size
    return starts


def _is_inside_character(content: bytes, at: int) -> bool:
    """Say whether a cut at `at` would part the bytes of a character, of which three at most follow its first."""
    return _follows(content[at]) and not all(map(_follows, content[at - 3 : at]))


def _follows(byte: int) -> bool:
    return byte & 0xC0 == 0x80


def _view_of(content: bytes) -> View:
    view = substitute_all(content, tokens_of(JSON_ESCAPE.finditer(content), read_escape))
    return view or View([(content, 0, len(content), True)])
