"""Cuts a request body, as bytes, into an envelope and its parts, and puts it together again.

Invariant: `join_request(cut_request(body)) == body`, byte for byte.

A part (`Piece`) is one element of the arrays `system`, `tools` and `messages`; the envelope is what stays when these
arrays are emptied. Clients move `cache_control` from turn to turn, which would make an old message look new; so these
members are cut out of parts as marks: at the top level of a part and, in a message, of its content blocks and of the
blocks inside a tool result. How a member leaves decides that the rest is the same with and without it: with the comma
before it, or, as the first member, with the comma behind it.
"""

import re
from collections.abc import Iterator

import msgspec

from recorder.model import Slot
from recorder.wire.slices import Member, elements, members, shadow

_SLOTS = {slot.value: slot for slot in Slot}
_MARK_KEY = "cache_control"
_MARK_LITERAL = b'"cache_control"'
_BLOCK_LEVELS = {Slot.SYSTEM: 0, Slot.TOOLS: 0, Slot.MESSAGES: 2}
"""How many levels of `content` below a part are searched for marks."""


class Mark(msgspec.Struct, frozen=True):
    """A member that was cut out, its comma included: `data` stood at `offset` of the content that remains."""

    offset: int
    data: bytes


class Piece(msgspec.Struct, frozen=True):
    """One element of an array. `lead` is what stood before it since the element before, None when that is canonical.

    Canonical is nothing before the first element and "," before the others. `role` is a message's.
    """

    content: bytes
    role: str | None
    lead: bytes | None
    marks: tuple[Mark, ...]


class Cut(msgspec.Struct, frozen=True):
    """A request in parts; `slots` says where in the envelope, in ascending order, the elements of each array belong."""

    envelope: bytes
    slots: tuple[tuple[Slot, int], ...]
    pieces: dict[Slot, tuple[Piece, ...]]


class _Roled(msgspec.Struct):
    role: str | None = None


_leading_role = re.compile(rb'\{[ \t\n\r]*"role"[ \t\n\r]*:[ \t\n\r]*"([a-z]+)"').match
"""Clients write the role first; so the message, which may be long, need not be read for it."""
_decode_role = msgspec.json.Decoder(_Roled).decode


def cut_request(body: bytes) -> Cut:
    """Cut a JSON object into envelope and parts; a slot that is no array (`system` as a string) stays in the envelope.

    Raises ValueError when the body is no JSON object in UTF-8, a top-level key repeats, or nesting is too deep to read.
    """
    text, found = _read_object(body)
    kept: list[bytes] = []
    slots: list[tuple[Slot, int]] = []
    pieces: dict[Slot, tuple[Piece, ...]] = {}
    position = size = 0
    for member in found:
        slot = _SLOTS.get(member.key)
        if slot is None or not text.startswith(b"[", member.value):
            continue
        spans = elements(text, member.value, member.end)
        opened = member.value + 1
        kept.append(body[position:opened])
        size += opened - position
        slots.append((slot, size))
        pieces[slot] = tuple(_cut_pieces(body, text, slot, opened, spans))
        position = spans[-1][1] if spans else opened
    kept.append(body[position:])
    return Cut(b"".join(kept), tuple(slots), pieces)


def _read_object(body: bytes) -> tuple[bytes, list[Member]]:
    """Return a text to find structure in, the body itself or its shadow, and the top-level members."""
    body.decode()
    try:
        return body, members(body, 0, len(body))
    except ValueError:
        text = shadow(body)
        return text, members(text, 0, len(text))


def join_request(cut: Cut) -> bytes:
    """Return the body that `cut_request` cut."""
    joined: list[bytes] = []
    position = 0
    for slot, offset in cut.slots:
        joined.append(cut.envelope[position:offset])
        position = offset
        for number, piece in enumerate(cut.pieces[slot]):
            joined.append(_canonical(number) if piece.lead is None else piece.lead)
            joined.append(join_piece(piece))
    joined.append(cut.envelope[position:])
    return b"".join(joined)


def join_piece(piece: Piece) -> bytes:
    """Return the element as it stood in the body, its marks put back."""
    joined: list[bytes] = []
    position = 0
    for mark in piece.marks:
        joined += (piece.content[position : mark.offset], mark.data)
        position = mark.offset
    joined.append(piece.content[position:])
    return b"".join(joined)


def _canonical(number: int) -> bytes:
    return b"," if number else b""


def _cut_pieces(body: bytes, text: bytes, slot: Slot, opened: int, spans: list[tuple[int, int]]) -> Iterator[Piece]:
    before = opened
    for number, (start, end) in enumerate(spans):
        lead = body[before:start]
        content, marks = _cut_marks(body, text, slot, start, end)
        role = _role(text, start, end) if slot is Slot.MESSAGES else None
        yield Piece(content, role, None if lead == _canonical(number) else lead, marks)
        before = end


def _role(text: bytes, start: int, end: int) -> str | None:
    if leading := _leading_role(text, start, end):
        return leading[1].decode()
    try:
        return _decode_role(memoryview(text)[start:end]).role
    except (msgspec.MsgspecError, RecursionError):
        return None


def _cut_marks(body: bytes, text: bytes, slot: Slot, start: int, end: int) -> tuple[bytes, tuple[Mark, ...]]:
    kept: list[bytes] = []
    marks: list[Mark] = []
    position, size = start, 0
    for begin, stop in _mark_spans(text, start, end, _BLOCK_LEVELS[slot]):
        kept.append(body[position:begin])
        size += begin - position
        marks.append(Mark(size, body[begin:stop]))
        position = stop
    kept.append(body[position:end])
    return b"".join(kept), tuple(marks)


def _mark_spans(text: bytes, start: int, end: int, levels: int) -> Iterator[tuple[int, int]]:
    """Yield, in ascending order, what is to be cut out of the value `text[start:end]`."""
    if not text.startswith(b"{", start) or text.find(_MARK_LITERAL, start, end) < 0:
        return
    try:
        found = members(text, start, end)
    except ValueError:  # a key repeats: the part is kept as it is
        return
    for number, member in enumerate(found):
        if member.key == _MARK_KEY:
            yield _member_span(found, number)
        elif levels and member.key == "content" and text.startswith(b"[", member.value):
            for begin, stop in elements(text, member.value, member.end):
                yield from _mark_spans(text, begin, stop, levels - 1)


def _member_span(found: list[Member], number: int) -> tuple[int, int]:
    """Return what leaves with a member: the comma before it, or behind it when it is the first."""
    member = found[number]
    if number:
        return found[number - 1].end, member.end
    return member.start, found[1].start if len(found) > 1 else member.end
