"""Streams from one framing into the other: whole, in every cut, there and back, broken."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.eventstream import EventStreamBuffer
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.parsers import EventStreamJSONParser
from hypothesis import given
from hypothesis import strategies as st

from recorder.model import Family
from recorder.translate.streams import FramesToSse, SseToFrames, Through, stream_translator
from recorder.wire.eventstream import EventStreamDecoder, Frame
from tests.translate.streams import EVENTS, chunk, exception, read_frames, read_sse, sse, with_metrics
from tests.wire.harness import cut_at, cuts, each_cut
from tests.wire.streams import STOP

SSE = b"".join(map(sse, EVENTS))
FRAMES = b"".join(map(chunk, with_metrics(EVENTS)))


def translated(make: Callable[[], Any], pieces: list[bytes]) -> bytes:
    translator = make()
    return b"".join([*map(translator.feed, pieces), translator.finish()])


def test_frames_become_events_and_lose_what_is_bedrocks_alone() -> None:
    assert read_sse(translated(FramesToSse, [FRAMES])) == list(EVENTS)


def test_events_become_frames_and_count_tokens_once_more() -> None:
    assert read_frames(translated(SseToFrames, [SSE])) == list(with_metrics(EVENTS))


@pytest.mark.parametrize(("make", "data"), [(FramesToSse, FRAMES[:1500]), (SseToFrames, SSE[:900])])
def test_every_cut_gives_the_same(make: Callable[[], Any], data: bytes) -> None:
    """Whole, byte by byte, in two at every place; the last event is cut off by the end of the data."""
    expected = translated(make, [data])
    for pieces in each_cut(data):
        assert translated(make, pieces) == expected


@given(cuts(FRAMES), cuts(SSE))
def test_any_cut_there_and_back(frames: list[bytes], events: list[bytes]) -> None:
    there = translated(FramesToSse, frames)
    assert read_frames(translated(SseToFrames, [there])) == list(with_metrics(EVENTS))
    back = translated(SseToFrames, events)
    assert read_sse(translated(FramesToSse, [back])) == list(EVENTS)


_TEXTS = st.text() | st.integers() | st.none() | st.floats(allow_nan=False, allow_infinity=False)
_EVENTS = st.dictionaries(st.text(), _TEXTS | st.lists(_TEXTS), max_size=4)


@given(st.lists(_EVENTS, max_size=5), st.data())
def test_events_of_any_kind_there_and_back(events: list[dict[str, Any]], data: st.DataObject) -> None:
    named = [{**event, "type": f"kind_{number}"} for number, event in enumerate(events)]
    stream = b"".join(map(sse, named))
    places = data.draw(st.lists(st.integers(0, len(stream)), max_size=5))
    there = translated(SseToFrames, cut_at(stream, places))
    assert read_sse(translated(FramesToSse, [there])) == named


@pytest.mark.parametrize(("make", "encode"), [(FramesToSse, chunk), (SseToFrames, sse)])
def test_each_event_goes_on_with_its_last_byte(make: Callable[[], Any], encode: Callable[[dict], bytes]) -> None:
    translator = make()
    for event in EVENTS:
        data = encode(event)
        assert translator.feed(data[:-1]) == b""
        assert translator.feed(data[-1:]) != b""
    assert translator.finish() == b""


def test_an_events_json_keeps_its_text() -> None:
    odd = b'{ "type" : "content_block_delta",\r\n "index":0, "x": 1.50, "s": "\\ud83d" }'
    assert translated(FramesToSse, [chunk(odd)]) == (
        b"event: content_block_delta\ndata: " + odd.replace(b"\r\n", b"\ndata: ") + b"\n\n"
    )
    plain = odd.replace(b"\r\n", b"")
    frames = translated(SseToFrames, [b"event: content_block_delta\r\ndata: " + plain + b"\r\n\r\n"])
    (frame,) = EventStreamDecoder().feed(frames)
    assert isinstance(frame, Frame)
    assert base64.b64decode(json.loads(frame.payload)["bytes"]) == plain
    stop = b'{"a":1, "type":"message_stop" , "amazon-bedrock-invocationMetrics":{"inputTokenCount":1}}'
    assert translated(FramesToSse, [chunk(stop)]) == b'event: message_stop\ndata: {"a":1, "type":"message_stop"}\n\n'


EXCEPTIONS = [
    ("throttlingException", "rate_limit_error", "throttlingException"),
    ("serviceUnavailableException", "overloaded_error", "serviceUnavailableException"),
    ("validationException", "invalid_request_error", "validationException"),
    ("modelTimeoutException", "timeout_error", "modelTimeoutException"),
    ("internalServerException", "api_error", "internalServerException"),
    ("modelStreamErrorException", "api_error", "internalServerException"),
    ("exceptionOfTomorrow", "api_error", "internalServerException"),
]


@pytest.mark.parametrize(("name", "kind", "back"), EXCEPTIONS)
def test_errors_in_mid_stream(name: str, kind: str, back: str) -> None:
    error = translated(FramesToSse, [chunk(EVENTS[0]) + exception(name, "Too much")])
    assert read_sse(error)[1:] == [{"type": "error", "error": {"type": kind, "message": "Too much"}}]
    assert read_frames(translated(SseToFrames, [error]))[1:] == [{"exception": back, "message": "Too much"}]


@pytest.mark.parametrize(
    "kind", ["authentication_error", "permission_error", "not_found_error", "request_too_large", "billing_error"]
)
def test_a_stream_of_bedrocks_knows_six_exceptions(kind: str) -> None:
    error = sse({"type": "error", "error": {"type": kind, "message": "no"}})
    (frame,) = read_frames(translated(SseToFrames, [error]))
    known = ServiceModel(Loader().load_service_model("bedrock-runtime", "service-2")).shape_for("ResponseStream")
    assert frame["exception"] in known.members


def test_damage_is_told_and_what_follows_is_not_lost() -> None:
    good, bad = chunk(EVENTS[0]), bytearray(chunk(EVENTS[3]))
    bad[-6] ^= 1
    events = read_sse(translated(FramesToSse, [good + bytes(bad) + chunk(STOP)]))
    assert [event["type"] for event in events] == ["message_start", "error", "message_stop"]
    assert "damaged" in events[1]["error"]["message"]
    for broken in (chunk(b"no json"), chunk(b'{"no": "type"}'), chunk(b'"a text"')):
        assert [event["type"] for event in read_sse(translated(FramesToSse, [broken]))] == ["error"]
    frames = read_frames(translated(SseToFrames, [b"event: x\ndata: no json\n\n" + sse(STOP)]))
    assert [frame.get("exception") for frame in frames] == ["internalServerException", None]


def test_the_end_inside_an_event() -> None:
    assert [event["type"] for event in read_sse(translated(FramesToSse, [chunk(STOP)[:-1]]))] == ["error"]
    assert "exception" in read_frames(translated(SseToFrames, [sse(STOP)[:-1]]))[0]
    assert translated(FramesToSse, []) == translated(SseToFrames, []) == b""


def test_what_is_no_event_of_messages_stays_out() -> None:
    assert translated(SseToFrames, [b": hello\n\ndata: [DONE]\n\nevent: nothing\n\n"]) == b""


def test_pings_go_between_events() -> None:
    assert read_sse(FramesToSse.ping) == [{"type": "ping"}]
    assert read_frames(SseToFrames().ping) == [{"type": "ping"}]


def test_botocore_reads_the_frames() -> None:
    shape = ServiceModel(Loader().load_service_model("bedrock-runtime", "service-2")).shape_for("ResponseStream")
    buffer, parser = EventStreamBuffer(), EventStreamJSONParser()
    buffer.add_data(translated(SseToFrames, [SSE + sse({"type": "error", "error": {"type": "x", "message": "m"}})]))
    parsed = [parser.parse(event.to_response_dict(), shape) for event in buffer]
    assert [json.loads(one["chunk"]["bytes"]) for one in parsed[:-1]] == list(with_metrics(EVENTS))
    assert parsed[-1]["Error"] == {"Code": "internalServerException", "Message": "m"}


def test_who_needs_a_translator() -> None:
    kinds = {(a, b): type(stream_translator(a, b)) for a in Family for b in Family if a is not b}
    bedrock = {b: kind for (a, b), kind in kinds.items() if a is Family.BEDROCK}
    assert set(bedrock.values()) == {FramesToSse}
    assert {kind for (_, b), kind in kinds.items() if b is Family.BEDROCK} == {SseToFrames}
    assert kinds[Family.VERTEX, Family.MESSAGES] is kinds[Family.MESSAGES, Family.VERTEX] is Through
    assert Through().feed(b"any\xff") == b"any\xff"
