"""The audit addon in the recorder's own proxy: what is forwarded, what is recorded, what ends how."""

import asyncio
import gzip
import hashlib
import zlib
from pathlib import Path

import brotli
import pytest
import zstandard

from recorder.demo.answers import Answer, Failure, Text, Tokens, ToolCall, in_order
from recorder.demo.provider import Provider
from recorder.errors import StoreError
from recorder.store.database import open_reader
from recorder.store.queries import answer_body, details, request_body
from tests.support.recorder_process import RecorderProcess
from tests.support.requests import MODEL, dumps, headers, message
from tests.support.wire_client import WireClient, post

HELLO = Answer(blocks=(Text("Hello from the other side of the proxy."),), tokens=Tokens(cache_write_5m=7))


def stored(recorder: RecorderProcess, session: str) -> tuple[bytes, bytes]:
    """Return what the record holds of a session's only request and answer."""
    db = open_reader(recorder.db)
    row = recorder.one(session)
    return request_body(db, row.id), answer_body(db, row.id)


@pytest.mark.parametrize("stream", [True, False])
async def test_bytes_pass_unchanged_and_are_on_the_record(
    recorder: RecorderProcess, session: str, stream: bool
) -> None:
    body = dumps(message("hi", stream=stream))
    async with Provider(in_order(HELLO)) as provider:
        got = await post(recorder.url, f"{provider.url}/v1/messages?beta=true", body, headers(session))
        (seen,) = provider.exchanges
        assert seen.request.body == body
        assert seen.request.target == "/v1/messages?beta=true"
        assert got.complete
        assert got.body == bytes(seen.body)
    row = recorder.one(session)
    assert (row.state, row.status, row.model, row.stop_reason) == ("complete", 200, MODEL, "end_turn")
    assert (row.input_tokens, row.output_tokens, row.cache_write_5m_tokens) == (10, 20, 7)
    assert (row.request_bytes, row.response_bytes) == (len(body), len(got.body))
    assert row.streaming is stream
    request, answer = stored(recorder, session)
    assert request == body
    assert b"Hello from the other side of the proxy." in answer


@pytest.mark.parametrize(
    ("path", "protocol"),
    [
        ("/anthropic/v1/messages", "messages"),
        ("/bedrock/model/us.anthropic.claude-haiku-4-5-20251001-v1%3A0/invoke", "bedrock-invoke"),
        ("/model/us.anthropic.claude-haiku-4-5-20251001-v1:0/invoke-with-response-stream", "bedrock-invoke"),
        ("/model/us.anthropic.claude-haiku-4-5-20251001-v1:0/converse", "bedrock-converse"),
        ("/model/us.anthropic.claude-haiku-4-5-20251001-v1:0/converse-stream", "bedrock-converse"),
        ("/vertex_ai/v1/projects/p/locations/us-east5/publishers/anthropic/models/claude-haiku-4-5@20251001:rawPredict",
         "vertex"),
        ("/v1/projects/p/locations/us-east5/publishers/anthropic/models/claude-haiku-4-5@20251001:streamRawPredict",
         "vertex"),
    ],
)  # fmt: skip
async def test_every_protocol_under_any_prefix(
    recorder: RecorderProcess, session: str, path: str, protocol: str
) -> None:
    async with Provider(in_order(HELLO)) as provider:
        request = message("hi", stream="stream" in path.lower() or "messages" in path)
        got = await post(recorder.url, provider.url + path, request, headers(session))
        assert got.body == bytes(provider.exchanges[0].body)
        assert provider.exchanges[0].request.target == path
    row = recorder.one(session)
    assert (row.protocol, row.state, row.anomalies) == (protocol, "complete", 0)
    assert (row.input_tokens, row.output_tokens, row.cache_write_5m_tokens) == (10, 20, 7)
    assert row.model
    assert "claude-haiku-4-5" in row.model


@pytest.mark.parametrize(
    ("coding", "compress"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("br", brotli.compress),
        ("zstd", zstandard.ZstdCompressor().compress),
    ],
)
async def test_codings_are_undone_for_the_record_alone(
    recorder: RecorderProcess, session: str, coding: str, compress
) -> None:
    plain = dumps(message("hi " * 3000))
    async with Provider(in_order(Answer(blocks=HELLO.blocks, coding=coding))) as provider:
        coded = compress(plain)
        fields = headers(session, **{"Content-Encoding": coding})
        got = await post(recorder.url, f"{provider.url}/v1/messages", coded, fields, chunks=3)
        assert provider.exchanges[0].request.body == coded
        assert got.body == bytes(provider.exchanges[0].body)
    request, answer = stored(recorder, session)
    assert request == plain
    assert b"Hello from the other side" in answer
    assert recorder.one(session).request_bytes == len(coded)


