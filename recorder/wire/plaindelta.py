"""The events that nearly all of a Messages stream consists of: one more piece of text for a block, and nothing else.

They are decoded to exactly that. An event with any member more, less or of another type is not one of them, and is for
the reader of all events, which keeps what it does not know. Both read the same from an event that is one of them.
"""

from typing import Any

import msgspec

PLAIN_DELTA = "content_block_delta"


class _Text(msgspec.Struct, tag="text_delta", tag_field="type", forbid_unknown_fields=True, gc=False):
    text: str


class _Thinking(msgspec.Struct, tag="thinking_delta", tag_field="type", forbid_unknown_fields=True, gc=False):
    text: str = msgspec.field(name="thinking")


class _Input(msgspec.Struct, tag="input_json_delta", tag_field="type", forbid_unknown_fields=True, gc=False):
    text: str = msgspec.field(name="partial_json")


class PlainDelta(msgspec.Struct, tag=PLAIN_DELTA, tag_field="type", forbid_unknown_fields=True):
    """`delta.text` is to be added to the block at `index`."""

    index: Any
    """Of a type that is still to be looked at: for an `int`, msgspec takes 1.0 too."""
    delta: _Text | _Thinking | _Input


KINDS: dict[type, tuple[str, str]] = {
    _Text: ("text_delta", "text"),
    _Thinking: ("thinking_delta", "thinking"),
    _Input: ("input_json_delta", "partial_json"),
}
"""Type of the delta → its name, and the field of the block that its text is added to."""

_decode = msgspec.json.Decoder(PlainDelta).decode


def maybe_plain_delta(text: str) -> PlainDelta | None:
    """Return an event that is nothing but a piece of text; None for any other."""
    try:
        event: PlainDelta = _decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return event
