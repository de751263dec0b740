from binascii import crc32

import pytest
from botocore.eventstream import EventStreamBuffer
from hypothesis import given
from hypothesis import strategies as st

from recorder.wire import eventstream
from recorder.wire.anomaly import Anomaly
from recorder.wire.eventheaders import HeaderValue
from recorder.wire.eventstream import MAX_PAYLOAD_BYTES, EventStreamDecoder, Frame, encode_frame
from tests.wire.harness import check_cuts, cuts, decode

HEADERS: dict[str, HeaderValue] = {
    ":message-type": "event",
    ":event-type": "chunk",
    ":content-type": "application/json",
}
ONE = encode_frame(HEADERS, b'{"bytes":"e30="}')
TWO = encode_frame({}, b"")
FRAMES = [Frame(HEADERS, b'{"bytes":"e30="}'), Frame({}, b"")]


def prelude(total: int, headers: int) -> bytes:
    lengths = total.to_bytes(4) + headers.to_bytes(4)
    return lengths + crc32(lengths).to_bytes(4)


def sealed(body: bytes) -> bytes:
    return body + crc32(body).to_bytes(4)


def flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


def garbage(data: bytes) -> Anomaly:
    detail = f"{len(data)} bytes that begin no frame (bad prelude checksum, or lengths beyond the limits)"
    return Anomaly("eventstream_garbage", detail, data)


def bad_crc(data: bytes) -> Anomaly:
    return Anomaly("eventstream_bad_crc", f"the checksum of a frame of {len(data)} bytes does not hold", data)


def truncated(data: bytes, wanted: str) -> Anomaly:
    detail = f"the stream ended {len(data)} bytes into a frame of {wanted}"
    return Anomaly("eventstream_truncated", detail, data)


BAD_HEADERS = sealed(prelude(16 + 5 + 2, 5) + b"\x01a\x00\x01b" + b"{}")

CASES = [
    pytest.param(b"", [], id="nothing"),
    pytest.param(ONE + TWO + ONE, [*FRAMES, FRAMES[0]], id="frames"),
    pytest.param(flip(ONE, 40) + TWO, [bad_crc(flip(ONE, 40)), FRAMES[1]], id="a bad byte inside a frame"),
    pytest.param(flip(ONE, len(ONE) - 1) + TWO, [bad_crc(flip(ONE, len(ONE) - 1)), FRAMES[1]], id="a bad checksum"),
    pytest.param(TWO + flip(ONE, 2) + TWO, [FRAMES[1], garbage(flip(ONE, 2)), FRAMES[1]], id="a bad length"),
    pytest.param(TWO + flip(ONE, 9) + TWO, [FRAMES[1], garbage(flip(ONE, 9)), FRAMES[1]], id="a bad prelude checksum"),
    pytest.param(b'{"message":"no"}', [garbage(b'{"message":"no"}')], id="no event stream at all"),
    pytest.param(b"\0" * 40 + ONE, [garbage(b"\0" * 40), FRAMES[0]], id="zeros before a frame"),
    pytest.param(b"x" + ONE[:30], [garbage(b"x"), truncated(ONE[:30], f"{len(ONE)} bytes")], id="garbage, then cut"),
    pytest.param(ONE + b"xy", [FRAMES[0], truncated(b"xy", "unknown length")], id="a few bytes behind"),
    pytest.param(
        ONE + b"\r\n" * 8 + b"\0\0", [FRAMES[0], garbage(b"\r\n" * 8 + b"\0\0")], id="garbage behind, maybe a prelude"
    ),
    pytest.param(
        BAD_HEADERS + TWO,
        [
            Anomaly("eventstream_bad_headers", "a frame's headers: unreadable from byte 3 of 5 on", b"\x01a\x00\x01b"),
            Frame({"a": True}, b"{}"),
            FRAMES[1],
        ],
        id="headers that cannot be read",
    ),
    pytest.param(prelude(15, 0) + TWO, [garbage(prelude(15, 0)), FRAMES[1]], id="a total too small"),
    pytest.param(prelude(20, 5) + TWO, [garbage(prelude(20, 5)), FRAMES[1]], id="headers longer than the frame"),
    pytest.param(
        prelude(16 + 131073, 131073) + TWO, [garbage(prelude(16 + 131073, 131073)), FRAMES[1]], id="headers too long"
    ),
    pytest.param(
        prelude(17 + MAX_PAYLOAD_BYTES, 0) + TWO,
        [garbage(prelude(17 + MAX_PAYLOAD_BYTES, 0)), FRAMES[1]],
        id="payload too long",
    ),
]