async def test_a_path_that_is_no_text_is_recorded_and_keeps_nobody_waiting(tmp_path: Path, session: str) -> None:
    async with Provider(in_order(HELLO, HELLO)) as provider:
        with RecorderProcess(tmp_path, mode=f"reverse:{provider.url}@127.0.0.1:0") as recorder:
            for path in ("/v1/messages?q=\udcff", "/v1/messages"):
                fields = headers(session) | {"Host": "localhost"}
                got = await post(recorder.url, path, dumps(message("hi")), fields)
                assert got.status == 200
            rows = recorder.interactions(session=session)
            paths = {details(open_reader(recorder.db), row.id).opened["path"] for row in rows}
            assert paths == {"/v1/messages?q=\\xff", "/v1/messages"}


async def test_chunks_pass_as_they_come(recorder: RecorderProcess, session: str) -> None:
    gate = asyncio.Event()
    async with (
        Provider(in_order(Answer(blocks=HELLO.blocks, gates={2: gate}))) as provider,
        WireClient(recorder.url, f"{provider.url}/v1/messages") as client,
    ):
        await client.send(dumps(message("hi")), headers(session))
        await client.head()
        while b"content_block_start" not in client.received.body:
            await client.piece()  # arrives although the provider has not sent the rest
        assert recorder.one(session).state == "open"  # the request was on the record before the first byte came
        gate.set()
        assert (await client.rest()).complete
    assert recorder.one(session).state == "complete"


async def test_a_client_that_leaves(recorder: RecorderProcess, session: str) -> None:
    gate = asyncio.Event()
    async with Provider(in_order(Answer(blocks=HELLO.blocks, gates={5: gate}))) as provider:
        async with WireClient(recorder.url, f"{provider.url}/v1/messages") as client:
            await client.send(dumps(message("hi")), headers(session))
            await client.head()
            while b"Hello from" not in client.received.body:
                await client.piece()
        row = await recorder.closed(session)
    assert (row.state, row.state_reason) == ("aborted", "client_abort")
    assert b"Hello from" in stored(recorder, session)[1]  # what had come is kept


async def test_a_provider_that_breaks_off(recorder: RecorderProcess, session: str) -> None:
    async with Provider(in_order(Answer(blocks=HELLO.blocks, abort_at=5))) as provider:
        got = await post(recorder.url, f"{provider.url}/v1/messages", message("hi"), headers(session))
    assert not got.complete
    row = await recorder.closed(session)
    assert (row.state, row.state_reason) == ("aborted", "upstream_abort")
    assert b"Hello" in stored(recorder, session)[1]


async def test_a_provider_that_is_not_there(recorder: RecorderProcess, session: str) -> None:
    async with Provider(in_order()) as provider:
        url = provider.url
    got = await post(recorder.url, f"{url}/v1/messages", message("hi"), headers(session))
    assert got.status == 502
    row = await recorder.closed(session)
    assert (row.state, row.state_reason) == ("failed", "connect_failed")


async def test_an_error_status(recorder: RecorderProcess, session: str) -> None:
    failing = Answer(status=529, failure=Failure("overloaded_error", "Overloaded"))
    async with Provider(in_order(failing)) as provider:
        got = await post(recorder.url, f"{provider.url}/v1/messages", message("hi"), headers(session))
        assert (got.status, got.body) == (529, bytes(provider.exchanges[0].body))
    row = recorder.one(session)
    assert (row.state, row.state_reason, row.error_type) == ("failed", "error_status", "overloaded_error")


async def test_an_error_in_mid_stream(recorder: RecorderProcess, session: str) -> None:
    async with Provider(in_order(Answer(blocks=HELLO.blocks, failure=Failure(), failure_at=4))) as provider:
        await post(recorder.url, f"{provider.url}/v1/messages", message("hi"), headers(session))
    row = recorder.one(session)
    assert (row.state, row.state_reason, row.error_type) == ("failed", "error_event", "overloaded_error")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/event-stream", b"event: message_start\ndata: {not json}\n\n\xff\xfe garbage\n\n"),
        ("application/json", b'{"type":"message","content":[{"type":"te'),
        ("application/vnd.amazon.eventstream", b"\x00\x00\x00\x20\x00\x00\x00\x00broken crc and then some more bytes"),
        ("text/html", b"<html>Bad gateway</html>"),
        ("application/json", b""),
    ],
)
async def test_answers_that_are_none(recorder: RecorderProcess, session: str, kind: str, body: bytes) -> None:
    async with Provider(in_order(Answer(raw=(kind, body)))) as provider:
        got = await post(recorder.url, f"{provider.url}/v1/messages", message("hi"), headers(session))
        assert (got.status, got.body) == (200, body)
    row = recorder.one(session)
    assert row.state == "aborted"
    assert row.anomalies or not body


