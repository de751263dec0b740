import asyncio
import base64
import gzip
import json
import zlib

import brotli
import h11
import pytest
import zstandard
from botocore.eventstream import EventStreamBuffer

from recorder.demo.answers import Answer, Failure, Text, Thinking, Tokens, ToolCall, in_order
from recorder.demo.client import Client, Sent
from recorder.demo.provider import Provider
from recorder.demo.reading import content_blocks, stream_events
from recorder.model import Headers

MODEL = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
TOKENS = Tokens(input=1, output=2, cache_read=3, cache_write_5m=4, cache_write_1h=5)
BLOCKS = (Thinking("Let me think about it."), Text("A text of some length."), ToolCall("toolu_1", "Bash", {"a": [1]}))
ANSWER = Answer(blocks=BLOCKS, tokens=TOKENS)
CONTENT = [
    {"type": "thinking", "thinking": "Let me think about it.", "signature": "c2lnbmF0dXJl"},
    {"type": "text", "text": "A text of some length."},
    {"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {"a": [1]}},
]
STREAM = json.dumps({"model": "m", "stream": True}).encode()


async def ask(answer: Answer, path: str = "/v1/messages", body: bytes = STREAM, headers: Headers = ()) -> Sent:
    async with Provider(in_order(answer)) as provider, Client(provider.url) as client:
        sent = await client.post(path, body, headers)
        assert provider.exchanges[0].sha256 == sent.sha256
        return sent


def frames(body: bytes) -> list[tuple[dict[str, str], dict[str, object]]]:
    """Decode with botocore, which is not ours."""
    buffer = EventStreamBuffer()
    buffer.add_data(body)
    return [(event.headers, json.loads(event.payload)) for event in buffer]


@pytest.mark.parametrize(
    "path", ["/v1/messages?beta=true", "/x/v1/messages", "/v1/projects/p/models/claude-x@1:streamRawPredict"]
)
async def test_messages_stream(path: str) -> None:
    sent = await ask(ANSWER, path)
    assert dict(sent.headers)["content-type"] == "text/event-stream; charset=utf-8"
    assert content_blocks(sent.body) == CONTENT
    start, *_, delta, stop = stream_events(sent.body)
    assert start["message"]["usage"]["cache_creation"] == {
        "ephemeral_5m_input_tokens": 4,
        "ephemeral_1h_input_tokens": 5,
    }
    assert delta["usage"] == {"output_tokens": 2}
    assert delta["delta"]["stop_reason"] == "tool_use"
    assert stop == {"type": "message_stop"}


@pytest.mark.parametrize("path", ["/v1/messages", f"/bedrock/model/{MODEL}/invoke", "/models/claude-x@1:rawPredict"])
async def test_messages_not_streamed(path: str) -> None:
    sent = await ask(ANSWER, path, b"{}")
    message = json.loads(sent.body)
    assert message["content"] == CONTENT
    assert message["usage"]["output_tokens"] == 2
    headers = dict(sent.headers)
    assert headers.get("x-amzn-bedrock-cache-write-input-token-count") == ("9" if "bedrock" in path else None)


async def test_bedrock_stream_is_what_botocore_reads() -> None:
    sent = await ask(ANSWER, "/model/us.anthropic.claude%3A0/invoke-with-response-stream", b"{}")
    assert dict(sent.headers)["content-type"] == "application/vnd.amazon.eventstream"
    decoded = [json.loads(base64.b64decode(str(payload["bytes"]))) for _, payload in frames(sent.body)]
    assert decoded[0]["message"]["model"] == "us.anthropic.claude:0"
    assert decoded[-1]["amazon-bedrock-invocationMetrics"]["outputTokenCount"] == 2
    assert [event["type"] for event in decoded][-2:] == ["message_delta", "message_stop"]


async def test_converse_streamed_and_not() -> None:
    whole = json.loads((await ask(ANSWER, f"/model/{MODEL}/converse", b"{}")).body)
    assert whole["output"]["message"]["content"][2]["toolUse"]["input"] == {"a": [1]}
    streamed = frames((await ask(ANSWER, f"/model/{MODEL}/converse-stream", b"{}")).body)
    assert [headers[":event-type"] for headers, _ in streamed][-1] == "metadata"
    assert (
        streamed[-1][1]["usage"]
        == whole["usage"]
        == {
            "inputTokens": 1,
            "outputTokens": 2,
            "totalTokens": 15,
            "cacheReadInputTokens": 3,
            "cacheWriteInputTokens": 9,
        }
    )


@pytest.mark.parametrize(
    ("coding", "decode"),
    [
        ("gzip", gzip.decompress),
        ("deflate", zlib.decompress),
        ("br", brotli.decompress),
        ("zstd", lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data)),
    ],
)
async def test_coded_stream(coding: str, decode) -> None:  # type: ignore[no-untyped-def]
    sent = await ask(Answer(blocks=BLOCKS, coding=coding))
    assert dict(sent.headers)["content-encoding"] == coding
    assert content_blocks(decode(sent.body)) == CONTENT


