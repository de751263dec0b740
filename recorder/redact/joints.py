"""Secrets that are split over neighbouring strings of a JSON text: two content blocks, a text and a tool's input.

What a person pastes or a model writes may end in one block and go on in the next. The end of each string is read
together with the beginning of the next one; keys stand between them, and values that say what a block is, not what it
says. Only what is sure of itself counts here: known values, formats, the user's rules.
https://docs.anthropic.com/en/api/messages (content blocks)
"""

import re
from bisect import bisect_right
from collections.abc import Iterator

import msgspec

from recorder.redact.literals import Literals
from recorder.redact.spans import Span
from recorder.redact.view import GAP

REACH_BYTES = 512
"""How much of a string's beginning and end is read together with its neighbours; tokens are rarely longer."""

# Fewer characters of a secret tell nothing.
_TELLING_BYTES = 8
_WORD = re.compile(rb"[A-Za-z]?[a-z]+(?:[-_][a-z]+)*|[A-Z]+")
_ABOUT_THE_BLOCK = frozenset(
    {b"type", b"id", b"tool_use_id", b"toolUseId", b"name", b"role", b"model", b"signature", b"data", b"bytes"}
    | {b"media_type", b"format", b"encrypted_content", b"encrypted_index", b"citations", b"stop_reason", b"ttl"}
)


class Joints(msgspec.Struct, frozen=True):
    """`text` is the strings' ends and beginnings in one; its piece i begins at `at[i]` and is at `source[i]` in the
    literals' buffer, in the string number `string[i]`."""

    text: bytes
    at: list[int]
    source: list[int]
    string: list[int]

    def across(self, span: Span) -> Iterator[Span]:
        """Map a span of `text` to the buffer, one for each piece; none when it lies in one string."""
        first, last = bisect_right(self.at, span.start) - 1, bisect_right(self.at, span.end - 1) - 1
        if self.string[first] == self.string[last]:
            return
        for piece in range(first, last + 1):
            start = max(span.start, self.at[piece])
            end = span.end if piece == last else self.at[piece + 1]
            moved = self.source[piece] - self.at[piece]
            yield span.moved(start + moved, end + moved)


def is_new_beginning(rest: bytes) -> bool:
    """Say whether what would follow a secret that is one without it is rather a word, or too short to matter."""
    return len(rest) < _TELLING_BYTES or _WORD.fullmatch(rest) is not None


def joints_of(literals: Literals) -> Joints | None:
    """Join the strings that stand beside each other; None when there are not two."""
    text = literals.text
    parts: list[bytes] = []
    places: list[int] = []
    sources: list[int] = []
    strings: list[int] = []
    size = 0
    for number, (begin, end) in enumerate(literals.values(_ABOUT_THE_BLOCK)):
        pieces: tuple[tuple[int, int], ...] = ((begin, end),)
        if end - begin > 2 * REACH_BYTES:
            pieces = ((begin, begin + REACH_BYTES), (end - REACH_BYTES, end))
        for at, until in pieces:
            if at != begin:
                parts.append(GAP)
                size += len(GAP)
            places.append(size)
            sources.append(at)
            strings.append(number)
            parts.append(text[at:until])
            size += until - at
    if not strings or strings[-1] == 0:
        return None
    return Joints(b"".join(parts), places, sources, strings)
