"""The head and the body of answers."""

import json

import pytest

from recorder.model import Family
from recorder.translate.answer import Exchange, translate_body, translate_head
from recorder.translate.place import Kind
from recorder.translate.streams import FramesToSse, SseToFrames, Through

MESSAGE = b'{ "type":"message", "usage": {"input_tokens": 3, "output_tokens": 4, "cache_read_input_tokens": 5} }'


def exchange(client: Family, provider: Family, kind: Kind = Kind.ANSWER, *, streaming: bool = True) -> Exchange:
    return Exchange(client=client, provider=provider, kind=kind, streaming=streaming)


def test_heads_of_streams() -> None:
    sent = (("Content-Type", "application/vnd.amazon.eventstream"), ("x-amzn-RequestId", "r"), ("retry-after", "3"))
    head = translate_head(exchange(Family.MESSAGES, Family.BEDROCK), 200, sent)
    assert isinstance(head.stream, FramesToSse)
    assert dict(head.headers) == {
        "x-amzn-requestid": None,
        "request-id": "r",
        "content-type": "text/event-stream; charset=utf-8",
    }
    sent = (("request-id", "q"), ("anthropic-organization-id", "o"), ("anthropic-ratelimit-requests-limit", "9"))
    head = translate_head(exchange(Family.BEDROCK, Family.MESSAGES), 200, sent)
    assert isinstance(head.stream, SseToFrames)
    assert dict(head.headers) == {
        "anthropic-organization-id": None,
        "x-amzn-requestid": "q",
        "content-type": "application/vnd.amazon.eventstream",
    }
    head = translate_head(exchange(Family.MESSAGES, Family.VERTEX), 200, (("content-type", "text/event-stream"),))
    assert isinstance(head.stream, Through)


@pytest.mark.parametrize(
    ("status", "content_type", "streaming", "is_stream"),
    [
        (200, "", True, True),
        (200, "application/json", True, False),
        (200, "application/vnd.amazon.eventstream", False, False),
        (429, "application/vnd.amazon.eventstream", True, False),
    ],
)
def test_what_is_a_stream(status: int, content_type: str, streaming: bool, is_stream: bool) -> None:
    said = exchange(Family.MESSAGES, Family.BEDROCK, streaming=streaming)
    head = translate_head(said, status, (("content-type", content_type),) if content_type else ())
    assert (head.stream is not None) is is_stream


def test_a_whole_answer_keeps_its_bytes_and_bedrock_counts_in_headers() -> None:
    for client, provider in ((Family.MESSAGES, Family.BEDROCK), (Family.VERTEX, Family.MESSAGES)):
        assert translate_body(exchange(client, provider), 200, (), MESSAGE).body is MESSAGE
    found = translate_body(exchange(Family.BEDROCK, Family.MESSAGES), 200, (), MESSAGE)
    assert found.body is MESSAGE
    assert dict(found.headers) == {
        "x-amzn-bedrock-input-token-count": "3",
        "x-amzn-bedrock-output-token-count": "4",
        "x-amzn-bedrock-cache-read-input-token-count": "5",
    }


def test_counts_of_tokens() -> None:
    to_messages, to_bedrock = (
        exchange(Family.MESSAGES, Family.BEDROCK, Kind.COUNT),
        exchange(Family.BEDROCK, Family.VERTEX, Kind.COUNT),
    )
    assert json.loads(translate_body(to_messages, 200, (), b'{"inputTokens": 7}').body) == {"input_tokens": 7}
    assert json.loads(translate_body(to_bedrock, 200, (), b'{"input_tokens": 7}').body) == {"inputTokens": 7}
    assert translate_body(exchange(Family.MESSAGES, Family.VERTEX, Kind.COUNT), 200, (), b'{"input_tokens":7}').body
    for odd in (b"no json", b"[7]", b"{}"):
        assert translate_body(to_messages, 200, (), odd).body == odd


def test_errors_come_translated() -> None:
    found = translate_body(
        exchange(Family.BEDROCK, Family.MESSAGES), 529, (), b'{"type":"error","error":{"type":"overloaded_error"}}'
    )
    assert (found.status, dict(found.headers)) == (503, {"x-amzn-errortype": "ServiceUnavailableException"})
