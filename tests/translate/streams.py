"""Streams and helpers for the tests of this room."""

import base64
import json
from typing import Any

from recorder.wire.eventstream import EventStreamDecoder, Frame, encode_frame
from recorder.wire.sse import SseDecoder, SseEvent
from tests.wire.streams import START, STOP, block_delta, block_start, block_stop, ending

METRICS = "amazon-bedrock-invocationMetrics"
COUNTS = {
    "inputTokenCount": 10,
    "outputTokenCount": 20,
    "cacheReadInputTokenCount": 50,
    "cacheWriteInputTokenCount": 100,
}
EVENTS: tuple[dict[str, Any], ...] = (
    START,
    {"type": "ping"},
    block_start(0, type="thinking", thinking=""),
    block_delta(0, "thinking_delta", thinking="ä \U0001f600 \n\t\\"),
    block_delta(0, "signature_delta", signature="c2ln"),
    block_stop(0),
    block_start(1, type="tool_use", id="toolu_1", name="Bash", input={}),
    block_delta(1, "input_json_delta", partial_json='{"command": "l'),
    {"type": "event_of_tomorrow", "more": [1, {"x": None}]},
    block_stop(1),
    ending("tool_use"),
    STOP,
)


def sse(event: dict[str, Any]) -> bytes:
    return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()


def chunk(event: dict[str, Any] | bytes, **more: str) -> bytes:
    text = event if isinstance(event, bytes) else json.dumps(event).encode()
    headers = {":event-type": "chunk", ":content-type": "application/json", ":message-type": "event"}
    return encode_frame(headers, json.dumps({"bytes": base64.b64encode(text).decode(), **more}).encode())


def exception(kind: str, message: str) -> bytes:
    headers = {":exception-type": kind, ":content-type": "application/json", ":message-type": "exception"}
    return encode_frame(headers, json.dumps({"message": message}).encode())


def with_metrics(events: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
    return tuple(event | {METRICS: COUNTS} if event["type"] == "message_stop" else event for event in events)


def read_sse(data: bytes) -> list[dict[str, Any]]:
    """Give the events; each must be named in its framing as it is in its data."""
    decoder = SseDecoder()
    items = decoder.feed(data) + decoder.finish()
    assert all(isinstance(item, SseEvent) for item in items), items
    events = [(item.event, json.loads(item.data)) for item in items if isinstance(item, SseEvent)]
    assert all(name == event["type"] for name, event in events)
    return [event for _, event in events]


def read_frames(data: bytes) -> list[dict[str, Any]]:
    """Give the events in chunks, and exceptions as `{"exception", "message"}`."""
    decoder = EventStreamDecoder()
    frames = decoder.feed(data) + decoder.finish()
    assert all(isinstance(frame, Frame) for frame in frames), frames
    return [_event(frame) for frame in frames if isinstance(frame, Frame)]


def _event(frame: Frame) -> dict[str, Any]:
    payload = json.loads(frame.payload)
    if frame.headers[":message-type"] == "exception":
        return {"exception": frame.headers[":exception-type"], **payload}
    event: dict[str, Any] = json.loads(base64.b64decode(payload["bytes"]))
    return event
