"""A stream of one provider's, event by event in another's framing, sans-io.

Strategy: `feed` gives what the bytes complete, so that each event goes on as it arrives, however they are cut. An
event's JSON keeps its text. What differs: Bedrock counts tokens once more in its last event, which is taken out or put
in; it has no pings, so that `PING` may be sent in its silence; an error is an event there and a frame here. What
cannot be read is not passed over: the client is told in its own form, and takes the answer for broken.

Sources: WIRE.md sections 2 and 3; the Bedrock API reference, ResponseStream; checked against botocore 1.44.5 and
anthropic 2.12.0, November 2026.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Protocol

from recorder.model import Family
from recorder.translate.edit import Edited
from recorder.translate.failures import as_anthropic, streamed_exception
from recorder.wire.anomaly import Anomaly
from recorder.wire.eventstream import EventStreamDecoder, Frame, encode_frame
from recorder.wire.failure import error_in
from recorder.wire.journal import ErrorInfo
from recorder.wire.jsontext import parse_json, render_json
from recorder.wire.messages import METRICS
from recorder.wire.sse import SseDecoder, SseEvent
from recorder.wire.usage import merge_usage

_JSON = "application/json"
_DONE = "[DONE]"
"""What some gateways end a stream with; no Messages event."""
_COUNTS = {
    "input_tokens": "inputTokenCount",
    "output_tokens": "outputTokenCount",
    "cache_read_input_tokens": "cacheReadInputTokenCount",
    "cache_creation_input_tokens": "cacheWriteInputTokenCount",
}
_BROKEN = "the provider's stream was damaged on its way"


class StreamTranslator(Protocol):
    """Takes the bytes of a provider's stream, gives those for the client."""

    ping: bytes
    """What may be sent between two events, while the provider is silent; empty: nothing."""

    def feed(self, data: bytes) -> bytes:
        """Take the next bytes; give what they complete."""

    def finish(self) -> bytes:
        """Say that the stream is over; give what is left to be said."""


class FramesToSse:
    """Bedrock's event stream as server-sent events."""

    ping = b'event: ping\ndata: {"type": "ping"}\n\n'

    def __init__(self) -> None:
        self._decoder = EventStreamDecoder()

    def feed(self, data: bytes) -> bytes:
        """Take the next bytes; give the events that they complete."""
        return b"".join(map(self._item, self._decoder.feed(data)))

    def finish(self) -> bytes:
        """Give an error event when the stream ended inside a frame."""
        return b"".join(map(self._item, self._decoder.finish()))

    def _item(self, item: Frame | Anomaly) -> bytes:
        if isinstance(item, Anomaly):
            return _error_event(ErrorInfo("api_error", _BROKEN))
        kind = item.headers.get(":message-type", "event")
        if kind != "event":
            return _error_event(_frame_error(item))
        if item.headers.get(":event-type") not in {"chunk", None}:
            return b""  # no event of Messages; Bedrock has none for Claude
        try:
            text = base64.b64decode(parse_json(item.payload)["bytes"], validate=True)
            return _sse(_kind(text), _without_metrics(text))
        except (ValueError, TypeError, LookupError, binascii.Error):
            return _error_event(ErrorInfo("api_error", _BROKEN))


