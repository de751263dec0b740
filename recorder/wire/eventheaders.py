"""The headers inside an AWS event stream frame.

    u8 name length | name | u8 value type | value

    type    0     1      2   3    4    5    6      7       8              9
    value   true  false  i8  i16  i32  i64  bytes  string  timestamp i64  16-byte UUID

Bytes and strings have a u16 length before them; all numbers are big-endian. Source: Smithy, "Amazon Event Stream
Specification"; checked against botocore 1.44.5, November 2026.
"""

import struct
from collections.abc import Mapping
from struct import Struct
from uuid import UUID

MAX_HEADERS_BYTES = 128 * 1024
MAX_VALUE_BYTES = 32 * 1024 - 1
"""The specification's limit for bytes and strings; only writing keeps to it, a longer value is still read."""

type HeaderValue = bool | int | bytes | str | UUID
"""A timestamp is an int: milliseconds since 1970. Writing an int makes it an i64."""

_U8 = Struct(">B")
_U16 = Struct(">H")
_I64 = Struct(">q")
_NUMBERS = {2: Struct(">b"), 3: Struct(">h"), 4: Struct(">i"), 5: _I64, 8: _I64}


def parse_headers(data: bytes) -> tuple[dict[str, HeaderValue], str | None]:
    """Give the headers as far as they can be read, and what is wrong with them, if anything is.

    Of a name that comes twice the first value stands.
    """
    headers: dict[str, HeaderValue] = {}
    trouble = None
    at = 0
    while at < len(data):
        try:
            name, value, at = _parse_header(data, at)
        except (ValueError, struct.error):
            return headers, f"unreadable from byte {at} of {len(data)} on"
        if name in headers:
            trouble = "a name comes twice"
        else:
            headers[name] = value
    return headers, trouble


def encode_headers(headers: Mapping[str, HeaderValue]) -> bytes:
    """Write headers in the mapping's order; ValueError when a name or value is beyond the format's limits."""
    encoded = b"".join(_encode_name(name) + _encode_value(name, value) for name, value in headers.items())
    if len(encoded) > MAX_HEADERS_BYTES:
        raise ValueError(
            f"headers are {len(encoded)} bytes, the limit is {MAX_HEADERS_BYTES}: send fewer or shorter ones"
        )
    return encoded


def _parse_header(data: bytes, at: int) -> tuple[str, HeaderValue, int]:
    name, at = _take(data, at, _U8)
    (kind,) = _U8.unpack_from(data, at)
    value, at = _parse_value(data, at + 1, kind)
    return name.decode(), value, at


def _parse_value(data: bytes, at: int, kind: int) -> tuple[HeaderValue, int]:
    if kind in (0, 1):
        return kind == 0, at
    if kind in _NUMBERS:
        return _NUMBERS[kind].unpack_from(data, at)[0], at + _NUMBERS[kind].size
    if kind in (6, 7):
        value, at = _take(data, at, _U16)
        return (value if kind == 6 else value.decode()), at
    if kind == 9:
        return UUID(bytes=data[at : at + 16]), at + 16
    raise ValueError(f"header value type {kind} is unknown, the format has 0 to 9")


def _take(data: bytes, at: int, length: Struct) -> tuple[bytes, int]:
    """Read a length and as many bytes."""
    (size,) = length.unpack_from(data, at)
    start, end = at + length.size, at + length.size + size
    if end > len(data):
        raise ValueError(f"{size} bytes announced, {len(data) - start} are there")
    return data[start:end], end


def _encode_name(name: str) -> bytes:
    raw = name.encode()
    if not 0 < len(raw) < 256:
        raise ValueError(f"a header name of {len(raw)} bytes cannot be written, the limits are 1 and 255")
    return _U8.pack(len(raw)) + raw


def _encode_value(name: str, value: HeaderValue) -> bytes:
    # bool stands first: it is an int as well.
    if isinstance(value, bool):
        return b"\0" if value else b"\1"
    if isinstance(value, int):
        return b"\5" + _encode_i64(name, value)
    if isinstance(value, UUID):
        return b"\x09" + value.bytes
    kind, raw = (b"\7", value.encode()) if isinstance(value, str) else (b"\6", value)
    if len(raw) > MAX_VALUE_BYTES:
        raise ValueError(f"header {name!r} is {len(raw)} bytes, the limit is {MAX_VALUE_BYTES}: move it to the payload")
    return kind + _U16.pack(len(raw)) + raw


def _encode_i64(name: str, value: int) -> bytes:
    try:
        return _I64.pack(value)
    except struct.error as error:
        raise ValueError(f"header {name!r} does not fit into 64 bits: send it as a string") from error
