"""How the answer to a model call is framed.

The bytes decide where they can: a content type may be missing (Bedrock), or wrong (gateways that answer a streamed call
with a JSON error under `text/event-stream`). Then the content type, then what was asked for.
"""

import struct
from enum import Enum, auto
from zlib import crc32

from recorder.model import Protocol
from recorder.wire.classify import Call

_PRELUDE = struct.Struct(">8sI")

_CONTENT_TYPES = (("eventstream", "EVENT_STREAM"), ("event-stream", "SSE"), ("json", "JSON"))


class Framing(Enum):
    """One JSON text, server-sent events, or AWS event stream frames."""

    JSON = auto()
    SSE = auto()
    EVENT_STREAM = auto()


_STARTS = {
    Framing.JSON: (b"{", b"["),
    Framing.SSE: (b"event:", b"data:", b"id:", b"retry:", b":"),
}


def find_framing(call: Call, status: int, content_type: str, data: bytes) -> Framing:
    """Return the framing of a body (without its content coding); `content_type` is "" when there is none."""
    return _seen(data) or _declared(content_type) or _expected(call, status)


def _seen(data: bytes) -> Framing | None:
    if _is_frame(data):
        return Framing.EVENT_STREAM
    start = data[:64].lstrip()
    return next((framing for framing, starts in _STARTS.items() if start.startswith(starts)), None)


def _is_frame(data: bytes) -> bool:
    """Tell whether the bytes begin with an event stream's prelude, whose checksum nothing else has."""
    if len(data) < _PRELUDE.size:
        return False
    lengths, checksum = _PRELUDE.unpack_from(data)
    return bool(crc32(lengths) == checksum)


def _declared(content_type: str) -> Framing | None:
    return next((Framing[name] for word, name in _CONTENT_TYPES if word in content_type.lower()), None)


def _expected(call: Call, status: int) -> Framing:
    if status >= 400 or not call.streaming:
        return Framing.JSON
    bedrock = call.protocol in {Protocol.BEDROCK_INVOKE, Protocol.BEDROCK_CONVERSE}
    return Framing.EVENT_STREAM if bedrock else Framing.SSE
