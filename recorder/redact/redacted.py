"""What redaction gives back: the safe value, what was found, and what moved.

Invariant: `edits` are sorted, do not overlap, and every byte (of text: character) outside them is as it was.
"""

from collections.abc import Sequence

import msgspec

from recorder.model import Finding


class RedactionError(Exception):
    """A detector failed, so nothing can be said about the content: it must be withheld, never stored.

    The message names the detector and the type of what it raised; neither the message nor the chained exceptions
    hold content.
    """


class Edit(msgspec.Struct, frozen=True, array_like=True):
    """`raw[start:end]` became `size` bytes (of `Redactor.text`: characters)."""

    start: int
    end: int
    size: int


class Redacted[T](msgspec.Struct, frozen=True):
    """A value without its secrets, what they were, and where the value changed."""

    value: T
    findings: tuple[Finding, ...] = ()
    edits: tuple[Edit, ...] = ()


def map_offset(edits: Sequence[Edit], offset: int) -> int:
    """Where an offset of the raw value lies in the redacted one.

    An offset inside an edit has no counterpart; it maps to the start of the placeholder.
    """
    moved = 0
    for edit in edits:
        if edit.end <= offset:
            moved += edit.size - (edit.end - edit.start)
        elif edit.start <= offset:
            return edit.start + moved
        else:
            break
    return offset + moved