@pytest.mark.parametrize("body", [b"{not json", b"", b'{"messages": 5}', b"\x00\xff binary", b'{"a":1,"a":2}', b"[1]"])
async def test_requests_that_are_none(recorder: RecorderProcess, session: str, body: bytes) -> None:
    async with Provider(in_order(HELLO)) as provider:
        got = await post(recorder.url, f"{provider.url}/v1/messages", body, headers(session))
        assert provider.exchanges[0].request.body == body
        assert got.status == 200
    assert recorder.one(session).state == "complete"
    if b"\0" not in body:
        assert stored(recorder, session)[0] == body


async def test_unknown_events_pass_and_are_kept(recorder: RecorderProcess, session: str) -> None:
    strange = {"type": "prophecy", "words": "of a later version"}
    async with Provider(in_order(Answer(blocks=HELLO.blocks, inserted={2: strange}))) as provider:
        got = await post(recorder.url, f"{provider.url}/v1/messages", message("hi"), headers(session))
        assert got.body == bytes(provider.exchanges[0].body)
    assert recorder.one(session).state == "complete"
    assert b"of a later version" in stored(recorder, session)[1]


async def test_support_calls_are_metadata_and_the_rest_is_only_forwarded(
    recorder: RecorderProcess, session: str
) -> None:
    async with Provider(in_order()) as provider:
        for path in ("/v1/messages/count_tokens?beta=true", "/api/event_logging/batch"):
            await post(recorder.url, provider.url + path, message("count me"), headers(session))
        assert len(provider.exchanges) == 2
    row = recorder.one(session)
    assert (row.flow_class, row.state) == ("support", "complete")
    db = open_reader(recorder.db)
    assert request_body(db, row.id) == b""
    with pytest.raises(StoreError, match="no answer was recorded"):
        answer_body(db, row.id)


async def test_credentials_are_on_no_disk(recorder: RecorderProcess, session: str) -> None:
    key = "sk-ant-" + "api03-" + hashlib.sha256(session.encode()).hexdigest()
    planted = "hunter2-" + hashlib.md5(session.encode()).hexdigest()
    answer = Answer(blocks=(Text(f"your key is {key}"), ToolCall("toolu_1", "Bash", {"command": f"login {planted}"})))
    async with Provider(in_order(answer)) as provider:
        fields = headers(session, **{"x-api-key": key, "Authorization": f"Bearer {planted}"})
        got = await post(recorder.url, f"{provider.url}/v1/messages", message(f"use {key} and {planted}"), fields)
        assert key.encode() in b"".join(got.body.split(b'"}}\n\nevent: ')) or provider.exchanges[0].body
        assert provider.exchanges[0].request.header("x-api-key") == key
    assert recorder.one(session).findings
    written = recorder.every_byte() + b"".join(stored(recorder, session))
    assert key.encode() not in written
    assert planted.encode() not in written
    assert b"[REDACTED:" in stored(recorder, session)[0]


async def test_a_conversation_links_its_tool_calls_and_retries(recorder: RecorderProcess, session: str) -> None:
    call = Answer(blocks=(ToolCall("toolu_9", "Bash", {"command": "ls"}),))
    first = message("list files")
    result = {"type": "tool_result", "tool_use_id": "toolu_9", "content": "a.txt"}
    second = first | {
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "list files"}]},
            {"role": "assistant", "content": [{"type": "tool_use", "id": "toolu_9", "name": "Bash", "input": {}}]},
            {"role": "user", "content": [result]},
        ]
    }
    failing = Answer(status=529, failure=Failure())
    async with Provider(in_order(call, failing, HELLO)) as provider:
        for body in (first, second, second):
            await post(recorder.url, f"{provider.url}/v1/messages", body, headers(session))
    third, failed, calling = recorder.interactions(session=session)  # newest first
    assert (calling.tool_calls, failed.state, third.state) == (1, "failed", "complete")
    assert third.retry_of == failed.id
    assert failed.retry_of is None


async def test_a_body_of_100_mb(recorder: RecorderProcess, session: str) -> None:
    body = dumps(message("x" * 100_000_000))
    async with Provider(in_order(HELLO)) as provider:
        got = await post(recorder.url, f"{provider.url}/v1/messages", body, headers(session))
        assert provider.exchanges[0].request.sha256 == hashlib.sha256(body).hexdigest()
        assert got.complete
    row = recorder.one(session)
    assert (row.state, row.request_bytes) == ("complete", len(body))
    db = open_reader(recorder.db)
    assert details(db, row.id)
