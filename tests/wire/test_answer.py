import base64
import gzip
import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recorder.model import Protocol, ToolUse, Usage
from recorder.wire import answer as answer_module
from recorder.wire.answer import Answer, Chunk, ErrorInfo, assemble
from tests.wire.streams import (
    JSON_HEADERS,
    RICH,
    SSE_HEADERS,
    START,
    USAGE,
    answer,
    call,
    chunk_frame,
    converse_frame,
    exception_frame,
    kinds,
    message_of,
    sse,
)
from tests.wire.test_converse import STREAM as CONVERSE

FRAMES = b"".join(map(chunk_frame, RICH))
CONVERSE_FRAMES = b"".join(converse_frame(name, event) for name, event in CONVERSE)
MESSAGE = {
    "id": "msg_01",
    "type": "message",
    "role": "assistant",
    "model": "claude-opus-4-8",
    "content": [{"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {}}],
    "stop_reason": "end_turn",
    "usage": USAGE,
}


def test_a_stream_is_understood() -> None:
    found = answer(sse(RICH))
    assert (found.model, found.message_id, found.stop_reason) == ("claude-opus-4-8", "msg_01", "tool_use")
    assert found.tool_uses == (ToolUse(3, "toolu_01", "Bash"),)
    assert found.complete
    assert found.error is None
    assert found.anomalies == ()
    raw = {**USAGE, "output_tokens": 20, "output_tokens_details": {"thinking_tokens": 7}}
    assert found.usage == Usage(
        input_tokens=10,
        output_tokens=20,
        cache_read_tokens=50,
        cache_write_5m_tokens=60,
        cache_write_1h_tokens=40,
        thinking_tokens=7,
        service_tier="standard",
        raw=raw,
    )


def test_bedrock_frames_amount_to_the_same_as_sse() -> None:
    frames, events = answer(FRAMES, headers=(), protocol=Protocol.BEDROCK_INVOKE), answer(sse(RICH))
    assert frames.message == events.message
    assert frames.usage == events.usage
    assert frames.complete
    assert frames.anomalies == ()


def test_converse_streams_keep_their_own_shape() -> None:
    found = answer(CONVERSE_FRAMES, headers=(), protocol=Protocol.BEDROCK_CONVERSE)
    assert found.stop_reason == "tool_use"
    assert found.tool_uses == (ToolUse(2, "tooluse_1", "Bash"),)
    assert found.usage is not None
    assert (found.usage.input_tokens, found.usage.output_tokens) == (1, 2)
    assert found.complete


def test_events_have_the_time_of_the_chunk_that_made_them_whole() -> None:
    first, second = sse([START]), sse([{"type": "ping"}])
    body = first + second
    chunks = [Chunk(100, 5), Chunk(200, len(first) - 5), Chunk(300, len(second) - 1), Chunk(400, 1)]
    found = answer(body, chunks=chunks)
    assert [(delta.at_us, delta.event) for delta in found.deltas] == [(200, "message_start"), (400, "ping")]
    assert found.first_event_us == 200


@given(st.lists(st.integers(0, 400), max_size=30), st.booleans())
def test_the_cut_of_chunks_changes_only_times(sizes: list[int], coded: bool) -> None:
    body, headers = sse(RICH), SSE_HEADERS
    if coded:
        body, headers = gzip.compress(body), (*SSE_HEADERS, ("Content-Encoding", "gzip"))
    found = answer(body, headers=headers, chunks=[Chunk(at_us, size) for at_us, size in enumerate(sizes)])
    whole = answer(sse(RICH))
    assert (found.message, found.usage, found.complete, found.anomalies) == (whole.message, whole.usage, True, ())
    assert [delta.event for delta in found.deltas] == [delta.event for delta in whole.deltas]
    times = [delta.at_us for delta in found.deltas]
    assert times == sorted(times)


def test_comments_are_noted_with_their_size() -> None:
    found = answer(b": keep\n\n" + sse([START]))
    assert [(delta.event, delta.size) for delta in found.deltas] == [("comment", 4), ("message_start", 0)]


def test_an_unstreamed_answer_is_its_own_message() -> None:
    body = json.dumps(MESSAGE, indent=1).encode()
    found = answer(body, headers=JSON_HEADERS, streaming=False, chunks=[Chunk(7, 10), Chunk(9, len(body) - 10)])
    assert found.message == body
    assert (found.complete, found.model, found.stop_reason) == (True, "claude-opus-4-8", "end_turn")
    assert found.tool_uses == (ToolUse(0, "toolu_1", "Bash"),)
    assert found.deltas == ()
    assert found.first_event_us == 9


def test_bedrock_token_headers_stand_in_for_a_missing_usage() -> None:
    headers = (*JSON_HEADERS, ("x-amzn-bedrock-output-token-count", "9"))
    bare = {key: value for key, value in MESSAGE.items() if key != "usage"}
    found = answer(json.dumps(bare).encode(), headers=headers, protocol=Protocol.BEDROCK_INVOKE, streaming=False)
    assert found.usage is not None
    assert found.usage.output_tokens == 9


@pytest.mark.parametrize(
    ("status", "headers", "body", "error"),
    [
        (
            529,
            JSON_HEADERS,
            b'{"type":"error","error":{"type":"overloaded_error","message":"Busy"},"request_id":"req_1"}',
            ErrorInfo("overloaded_error", "Busy"),
        ),
        (
            403,
            (("x-amzn-errortype", "AccessDeniedException"),),
            b'{"Message":"no"}',
            ErrorInfo("AccessDeniedException", "no"),
        ),
        (401, SSE_HEADERS, b'{"error":{"message":"bad key","code":"401"}}', ErrorInfo("401", "bad key")),
        (200, SSE_HEADERS, b'{"type":"error","error":{"type":"api_error","message":"x"}}', ErrorInfo("api_error", "x")),
        (
            500,
            (),
            sse([{"type": "error", "error": {"type": "api_error", "message": "x"}}]),
            ErrorInfo("api_error", "x"),
        ),
        (500, (), sse(RICH), ErrorInfo("http_500", "")),
    ],
)
def test_an_error_is_an_answer_too(status: int, headers: Any, body: bytes, error: ErrorInfo) -> None:
    found = answer(body, status=status, headers=headers)
    assert found.error == error
    assert not found.complete
    assert found.message is not None


def test_a_page_of_a_gateway_is_kept_as_text() -> None:
    found = answer(b"<html>\xff</html>", status=502, headers=(("content-type", "text/html"),))
    assert message_of(found) == {"type": "unparsed", "text": "<html>\\xff</html>"}
    assert found.error == ErrorInfo("http_502", "<html>\ufffd</html>")
    assert kinds(found) == ["malformed_json"]


@pytest.mark.parametrize(
    ("body", "status", "message", "anomalies"),
    [
        (b"", 200, None, ["empty_body"]),
        (b'{"type":"mess', 200, {"type": "unparsed", "text": '{"type":"mess'}, ["malformed_json"]),
        (b'[{"a":1}]', 200, {"type": "unparsed", "json": [{"a": 1}]}, []),
        (b"null", 200, {"type": "unparsed", "text": "null"}, []),
    ],
)
def test_what_is_no_json_object_is_no_whole_answer(
    body: bytes, status: int, message: Any, anomalies: list[str]
) -> None:
    found = answer(body, status=status, headers=JSON_HEADERS, streaming=False)
    assert (None if found.message is None else message_of(found)) == message
    assert not found.complete
    assert kinds(found) == anomalies


def test_another_apis_answer_is_whole_but_reported() -> None:
    found = answer(b'{"choices":[]}', headers=JSON_HEADERS)
    assert found.complete
    assert kinds(found) == ["unknown_answer"]


def test_truncation_shows_in_every_framing() -> None:
    for body, headers in ((sse(RICH)[:-60], SSE_HEADERS), (FRAMES[:-60], ())):
        found = answer(body, headers=headers)
        assert not found.complete
        assert "truncated" in kinds(found)
        assert message_of(found)["content"][0]["thinking"] == "Let me see…"


def test_a_damaged_frame_costs_only_itself() -> None:
    frames = [bytearray(chunk_frame(event)) for event in RICH]
    frames[3][-10] ^= 1
    found = answer(b"".join(frames), headers=())
    assert kinds(found) == ["eventstream_bad_crc"]
    assert message_of(found)["content"][0]["thinking"] == "see…"


def test_an_exception_frame_in_mid_stream_is_an_error() -> None:
    body = b"".join(map(chunk_frame, RICH[:9])) + exception_frame("modelStreamErrorException", "boom")
    found = answer(body, headers=())
    assert found.error == ErrorInfo("modelStreamErrorException", "boom")
    assert not found.complete
    assert message_of(found)["content"][1]["text"] == "Grüße "


def test_malformed_sse_and_events_are_reported() -> None:
    body = sse([START]) + b"event: content_block_delta\ndata: {oops\n\nwhat: is this\n\n"
    found = answer(body)
    assert {"malformed_event", "sse_unknown_field", "truncated"} <= set(kinds(found))
    assert message_of(found)["unknown_events"] == [{"event": "content_block_delta", "text": "{oops"}]


def test_a_coding_that_is_not_there_does_not_hide_the_answer() -> None:
    found = answer(sse(RICH), headers=(*SSE_HEADERS, ("content-encoding", "gzip")))
    assert found.complete
    assert len(found.anomalies) == 1


def test_a_coded_body_cut_short_gives_what_it_had() -> None:
    body = gzip.compress(sse(RICH))[:-20]
    found = answer(body, headers=(*SSE_HEADERS, ("content-encoding", "gzip")))
    assert message_of(found)["id"] == "msg_01"
    assert "coding_truncated" in kinds(found)


def test_the_net_below_holds_the_body(monkeypatch: pytest.MonkeyPatch) -> None:
    def fall(*args: object) -> Answer:
        raise RuntimeError

    monkeypatch.setattr(answer_module, "assemble_or_raise", fall)
    found = assemble(call(), 200, (), b"body", ())
    assert message_of(found) == {"type": "unparsed", "text": "body"}
    assert kinds(found) == ["assembler_failed"]


STREAMS = st.sampled_from([sse(RICH), FRAMES, CONVERSE_FRAMES, json.dumps(MESSAGE).encode(), gzip.compress(sse(RICH))])
HEADERS = st.sampled_from(
    [
        (),
        SSE_HEADERS,
        JSON_HEADERS,
        (("content-encoding", "gzip"),),
        (("content-type", "application/vnd.amazon.eventstream"),),
    ]
)


@settings(max_examples=400, deadline=None)
@given(
    body=STREAMS,
    headers=HEADERS,
    seed=st.integers(0, 2**32),
    protocol=st.sampled_from(Protocol),
    status=st.sampled_from([200, 400, 529]),
)
def test_no_damage_makes_it_raise(body: bytes, headers: Any, seed: int, protocol: Protocol, status: int) -> None:
    chance = random.Random(seed)
    damaged = bytearray(body)
    for _ in range(chance.randrange(12)):
        place = chance.randrange(len(damaged) + 1)
        match chance.randrange(4):
            case 0:
                del damaged[place : place + chance.randrange(1, 60)]
            case 1:
                damaged[place:place] = chance.randbytes(chance.randrange(1, 9))
            case 2:
                damaged[place:place] = damaged[: chance.randrange(200)]
            case _:
                damaged[place:place] = chance.choice(
                    [b"null", b"-1", b'"', b"{", b"[]", b"\n\n", b"true", b"\\ud83d", b"1e999"]
                )
    _check(
        answer(
            bytes(damaged),
            headers=headers,
            protocol=protocol,
            streaming=chance.choice([True, False, None]),
            status=status,
        )
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=300, deadline=None)
@given(data=st.data(), framed=st.booleans())
def test_no_value_in_an_event_makes_it_raise(data: st.DataObject, framed: bool) -> None:
    events = [json.loads(json.dumps(event)) for event in RICH]
    for _ in range(data.draw(st.integers(1, 4))):
        node: Any = data.draw(st.sampled_from(events))
        while True:
            key = data.draw(st.sampled_from(sorted(node)))
            if isinstance(node[key], dict) and node[key] and data.draw(st.booleans()):
                node = node[key]
                continue
            node[key] = data.draw(JSON)
            break
    events = data.draw(st.permutations(events)) if data.draw(st.booleans()) else events
    if framed:
        body = b"".join(map(chunk_frame, events))
    else:
        body = b"".join(b"data: %b\n\n" % json.dumps(event).encode() for event in events)
    _check(answer(body))


@given(st.binary(max_size=200), HEADERS)
def test_no_bytes_make_it_raise(body: bytes, headers: Any) -> None:
    _check(answer(body, headers=headers))


def _check(found: Answer) -> None:
    if found.message is not None:
        assert isinstance(json.loads(found.message), dict)
    if found.complete:
        assert found.message is not None
        assert found.error is None
    assert all(isinstance(delta.size, int) and delta.size >= 0 for delta in found.deltas)


def test_a_deeply_nested_event_does_no_harm() -> None:
    deep = b'{"type":"message_start","message":{"id":"m","usage":' + b"[" * 50_000 + b"]" * 50_000 + b"}}"
    found = assemble(call(), 200, (), b"event: message_start\ndata: " + deep + b"\n\n", ())
    assert kinds(found)[0] == "malformed_event"
    nested = b'{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"%b"}}'
    found = assemble(call(), 200, (), b"data: " + nested % (b"[" * 50_000) + b"\n\n", ())
    assert "malformed_tool_input" in kinds(found)


def test_a_chunk_may_hold_anything() -> None:
    body = chunk_frame(b"\xff\xfe") + chunk_frame(base64.b64encode(b"x"))
    assert kinds(answer(body, headers=()))[:2] == ["malformed_event", "malformed_event"]
