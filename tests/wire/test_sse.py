import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.wire.anomaly import Anomaly
from recorder.wire.sse import SseDecoder, SseEvent
from tests.wire.harness import check_cuts, cuts, decode

PING = b"event: ping\ndata: {}\n\n"

CASES = [
    pytest.param(b"", [], id="nothing"),
    pytest.param(PING, [SseEvent("ping", "{}")], id="one event"),
    pytest.param(b"data: x\n\n", [SseEvent("message", "x")], id="the default name"),
    pytest.param(b"event: ping\r\ndata: {}\r\n\r\n", [SseEvent("ping", "{}")], id="CRLF"),
    pytest.param(b"event: ping\rdata: {}\r\r", [SseEvent("ping", "{}")], id="CR"),
    pytest.param(b"data: 1\r\r\ndata: 2\n\r", [SseEvent("message", "1"), SseEvent("message", "2")], id="mixed ends"),
    pytest.param(b"\n\r\n\rdata: x\n\n\n\n", [SseEvent("message", "x")], id="empty lines around"),
    pytest.param(b"\xef\xbb\xbfdata: x\n\n", [SseEvent("message", "x")], id="byte order mark"),
    pytest.param(
        b"data: x\n\n\xef\xbb\xbfdata: y\n\n",
        [
            SseEvent("message", "x"),
            Anomaly("sse_unknown_field", "1 line(s) with an unknown field name", b"\xef\xbb\xbfdata: y"),
        ],
        id="byte order mark, too late",
    ),
    pytest.param(b"data: a\ndata:\ndata:  b\ndata\n\n", [SseEvent("message", "a\n\n b\n")], id="many data lines"),
    pytest.param(b"data:x:y\n\n", [SseEvent("message", "x:y")], id="no space, a colon in the value"),
    pytest.param("data: é\u2028\x85\x0b\n\n".encode(), [SseEvent("message", "é\u2028\x85\x0b")], id="not line ends"),
    pytest.param(b"data:\n\n", [SseEvent("message", "")], id="empty data"),
    pytest.param(b"event: ping\n\n", [SseEvent("ping", "")], id="no data"),
    pytest.param(
        b"id: 7\ndata: x\n\ndata: y\n\nid\ndata: z\n\n",
        [SseEvent("message", "x", "7"), SseEvent("message", "y", "7"), SseEvent("message", "z", "")],
        id="the id stays",
    ),
    pytest.param(b"id: 7\n\n", [SseEvent("message", "", "7")], id="an id alone"),
    pytest.param(b"retry: 250\n\n", [SseEvent("message", "", retry_ms=250)], id="retry"),
    pytest.param(
        b": one\n\n:two\ndata: x\n:  three\n\ndata: y\n\n",
        [SseEvent("message", "x", comments=("one", "two", " three")), SseEvent("message", "y")],
        id="comments",
    ),
    pytest.param(
        b"data: x\n\n: one\n\n: two\n\n",
        [SseEvent("message", "x"), Anomaly("sse_comment", "2 comment(s) after the last event", b"one\ntwo")],
        id="comments at the end",
    ),
    pytest.param(
        b"dat: x\ndata: y\n{}\n\n",
        [
            Anomaly("sse_unknown_field", "2 line(s) with an unknown field name", b"dat: x\n{}"),
            SseEvent("message", "y"),
        ],
        id="unknown fields",
    ),
    pytest.param(
        b"id: a\0b\nretry: 1s\nretry: -1\nretry: \xc2\xb2\nretry: 1234567890123456\nretry:\ndata: y\n\n",
        [
            Anomaly(
                "sse_bad_value",
                "6 line(s) with an id or retry value that the format forbids",
                b"id: a\0b\nretry: 1s\nretry: -1\nretry: \xc2\xb2\nretry: 1234567890123456\nretry:",
            ),
            SseEvent("message", "y"),
        ],
        id="forbidden values",
    ),
    pytest.param(
        b"data: \xff\xc3(\n\n",
        [
            Anomaly("sse_invalid_utf8", "1 line(s) with invalid UTF-8", b"data: \xff\xc3("),
            SseEvent("message", "\ufffd\ufffd("),
        ],
        id="invalid UTF-8",
    ),
    pytest.param(
        b"data: x\n\nevent: e\ndata: {",
        [
            SseEvent("message", "x"),
            Anomaly("sse_truncated", "the stream ended inside a block, 16 bytes into it", b"event: e\ndata: {"),
        ],
        id="cut in a line",
    ),
    pytest.param(
        b"event: e\r\ndata: {}\r\n",
        [Anomaly("sse_truncated", "the stream ended inside a block, 18 bytes into it", b"event: e\ndata: {}\n")],
        id="the empty line is missing",
    ),
]


