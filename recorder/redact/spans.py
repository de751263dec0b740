"""Stretches of a text that must go, and how several that touch become one."""

from collections.abc import Iterable
from enum import IntEnum

import msgspec


class Rank(IntEnum):
    """How sure a detector is of the kind; where spans overlap, the surest names the placeholder."""

    KNOWN = 0
    """The value was seen where credentials are sent."""
    USER = 1
    """A rule of the user's says so."""
    FORMAT = 2
    """The value has a published format."""
    ENGINE = 3
    """The engine's catalogue says so."""
    CONTEXT = 4
    """Only what stands around the value says so."""
    BULK = 5
    """No secret: an image that the user wants stored as its hash."""


class Span(msgspec.Struct, frozen=True):
    """`text[start:end]` holds the secret `value` (decoded: the stretch may hold it in an encoding)."""

    start: int
    end: int
    kind: str
    value: bytes
    rank: int
    mark: bytes = b""
    """What to put in its place; empty for a placeholder of its kind."""
    bare: bool = False
    """It is a number of a JSON text: what is put in its place gets quotes."""

    def moved(self, start: int, end: int) -> "Span":
        """Give the same secret at another place."""
        return Span(start, end, self.kind, self.value, self.rank, self.mark, self.bare)


def merge(spans: Iterable[Span]) -> list[Span]:
    """Join overlapping spans: the union of what they cover, named by the surest and then the longest of them."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        if span.end <= span.start:
            continue
        if merged and span.start < merged[-1].end:
            last = merged[-1]
            best = min(last, span, key=lambda one: (one.rank, -len(one.value), one.kind))
            merged[-1] = best.moved(last.start, max(last.end, span.end))
        else:
            merged.append(span)
    return merged