async def test_coded_and_chunked_request_is_understood_and_logged_as_sent() -> None:
    body = gzip.compress(b'{"model":"m"}')
    async with Provider(in_order(ANSWER)) as provider, Client(provider.url) as client:
        await client.post("/v1/messages", body, (("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked")))
    request = provider.exchanges[0].request
    assert request.body == body
    assert request.framed == b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    assert request.data == {"model": "m"}


async def test_error_status_in_both_forms() -> None:
    failed = Answer(status=429, failure=Failure("rate_limit_error", "slow down"))
    plain = await ask(failed)
    assert plain.status == 429
    assert json.loads(plain.body)["error"] == {"type": "rate_limit_error", "message": "slow down"}
    bedrock = await ask(failed, f"/model/{MODEL}/invoke-with-response-stream", b"{}")
    assert json.loads(bedrock.body) == {"message": "slow down"}
    assert dict(bedrock.headers)["x-amzn-errortype"] == "ThrottlingException"


async def test_error_in_mid_stream_in_both_forms() -> None:
    broken = Answer(blocks=BLOCKS, failure=Failure(), failure_at=2)
    events = stream_events((await ask(broken)).body)
    assert [event["type"] for event in events] == ["message_start", "content_block_start", "error"]
    *_, (headers, payload) = frames((await ask(broken, f"/model/{MODEL}/invoke-with-response-stream", b"{}")).body)
    assert headers[":exception-type"] == "serviceUnavailableException"
    assert payload == {"message": "Overloaded"}


async def test_abort_in_mid_stream() -> None:
    with pytest.raises((OSError, h11.RemoteProtocolError)):
        await ask(Answer(blocks=BLOCKS, abort_at=3))


async def test_unknown_event_stands_where_it_was_put() -> None:
    sent = await ask(Answer(blocks=BLOCKS, inserted={1: {"type": "surprise", "n": 1}}))
    assert stream_events(sent.body)[1] == {"type": "surprise", "n": 1}


async def test_gate_holds_an_event_back() -> None:
    gate = asyncio.Event()
    async with Provider(in_order(Answer(blocks=BLOCKS, gates={2: gate}))) as provider, Client(provider.url) as client:
        asking = asyncio.create_task(client.post("/v1/messages", STREAM, ()))
        exchange = await provider.arrival(1)
        assert not exchange.over.is_set()
        assert len(exchange.pieces) <= 2
        gate.set()
        assert content_blocks((await asking).body) == CONTENT
    assert exchange.complete


async def test_client_that_goes_away_at_a_gate_ends_the_exchange() -> None:
    answer = Answer(blocks=BLOCKS, gates={2: asyncio.Event()})
    async with Provider(in_order(answer)) as provider:
        async with Client(provider.url) as client:
            asking = asyncio.create_task(client.post("/v1/messages", STREAM, ()))
            exchange = await provider.arrival(1)
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
        async with asyncio.timeout(5):
            await exchange.over.wait()
    assert exchange.aborted
    assert not exchange.complete


async def test_support_calls_are_answered_and_are_no_model_calls() -> None:
    async with Provider(in_order()) as provider, Client(provider.url) as client:
        count = await client.post("/v1/messages/count_tokens", b"x" * 40, ())
        models = await client.request("GET", "/v1/models?limit=1000")
        profiles = await client.request("GET", "/inference-profiles?type=SYSTEM_DEFINED")
        missing = await client.request("GET", "/api/hello")
    assert json.loads(count.body) == {"input_tokens": 10}
    assert json.loads(models.body)["data"][0]["type"] == "model"
    assert json.loads(profiles.body)["inferenceProfileSummaries"]
    assert missing.status == 404
    assert provider.model_calls == []