@pytest.mark.parametrize(("data", "expected"), CASES)
def test_decodes_however_it_is_cut(data: bytes, expected: list[SseEvent | Anomaly]) -> None:
    check_cuts(SseDecoder, data, expected)


@pytest.mark.parametrize("data", [b"event: ping\ndata: {}\n\n", b"id: 1\r\ndata: a\r\ndata: b\r\n\r\n"])
def test_every_truncation_keeps_every_byte(data: bytes) -> None:
    for at in range(1, len(data.rstrip())):
        (found,) = decode(SseDecoder, [data[:at]])
        assert isinstance(found, Anomaly)
        assert found.raw == data[:at].replace(b"\r\n", b"\n").replace(b"\r", b"\n")


@pytest.mark.parametrize("trailing", [b"data: ", b"event: x\n", b"\xff"])
def test_trailing_bytes_leave_the_event_alone(trailing: bytes) -> None:
    event, rest = decode(SseDecoder, [PING + trailing])
    assert event == SseEvent("ping", "{}")
    assert isinstance(rest, Anomaly)
    assert (rest.kind, rest.raw) == ("sse_truncated", trailing)


def test_an_event_comes_with_the_byte_that_ends_it() -> None:
    decoder = SseDecoder()
    assert decoder.feed(b"data: x\r") == []
    assert decoder.feed(b"\r") == [SseEvent("message", "x")]
    assert decoder.feed(b"\ndata: y\r\n\r") == [SseEvent("message", "y")]


def test_finishing_twice_says_it_once() -> None:
    decoder = SseDecoder()
    decoder.feed(b": c\n\ndata: x")
    assert [type(item) for item in decoder.finish()] == [Anomaly, Anomaly]
    assert decoder.finish() == []


SYNTAX = [b"\n", b"\r", b"\r\n", b"\n\n", b"data", b"data: ", b"event: x", b"id: 1", b"retry: 2", b":", b" ", b"{}"]
NASTY = [b"\xef\xbb\xbf", b"\0", b"\xff", b"\xc3", b"\xa9"]
TOKENS = st.sampled_from(SYNTAX) | st.sampled_from(NASTY)


@given(st.data())
def test_any_bytes_give_the_same_for_any_cut(data: st.DataObject) -> None:
    stream = data.draw(st.lists(TOKENS, max_size=40).map(b"".join) | st.binary(max_size=200))
    pieces = data.draw(cuts(stream))
    assert decode(SseDecoder, pieces) == decode(SseDecoder, [stream])


def test_an_open_line_is_kept_in_pieces_and_joined_once() -> None:
    # Structural, in place of a clock: as long as a line is open nothing but references to the feeds may be kept,
    # so that a 20 MB line in 16 KB feeds is never copied or searched again.
    decoder = SseDecoder()
    feeds = [b"data: ", *(bytes([65 + n]) * 100 for n in range(20))]
    for feed in feeds:
        assert decoder.feed(feed) == []
    assert decoder._pieces == feeds
    assert decoder.feed(b"\n\n") == [SseEvent("message", b"".join(feeds[1:]).decode())]
    assert decoder._pieces == []