class SseToFrames:
    """Server-sent events as Bedrock's event stream."""

    def __init__(self) -> None:
        self._decoder = SseDecoder()
        self._usage: dict[str, Any] = {}
        self.ping = _chunk(b'{"type": "ping"}')

    def feed(self, data: bytes) -> bytes:
        """Take the next bytes; give the frames that they complete."""
        return b"".join(self._event(item) for item in self._decoder.feed(data) if isinstance(item, SseEvent))

    def finish(self) -> bytes:
        """Give an exception frame when the stream ended inside an event."""
        cut = any(item.kind == "sse_truncated" for item in self._decoder.finish() if isinstance(item, Anomaly))
        return _exception(ErrorInfo("api_error", _BROKEN)) if cut else b""

    def _event(self, event: SseEvent) -> bytes:
        text = event.data.encode(errors="replace")
        if not text or event.data == _DONE:
            return _chunk(b'{"type": "ping"}') if event.event == "ping" else b""
        try:
            kind = _kind(text)
        except ValueError:
            return _exception(ErrorInfo("api_error", _BROKEN))
        if kind == "error":
            return _exception(as_anthropic(error_in(parse_json(text), "api_error")))
        return _chunk(self._with_metrics(kind, text))

    def _with_metrics(self, kind: str, text: bytes) -> bytes:
        """Note what an event says about tokens, and say it once more in the last one, as Bedrock does."""
        if kind in {"message_start", "message_delta"}:
            value = parse_json(text)
            said = (value.get("message") if kind == "message_start" else value) or {}
            usage = said.get("usage") if isinstance(said, Mapping) else None
            self._usage = merge_usage(self._usage, usage) if isinstance(usage, Mapping) else self._usage
        if kind != "message_stop" or not (counts := metrics(self._usage)):
            return text
        last = Edited(text)
        if METRICS not in last:
            last.put(METRICS, render_json(counts))
        return last.bytes_()


class Through:
    """A stream whose framing is the same on both sides: Messages and Vertex, which both have pings of their own."""

    ping = b""

    def feed(self, data: bytes) -> bytes:
        """Give the bytes as they are."""
        return data

    def finish(self) -> bytes:
        """Give nothing: the client sees itself where the stream ended."""
        return b""


def stream_translator(provider: Family, client: Family) -> StreamTranslator:
    """Return the translator from a provider's stream to a client's."""
    if (provider is Family.BEDROCK) is (client is Family.BEDROCK):
        return Through()
    return FramesToSse() if provider is Family.BEDROCK else SseToFrames()


def metrics(usage: Mapping[str, Any]) -> dict[str, int]:
    """Return the counts of a Messages usage object under the names that Bedrock gives them."""
    return {name: usage[key] for key, name in _COUNTS.items() if type(usage.get(key)) is int}


def _kind(text: bytes) -> str:
    """Return an event's type. Raises ValueError for what is no event."""
    value = parse_json(text)
    kind = value.get("type") if isinstance(value, dict) else None
    if not isinstance(kind, str) or not kind.isprintable():
        raise ValueError("an event without a type")
    return kind


def _sse(kind: str, text: bytes) -> bytes:
    # A line end inside JSON is white space; in an event it would end the data.
    lines = b"\ndata: ".join(text.splitlines())
    return b"event: " + kind.encode() + b"\ndata: " + lines + b"\n\n"


def _without_metrics(text: bytes) -> bytes:
    if METRICS.encode() not in text:
        return text
    event = Edited(text)
    event.drop(METRICS)
    return event.bytes_()


def _error_event(error: ErrorInfo) -> bytes:
    body = {"type": "error", "error": {"type": error.type, "message": error.message}}
    return _sse("error", render_json(body))


def _frame_error(frame: Frame) -> ErrorInfo:
    names = (":exception-type", ":error-code")
    kind = next((value for name in names if isinstance(value := frame.headers.get(name), str)), "api_error")
    try:
        said = error_in(parse_json(frame.payload), kind).message
    except ValueError:
        said = frame.payload.decode(errors="replace")
    return as_anthropic(ErrorInfo(kind, said or str(frame.headers.get(":error-message", ""))))


def _chunk(text: bytes) -> bytes:
    payload = render_json({"bytes": base64.b64encode(text).decode()})
    return encode_frame({":event-type": "chunk", ":content-type": _JSON, ":message-type": "event"}, payload)


def _exception(error: ErrorInfo) -> bytes:
    headers = {":exception-type": streamed_exception(error.type), ":content-type": _JSON, ":message-type": "exception"}
    return encode_frame(headers, render_json({"message": error.message}))
