"""Where the members of an object and the elements of an array begin and end in a JSON text.

Strategy: msgspec hands out values as `Raw` slices without building them, which is several times faster than parsing,
but not where they stood. The gaps between them are only whitespace, punctuation and keys, so one walk over the gaps
finds the offsets; each slice is compared with the text at its place. A key that occurs twice shows itself there,
because msgspec keeps only its last value.
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

_decode_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_array = msgspec.json.Decoder(list[msgspec.Raw]).decode
_blanks = re.compile(rb"[ \t\n\r]*").match
_literal = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"').match
_SURROGATE = re.compile(
    rb"(\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)
"""An escaped backslash or a whole character, in the group; or half a character."""


class Member(NamedTuple):
    """A member of an object: its key as text, where its key, its value and what follows its value begin."""

    key: str
    start: int
    value: int
    end: int


def shadow(text: bytes) -> bytes:
    r"""Return `text` with every lone surrogate escape replaced by another escape, so that all offsets stay.

    msgspec refuses a lone surrogate (`"\ud83d"`), which clients do send, even in a value it only skips.
    """
    return _SURROGATE.sub(lambda found: found[1] or rb"\uffff", text)


def members(text: bytes, start: int, end: int) -> list[Member]:
    """Return the members of the object `text[start:end]`; raise ValueError for anything else or a key that repeats."""
    raws = _decode(_decode_object, text, start, end)
    found: list[Member] = []
    position = _expect(text, start, b"{")
    for key, raw in raws.items():
        begin = _expect(text, position, b",") if found else _skip(text, position)
        literal = _literal(text, begin)
        value = _expect(text, literal.end() if literal else begin, b":")
        position = _end_of(text, value, raw)
        found.append(Member(key, begin, value, position))
    _expect(text, position, b"}")
    return found


def elements(text: bytes, start: int, end: int) -> list[tuple[int, int]]:
    """Return begin and end of every element of the array `text[start:end]`; raise ValueError for anything else."""
    raws = _decode(_decode_array, text, start, end)
    found: list[tuple[int, int]] = []
    position = _expect(text, start, b"[")
    for raw in raws:
        begin = _expect(text, position, b",") if found else position
        position = _end_of(text, begin, raw)
        found.append((begin, position))
    _expect(text, position, b"]")
    return found


def decode_shallow[T](decode: Callable[[bytes], T], text: bytes) -> T:
    """Run a msgspec decoder that skips most of its input; raise ValueError when the input cannot be read.

    Falls back to the shadow, so that a lone surrogate in what is skipped does no harm.
    """
    try:
        return decode(text)
    except (msgspec.MsgspecError, RecursionError):
        return _decode(decode, shadow(text), 0, len(text))


def _decode[T](decode: Callable[[bytes], T], text: bytes, start: int, end: int) -> T:
    view: Any = memoryview(text)[start:end]
    try:
        return decode(view)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(f"not the JSON that was expected at byte {start}") from error


def _skip(text: bytes, position: int) -> int:
    blanks = _blanks(text, position)
    return blanks.end() if blanks else position


def _expect(text: bytes, position: int, mark: bytes) -> int:
    """Return where the token after the punctuation `mark` begins."""
    position = _skip(text, position)
    if not text.startswith(mark, position):
        raise ValueError(f"a key repeats in the JSON object that ends behind byte {position}")
    return _skip(text, position + 1)


def _end_of(text: bytes, position: int, raw: msgspec.Raw) -> int:
    if not text.startswith(bytes(raw), position):
        raise ValueError(f"a key repeats in the JSON object around byte {position}")
    return position + len(memoryview(raw))
