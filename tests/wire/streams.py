"""Streams as providers send them, built for the tests of this room."""

import base64
import json
from collections.abc import Iterable
from typing import Any

from recorder.model import FlowClass, Headers, Protocol, Provider
from recorder.wire.answer import Answer, Chunk, assemble_or_raise
from recorder.wire.classify import Call
from recorder.wire.eventstream import encode_frame

SSE_HEADERS: Headers = (("Content-Type", "text/event-stream; charset=utf-8"),)
JSON_HEADERS: Headers = (("content-type", "application/json"),)
USAGE = {
    "input_tokens": 10,
    "output_tokens": 1,
    "cache_creation_input_tokens": 100,
    "cache_read_input_tokens": 50,
    "cache_creation": {"ephemeral_5m_input_tokens": 60, "ephemeral_1h_input_tokens": 40},
    "service_tier": "standard",
}
START = {
    "type": "message_start",
    "message": {
        "id": "msg_01",
        "type": "message",
        "role": "assistant",
        "model": "claude-opus-4-8",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": USAGE,
    },
}
STOP = {"type": "message_stop"}


def call(protocol: Protocol = Protocol.MESSAGES, *, streaming: bool | None = True) -> Call:
    return Call(FlowClass.MODEL, protocol, Provider.ANTHROPIC, None, streaming, "")


def block_start(index: int, **block: Any) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": block}


def block_delta(index: int, kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, **fields}}


def block_stop(index: int) -> dict[str, Any]:
    return {"type": "content_block_stop", "index": index}


def ending(stop_reason: str = "end_turn", **usage: Any) -> dict[str, Any]:
    delta = {"stop_reason": stop_reason, "stop_sequence": None}
    return {"type": "message_delta", "delta": delta, "usage": {"output_tokens": 20, **usage}}


def text_block(index: int, *pieces: str) -> list[dict[str, Any]]:
    deltas = [block_delta(index, "text_delta", text=piece) for piece in pieces]
    return [block_start(index, type="text", text=""), *deltas, block_stop(index)]


def tool_block(index: int, *pieces: str, id: str = "toolu_01", name: str = "Bash") -> list[dict[str, Any]]:  # noqa: A002  the wire's name
    deltas = [block_delta(index, "input_json_delta", partial_json=piece) for piece in pieces]
    return [block_start(index, type="tool_use", id=id, name=name, input={}), *deltas, block_stop(index)]


RICH = [
    START,
    {"type": "ping"},
    block_start(0, type="thinking", thinking="", signature=""),
    block_delta(0, "thinking_delta", thinking="Let me ", estimated_tokens=50),
    block_delta(0, "thinking_delta", thinking="see…", estimated_tokens=None),
    block_delta(0, "signature_delta", signature="EqQBCg=="),
    block_stop(0),
    block_start(1, type="text", text=""),
    block_delta(1, "text_delta", text="Grüße "),
    block_delta(1, "citations_delta", citation={"type": "char_location", "cited_text": "x"}),
    block_delta(1, "text_delta", text="😀\n"),
    block_stop(1),
    block_start(2, type="redacted_thinking", data="AAAA"),
    block_stop(2),
    *tool_block(3, "", '{"comm', 'and": "echo hi"', ', "n": 1.50}'),
    ending("tool_use", output_tokens_details={"thinking_tokens": 7}),
    STOP,
]
"""One stream with every kind of block and delta that an ordinary turn has."""


def sse(events: Iterable[dict[str, Any]]) -> bytes:
    return b"".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in events)


def chunk_frame(event: dict[str, Any] | bytes) -> bytes:
    data = event if isinstance(event, bytes) else json.dumps(event).encode()
    payload = json.dumps({"bytes": base64.b64encode(data).decode(), "p": "abcdefgh"}).encode()
    return encode_frame({":event-type": "chunk", ":message-type": "event"}, payload)


def converse_frame(kind: str, event: dict[str, Any]) -> bytes:
    return encode_frame({":event-type": kind, ":message-type": "event"}, json.dumps(event).encode())


def exception_frame(kind: str, message: str) -> bytes:
    headers = {":exception-type": kind, ":message-type": "exception"}
    return encode_frame(headers, json.dumps({"message": message}).encode())


def answer(
    body: bytes,
    *,
    status: int = 200,
    headers: Headers = SSE_HEADERS,
    protocol: Protocol = Protocol.MESSAGES,
    streaming: bool | None = True,
    chunks: Iterable[Chunk] = (),
) -> Answer:
    return assemble_or_raise(call(protocol, streaming=streaming), status, headers, body, tuple(chunks))


def message_of(found: Answer) -> dict[str, Any]:
    assert found.message is not None
    value = json.loads(found.message)
    assert isinstance(value, dict)
    return value


def kinds(found: Answer) -> list[str]:
    return [anomaly.kind for anomaly in found.anomalies]
