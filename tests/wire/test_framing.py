import pytest

from recorder.model import Protocol
from recorder.wire.framing import Framing, find_framing
from tests.wire.streams import call, chunk_frame

FRAME = chunk_frame({"type": "ping"})


@pytest.mark.parametrize(
    ("content_type", "data", "expected"),
    [
        ("", FRAME, Framing.EVENT_STREAM),
        ("application/json", FRAME, Framing.EVENT_STREAM),
        ("text/event-stream", b' {"type":"error"}', Framing.JSON),
        ("application/json", b"event: ping\n", Framing.SSE),
        ("", b": comment\n", Framing.SSE),
        ("application/vnd.amazon.eventstream", FRAME[:7], Framing.EVENT_STREAM),
        ("Text/Event-Stream", b"", Framing.SSE),
        ("application/json; charset=utf-8", b"oops", Framing.JSON),
        ("text/html", b"<html>", Framing.SSE),
    ],
)
def test_bytes_decide_before_the_content_type(content_type: str, data: bytes, expected: Framing) -> None:
    assert find_framing(call(), 200, content_type, data) is expected


@pytest.mark.parametrize(
    ("protocol", "streaming", "status", "expected"),
    [
        (Protocol.BEDROCK_INVOKE, True, 200, Framing.EVENT_STREAM),
        (Protocol.BEDROCK_CONVERSE, True, 200, Framing.EVENT_STREAM),
        (Protocol.BEDROCK_INVOKE, True, 500, Framing.JSON),
        (Protocol.BEDROCK_INVOKE, False, 200, Framing.JSON),
        (Protocol.VERTEX, True, 200, Framing.SSE),
        (Protocol.MESSAGES, None, 200, Framing.JSON),
    ],
)
def test_the_call_decides_when_nothing_else_does(
    protocol: Protocol, streaming: bool | None, status: int, expected: Framing
) -> None:
    assert find_framing(call(protocol, streaming=streaming), status, "", b"") is expected
