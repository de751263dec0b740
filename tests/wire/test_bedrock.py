import base64
import json

import pytest

from recorder.wire.anomaly import Anomaly
from recorder.wire.bedrock import FrameReader
from recorder.wire.converse import CONVERSE_EVENTS, ConverseAssembler
from recorder.wire.eventstream import EventStreamDecoder, Frame, encode_frame
from recorder.wire.journal import ErrorInfo, Journal
from recorder.wire.messages import MessageAssembler
from tests.wire.streams import RICH, chunk_frame, converse_frame, exception_frame


def read(*frames: bytes) -> tuple[FrameReader, Journal]:
    journal = Journal()
    reader = FrameReader(
        journal, lambda name: ConverseAssembler(journal) if name in CONVERSE_EVENTS else MessageAssembler(journal)
    )
    for at_us, data in enumerate(frames):
        for item in EventStreamDecoder().feed(data):
            assert isinstance(item, Frame)
            reader.frame(item, at_us)
    return reader, journal


def test_chunks_carry_messages_events() -> None:
    reader, journal = read(*map(chunk_frame, RICH))
    message = reader.taker.finish()
    assert message is not None
    assert message["content"][1]["text"] == "Grüße 😀\n"
    assert reader.taker.complete
    assert journal.anomalies == ()


def test_a_converse_event_chooses_its_assembler() -> None:
    reader, _ = read(converse_frame("messageStart", {"role": "assistant"}))
    assert isinstance(reader.taker, ConverseAssembler)


@pytest.mark.parametrize(
    ("frame", "error"),
    [
        (exception_frame("throttlingException", "slow down"), ErrorInfo("throttlingException", "slow down")),
        (
            encode_frame({":message-type": "error", ":error-code": "500", ":error-message": "oops"}, b""),
            ErrorInfo("500", "oops"),
        ),
        (encode_frame({":message-type": "exception", ":exception-type": "x"}, b"\xff{"), ErrorInfo("x", "\ufffd{")),
        (encode_frame({":message-type": "exception"}, b"{}"), ErrorInfo("error", "")),
    ],
)
def test_an_exception_is_an_error(frame: bytes, error: ErrorInfo) -> None:
    reader, journal = read(*map(chunk_frame, RICH[:4]), frame)
    assert reader.taker.error == error
    assert not reader.taker.complete
    assert [delta.event for delta in journal.deltas][-1] == "error"


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"bytes":5}',
        b'{"bytes":"%%%"}',
        json.dumps({"bytes": base64.b64encode(b"\xff").decode()}).encode(),
    ],
)
def test_a_chunk_that_cannot_be_read_is_kept(payload: bytes) -> None:
    reader, journal = read(encode_frame({":message-type": "event", ":event-type": "chunk"}, payload))
    assert journal.unknown_events == [{"event": "chunk", "text": payload.decode()}]
    assert [anomaly.kind for anomaly in journal.anomalies] == ["malformed_event"]
    assert reader.taker.finish() is not None


def test_an_event_type_that_is_not_known_is_kept() -> None:
    _, journal = read(converse_frame("future", {"a": 1}))
    assert journal.unknown_events == [{"event": "future", "data": {"a": 1}}]
    assert journal.anomalies[0] == Anomaly("unknown_event", journal.anomalies[0].detail, b'{"a": 1}')


def test_frames_without_headers_do_no_harm() -> None:
    _, journal = read(encode_frame({":event-type": 5}, b"x"))
    assert journal.unknown_events == [{"event": "message", "text": "x"}]


def test_the_protocol_decides_when_no_event_did() -> None:
    assert isinstance(FrameReader(Journal(), lambda _: ConverseAssembler(Journal())).taker, ConverseAssembler)
