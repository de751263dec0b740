"""AWS event stream frames (`application/vnd.amazon.eventstream`), sans-io.

Layout, big-endian (Smithy, "Amazon Event Stream Specification"; checked against botocore 1.44.5, November 2026):

    u32 total length | u32 headers length | u32 CRC-32 of those 8 bytes | headers | payload | u32 CRC-32 of all before

Strategy: the prelude has a checksum of its own, and that decides what a mistake costs.

- Prelude good, the frame's CRC bad: the length is still to be trusted, so one frame is lost (`eventstream_bad_crc`)
  and reading goes on behind it.
- Prelude bad, or lengths beyond the limits: nothing says where the next frame begins. Bytes are skipped up to the next
  prelude whose checksum and lengths hold; all that was skipped is one anomaly (`eventstream_garbage`).
- Frame good, its headers not: an `eventstream_bad_headers` anomaly, then the frame with the headers that could be read.

The buffer is appended to and cut at its front only, and a prelude is read once, so work is linear in the input.
"""

import re
from collections.abc import Mapping
from struct import Struct
from zlib import crc32

import msgspec

from recorder.wire.anomaly import Anomaly, anomaly
from recorder.wire.eventheaders import MAX_HEADERS_BYTES, HeaderValue, encode_headers, parse_headers

MAX_PAYLOAD_BYTES = 24 * 1024 * 1024

_LENGTHS = Struct(">II")
_CRC = Struct(">I")
_PRELUDE = Struct(">III")
_OVERHEAD_BYTES = _PRELUDE.size + _CRC.size

_MAYBE_PRELUDE = re.compile(rb"(?s)(?!\0\0\0[\0-\x0f])(?=[\0\1]...\0[\0-\2]......)")
"""Where a prelude can stand: a total from 16 to below 2^25, headers below 3 * 2^16, and the 12 bytes all there.
Finding the places in C keeps a search through megabytes of garbage cheap."""


class Frame(msgspec.Struct, frozen=True):
    """One frame whose checksums hold."""

    headers: dict[str, HeaderValue]
    payload: bytes


class EventStreamDecoder:
    """Feed it the bytes of one answer in any cut: it gives the same frames and anomalies for every cut."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._frame_bytes = 0  # length of the frame at the buffer's front; 0 while its prelude has not been found
        self._garbage = bytearray()

    def feed(self, data: bytes) -> list[Frame | Anomaly]:
        """Take the next bytes; give what they complete."""
        self._buffer += data
        items: list[Frame | Anomaly] = []
        while self._find_prelude(items) and len(self._buffer) >= self._frame_bytes:
            raw = self._cut(self._frame_bytes)
            self._frame_bytes = 0
            items += _read_frame(raw)
        return items

    def finish(self) -> list[Frame | Anomaly]:
        """Say that the stream is over; a frame that it cut off comes as an `eventstream_truncated` anomaly."""
        items: list[Frame | Anomaly] = []
        rest = self._cut(len(self._buffer))
        if self._garbage:
            self._garbage += rest
            self._end_garbage(items)
        elif rest:
            wanted = f"{self._frame_bytes} bytes" if self._frame_bytes else "unknown length"
            detail = f"the stream ended {len(rest)} bytes into a frame of {wanted}"
            items.append(anomaly("eventstream_truncated", detail, rest))
        self._frame_bytes = 0
        return items

    def _find_prelude(self, items: list[Frame | Anomaly]) -> bool:
        """Bring a good prelude to the buffer's front, over garbage if need be; False when it has none yet."""
        if self._frame_bytes:
            return True
        skip, self._frame_bytes = _find_frame(self._buffer)
        if skip:
            self._garbage += self._cut(skip)
        if self._frame_bytes and self._garbage:
            self._end_garbage(items)
        return self._frame_bytes > 0

    def _end_garbage(self, items: list[Frame | Anomaly]) -> None:
        detail = f"{len(self._garbage)} bytes that begin no frame (bad prelude checksum, or lengths beyond the limits)"
        items.append(anomaly("eventstream_garbage", detail, bytes(self._garbage)))
        self._garbage.clear()

    def _cut(self, size: int) -> bytes:
        raw = bytes(memoryview(self._buffer)[:size])
        del self._buffer[:size]
        return raw


def encode_frame(headers: Mapping[str, HeaderValue], payload: bytes) -> bytes:
    """Write one frame; ValueError when headers or payload are beyond the format's limits."""
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise ValueError(f"payload is {len(payload)} bytes, the limit is {MAX_PAYLOAD_BYTES}: split it")
    encoded = encode_headers(headers)
    lengths = _LENGTHS.pack(_OVERHEAD_BYTES + len(encoded) + len(payload), len(encoded))
    frame = lengths + _CRC.pack(crc32(lengths)) + encoded + payload
    return frame + _CRC.pack(crc32(frame))


def _find_frame(buffer: bytearray) -> tuple[int, int]:
    """Give the place of the first good prelude and its frame's length, or how much can be skipped, and 0."""
    for match in _MAYBE_PRELUDE.finditer(buffer):
        at = match.start()
        total, headers, checksum = _PRELUDE.unpack_from(buffer, at)
        payload = total - _OVERHEAD_BYTES - headers
        within = headers <= MAX_HEADERS_BYTES and 0 <= payload <= MAX_PAYLOAD_BYTES
        if within and checksum == crc32(buffer[at : at + _LENGTHS.size]):
            return at, total
    # The last 11 bytes may be the beginning of a prelude.
    return max(0, len(buffer) - _PRELUDE.size + 1), 0


def _read_frame(raw: bytes) -> list[Frame | Anomaly]:
    """Read a frame whose prelude is good and whose bytes are all there."""
    end = len(raw) - _CRC.size
    if _CRC.unpack_from(raw, end)[0] != crc32(memoryview(raw)[:end]):
        return [anomaly("eventstream_bad_crc", f"the checksum of a frame of {len(raw)} bytes does not hold", raw)]
    headers_end = _PRELUDE.size + _PRELUDE.unpack_from(raw)[1]
    headers, trouble = parse_headers(raw[_PRELUDE.size : headers_end])
    frame = Frame(headers, raw[headers_end:end])
    if trouble is None:
        return [frame]
    return [
        anomaly("eventstream_bad_headers", f"a frame's headers: {trouble}", raw[_PRELUDE.size : headers_end]),
        frame,
    ]