@pytest.mark.parametrize(("data", "expected"), CASES)
def test_decodes_however_it_is_cut(data: bytes, expected: list[Frame | Anomaly]) -> None:
    check_cuts(EventStreamDecoder, data, expected)


@pytest.mark.parametrize("at", range(1, len(ONE)))
def test_every_truncation_keeps_every_byte(at: int) -> None:
    wanted = "unknown length" if at < 12 else f"{len(ONE)} bytes"
    check_cuts(EventStreamDecoder, TWO + ONE[:at], [FRAMES[1], truncated(ONE[:at], wanted)])


@pytest.mark.parametrize("at", range(len(ONE)))
def test_every_flipped_byte_costs_one_frame(at: int) -> None:
    broken = flip(ONE, at)
    lost = garbage(broken) if at < 12 else bad_crc(broken)
    assert decode(EventStreamDecoder, [TWO + broken + TWO]) == [FRAMES[1], lost, FRAMES[1]]


def test_a_frame_comes_with_its_last_byte() -> None:
    decoder = EventStreamDecoder()
    assert decoder.feed(ONE[:-1]) == []
    assert decoder.feed(ONE[-1:]) == [FRAMES[0]]


def test_finishing_twice_says_it_once() -> None:
    decoder = EventStreamDecoder()
    decoder.feed(ONE[:-1])
    assert len(decoder.finish()) == 1
    assert decoder.finish() == []


PIECES = st.sampled_from([ONE, TWO, ONE[:20], TWO[:11], flip(ONE, 1), flip(ONE, 50), prelude(40, 2), b"\0" * 9, b"{}"])


@given(st.data())
def test_any_bytes_give_the_same_for_any_cut(data: st.DataObject) -> None:
    stream = data.draw(st.lists(PIECES, max_size=8).map(b"".join) | st.binary(max_size=200))
    pieces = data.draw(cuts(stream))
    assert decode(EventStreamDecoder, pieces) == decode(EventStreamDecoder, [stream])


@given(st.dictionaries(st.text("abc:-", min_size=1, max_size=9), st.text(max_size=20), max_size=4), st.binary())
def test_what_is_written_is_read_here_and_by_botocore(headers: dict[str, HeaderValue], payload: bytes) -> None:
    raw = encode_frame(headers, payload)
    assert decode(EventStreamDecoder, [raw]) == [Frame(headers, payload)]
    theirs = EventStreamBuffer()
    theirs.add_data(raw)
    (message,) = theirs
    assert (message.headers, message.payload) == (headers, payload)


def test_the_longest_payload_goes_and_no_longer_one() -> None:
    frame = encode_frame({}, bytes(MAX_PAYLOAD_BYTES))
    assert decode(EventStreamDecoder, [frame]) == [Frame({}, bytes(MAX_PAYLOAD_BYTES))]
    with pytest.raises(ValueError, match="payload is 25165825 bytes, the limit is 25165824"):
        encode_frame({}, bytes(MAX_PAYLOAD_BYTES + 1))


def test_a_long_frame_in_small_feeds_is_searched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    # Structural, in place of a clock: while a frame is open the buffer must not be searched or read again.
    searched: list[int] = []

    def count(buffer: bytearray) -> tuple[int, int]:
        searched.append(len(buffer))
        return find_frame(buffer)

    find_frame = eventstream._find_frame
    monkeypatch.setattr(eventstream, "_find_frame", count)
    frame = encode_frame({}, bytes(100_000))
    decoder = EventStreamDecoder()
    for at in range(0, len(frame), 1000):
        decoder.feed(frame[at : at + 1000])
    assert searched == [1000, 0]


def test_garbage_in_small_feeds_is_searched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[int] = []

    def count(buffer: bytearray) -> tuple[int, int]:
        searched.append(len(buffer))
        return find_frame(buffer)

    find_frame = eventstream._find_frame
    monkeypatch.setattr(eventstream, "_find_frame", count)
    decoder = EventStreamDecoder()
    for _ in range(100):
        decoder.feed(b"\1" * 1000)
    assert sum(searched) <= 100 * (1000 + 11)
