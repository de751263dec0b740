"""An answer as bytes: status, headers, and the body in the pieces in which it is sent, in the request's protocol."""

import base64
import json
from typing import Any

import msgspec

from recorder.demo.answers import Answer, Failure
from recorder.demo.compress import compress
from recorder.demo.events import converse, converse_events, message, message_events
from recorder.demo.requests import Form, SeenRequest
from recorder.model import Headers
from recorder.wire.eventstream import encode_frame

JSON = "application/json"
SSE = "text/event-stream; charset=utf-8"
FRAMES = "application/vnd.amazon.eventstream"
BEDROCK_FORMS = frozenset({Form.BEDROCK_INVOKE, Form.BEDROCK_CONVERSE})
BEDROCK_EXCEPTIONS = {
    "overloaded_error": ("ServiceUnavailableException", "serviceUnavailableException"),
    "rate_limit_error": ("ThrottlingException", "throttlingException"),
    "invalid_request_error": ("ValidationException", "validationException"),
    "not_found_error": ("ResourceNotFoundException", "validationException"),
}
"""Per Messages error type: the name in `x-amzn-errortype`, and the name in a stream's exception frame."""


class Sendable(msgspec.Struct, frozen=True):
    """An answer ready for the wire: one piece per event when it is streamed, else one piece in all."""

    status: int
    headers: Headers
    pieces: tuple[bytes, ...]
    streamed: bool


def frame_answer(answer: Answer, request: SeenRequest, number: int) -> Sendable:
    """Put an answer into the form in which the request wants it; `number` makes its ids."""
    if answer.raw is not None:
        kind, body = answer.raw
        return Sendable(answer.status, (*_ids(request, number), ("content-type", kind)), (body,), streamed=False)
    streamed = request.streamed and answer.status < 400
    headers, pieces = (_stream if streamed else _single)(answer, request, number)
    if answer.coding:
        headers += (("content-encoding", answer.coding),)
        pieces = list(compress(pieces, answer.coding))
    return Sendable(answer.status, (*_ids(request, number), *headers, *answer.headers), tuple(pieces), streamed)


def _ids(request: SeenRequest, number: int) -> Headers:
    if request.form in BEDROCK_FORMS:
        return (("x-amzn-requestid", f"00000000-0000-4000-8000-{number:012d}"),)
    return (("request-id", f"req_demo{number:08d}"),)


def _message_id(answer: Answer, number: int) -> str:
    return answer.message_id or f"msg_demo{number:08d}"


def _single(answer: Answer, request: SeenRequest, number: int) -> tuple[Headers, list[bytes]]:
    make = _failed if answer.status >= 400 else _whole
    headers, body = make(answer, request, number)
    return (("content-type", JSON), *headers), [body]


def _whole(answer: Answer, request: SeenRequest, number: int) -> tuple[Headers, bytes]:
    if request.form is Form.BEDROCK_CONVERSE:
        return (), _dump(converse(answer))
    body = _dump(message(answer, answer.model or request.model or "", _message_id(answer, number)))
    if request.form is not Form.BEDROCK_INVOKE:
        return (), body
    return tuple((f"x-amzn-bedrock-{name}", str(value)) for name, value in _counts(answer).items()), body


def _counts(answer: Answer) -> dict[str, int]:
    tokens = answer.tokens
    return {
        "input-token-count": tokens.input,
        "output-token-count": tokens.output,
        "cache-read-input-token-count": tokens.cache_read,
        "cache-write-input-token-count": tokens.cache_write_5m + tokens.cache_write_1h,
        "invocation-latency": 7,
    }


def _failed(answer: Answer, request: SeenRequest, number: int) -> tuple[Headers, bytes]:
    failure = answer.failure or Failure()
    if request.form in BEDROCK_FORMS:
        name, _ = BEDROCK_EXCEPTIONS.get(failure.type, ("InternalServerException", ""))
        return (("x-amzn-errortype", name),), _dump({"message": failure.message})
    body = {"type": "error", "error": _error(failure), "request_id": f"req_demo{number:08d}"}
    return (), _dump(body)


def _error(failure: Failure) -> dict[str, str]:
    return {"type": failure.type, "message": failure.message}


def _stream(answer: Answer, request: SeenRequest, number: int) -> tuple[Headers, list[bytes]]:
    if request.form is Form.BEDROCK_CONVERSE:
        pieces = [_frame(kind, _dump(payload)) for kind, payload in converse_events(answer)]
    else:
        events = message_events(answer, answer.model or request.model or "", _message_id(answer, number))
        for position, event in sorted(answer.inserted.items()):
            events.insert(position, event)
        pieces = [_chunk(event, answer) if request.form is Form.BEDROCK_INVOKE else _sse(event) for event in events]
    if answer.failure is not None:
        pieces[answer.failure_at :] = [_broken(answer.failure, request)]
    return (("content-type", FRAMES if request.form in BEDROCK_FORMS else SSE),), pieces


def _broken(failure: Failure, request: SeenRequest) -> bytes:
    if request.form not in BEDROCK_FORMS:
        return _sse({"type": "error", "error": _error(failure)})
    _, name = BEDROCK_EXCEPTIONS.get(failure.type, ("", "internalServerException"))
    headers = {":exception-type": name, ":content-type": JSON, ":message-type": "exception"}
    return encode_frame(headers, _dump({"message": failure.message}))


def _sse(event: dict[str, Any]) -> bytes:
    return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()


def _chunk(event: dict[str, Any], answer: Answer) -> bytes:
    """One Messages event as Bedrock wraps it; the last one carries the metrics, every one its padding."""
    if event["type"] == "message_stop":
        tokens = answer.tokens
        metrics = {"inputTokenCount": tokens.input, "outputTokenCount": tokens.output}
        metrics |= {"invocationLatency": 7, "firstByteLatency": 3, "cacheReadInputTokenCount": tokens.cache_read}
        metrics |= {"cacheWriteInputTokenCount": tokens.cache_write_5m + tokens.cache_write_1h}
        event = event | {"amazon-bedrock-invocationMetrics": metrics}
    return _frame("chunk", _dump({"bytes": base64.b64encode(_dump(event)).decode(), "p": "abcdef"}))


def _frame(kind: str, payload: bytes) -> bytes:
    return encode_frame({":event-type": kind, ":content-type": JSON, ":message-type": "event"}, payload)


def _dump(value: object) -> bytes:
    return json.dumps(value).encode()
