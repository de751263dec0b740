"""An answer in one protocol → the same answer in another's form: its head, its body or its stream."""

from typing import Any

import msgspec

from recorder.model import Family, Headers
from recorder.translate.failures import Failed, translate_failure
from recorder.translate.place import Kind
from recorder.translate.streams import StreamTranslator, metrics, stream_translator
from recorder.wire.jsontext import parse_json, render_json

_SSE = "text/event-stream; charset=utf-8"
_FRAMES = "application/vnd.amazon.eventstream"
_JSON = "application/json"
_TOKEN_HEADERS = {
    "inputTokenCount": "x-amzn-bedrock-input-token-count",
    "outputTokenCount": "x-amzn-bedrock-output-token-count",
    "cacheReadInputTokenCount": "x-amzn-bedrock-cache-read-input-token-count",
    "cacheWriteInputTokenCount": "x-amzn-bedrock-cache-write-input-token-count",
}
_PROVIDERS_ONLY = {
    Family.MESSAGES: ("anthropic-",),
    Family.BEDROCK: ("x-amzn-bedrock-", "x-amzn-errortype", "x-amzn-requestid"),
    Family.VERTEX: ("x-vertex-",),
}
"""Beginnings of headers that mean nothing to a client of another protocol; its ids are said in the client's way."""
_IDS = {Family.MESSAGES: "request-id", Family.BEDROCK: "x-amzn-requestid", Family.VERTEX: "request-id"}
_LIMITS = "anthropic-ratelimit-"


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """Who speaks what in one call."""

    client: Family
    provider: Family
    kind: Kind
    streaming: bool


class Head(msgspec.Struct, frozen=True):
    """What changes about the head of an answer."""

    headers: tuple[tuple[str, str | None], ...]
    """Names in lower case; None: taken out."""
    stream: StreamTranslator | None
    """None: the body is to be translated whole."""


def translate_head(exchange: Exchange, status: int, headers: Headers) -> Head:
    """Return what becomes of an answer's head, and how its body is to be read."""
    lower = [(name.lower(), value) for name, value in headers]
    said = dict(reversed(lower))
    changed: dict[str, str | None] = {
        name: None for name, _ in lower if name.startswith(_PROVIDERS_ONLY[exchange.provider]) and _LIMITS not in name
    }
    if request_id := said.get(_IDS[exchange.provider]):
        changed[_IDS[exchange.client]] = request_id
    is_stream = status < 400 and exchange.streaming and "json" not in _plain_type(said.get("content-type", ""))
    if not is_stream:
        return Head(tuple(changed.items()), None)
    changed["content-type"] = _FRAMES if exchange.client is Family.BEDROCK else _SSE
    return Head(tuple(changed.items()), stream_translator(exchange.provider, exchange.client))


def translate_body(exchange: Exchange, status: int, headers: Headers, body: bytes) -> Failed:
    """Return a whole answer: what is right keeps its bytes, as far as both say it alike."""
    if status >= 400:
        return translate_failure(exchange.client, status, headers, body)
    try:
        value = parse_json(body)
    except ValueError:
        return Failed(status, (), body)
    if exchange.kind is Kind.COUNT:
        return Failed(status, (), _counted(exchange, value, body))
    usage = value.get("usage") if isinstance(value, dict) else None
    if exchange.client is not Family.BEDROCK or not isinstance(usage, dict):
        return Failed(status, (), body)
    counts = tuple((_TOKEN_HEADERS[name], str(count)) for name, count in metrics(usage).items())
    return Failed(status, counts, body)


def _counted(exchange: Exchange, value: Any, body: bytes) -> bytes:
    here = "inputTokens" if exchange.provider is Family.BEDROCK else "input_tokens"
    there = "inputTokens" if exchange.client is Family.BEDROCK else "input_tokens"
    if here == there or not isinstance(value, dict) or here not in value:
        return body
    return render_json({there: value[here]})


def _plain_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()
