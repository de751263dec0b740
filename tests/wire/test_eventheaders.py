from datetime import UTC, datetime
from uuid import UUID

import pytest
from botocore.eventstream import DecodeUtils
from hypothesis import given
from hypothesis import strategies as st

from recorder.wire.eventheaders import MAX_VALUE_BYTES, HeaderValue, encode_headers, parse_headers

U = UUID("01020304-0506-0708-090a-0b0c0d0e0f10")

EVERY_TYPE = [
    (b"\x01a\x00", True),
    (b"\x01a\x01", False),
    (b"\x01a\x02\xff", -1),
    (b"\x01a\x03\xff\xfe", -2),
    (b"\x01a\x04\xff\xff\xff\xfd", -3),
    (b"\x01a\x05" + b"\xff" * 7 + b"\xfc", -4),
    (b"\x01a\x06\x00\x02\xff\x00", b"\xff\x00"),
    (b"\x01a\x07\x00\x02\xc3\xa9", "é"),
    (b"\x01a\x08" + (1_700_000_000_123).to_bytes(8), 1_700_000_000_123),
    (b"\x01a\x09" + U.bytes, U),
]


@pytest.mark.parametrize(("raw", "value"), EVERY_TYPE)
def test_reads_every_type(raw: bytes, value: HeaderValue) -> None:
    headers, trouble = parse_headers(raw)
    assert headers == {"a": value}
    assert type(headers["a"]) is type(value)
    assert trouble is None


@pytest.mark.parametrize(("raw", "value"), EVERY_TYPE)
def test_a_header_cut_short_leaves_those_before(raw: bytes, value: HeaderValue) -> None:
    before = b"\x01b\x00"
    for at in range(1, len(raw)):
        assert parse_headers(before + raw[:at]) == ({"b": True}, f"unreadable from byte 3 of {3 + at} on")


@pytest.mark.parametrize("raw", [b"\x01a\x0a", b"\x01\xff\x00", b"\x01a\x07\x00\x01\xff", b"\x01a\x07\xff\xffx"])
def test_nonsense_is_told(raw: bytes) -> None:
    assert parse_headers(raw) == ({}, f"unreadable from byte 0 of {len(raw)} on")


def test_the_first_of_two_equal_names_stands() -> None:
    assert parse_headers(b"\x01a\x00\x01a\x01\x01b\x00") == ({"a": True, "b": True}, "a name comes twice")


VALUES = st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.binary(max_size=40) | st.text(max_size=20) | st.uuids()
NAMES = st.text(st.characters(max_codepoint=127), min_size=1, max_size=20)


@given(st.dictionaries(NAMES, VALUES, max_size=6))
def test_what_is_written_is_read(headers: dict[str, HeaderValue]) -> None:
    found, trouble = parse_headers(encode_headers(headers))
    assert [(name, type(value), value) for name, value in found.items()] == [
        (name, type(value), value) for name, value in headers.items()
    ]
    assert trouble is None


@given(st.binary(max_size=60))
def test_any_bytes_say_something(data: bytes) -> None:
    headers, trouble = parse_headers(data)
    assert headers or trouble or not data


def test_numbers_and_text_are_botocores() -> None:
    raw = encode_headers({"n": 5})
    assert DecodeUtils.unpack_int64(raw[3:]) == (5, 8)
    raw = encode_headers({"s": "text"})
    assert DecodeUtils.unpack_utf8_string(raw[3:]) == ("text", 6)
    stamp = parse_headers(b"\x01a\x08" + (1_700_000_000_000).to_bytes(8))[0]["a"]
    assert isinstance(stamp, int)
    assert datetime.fromtimestamp(stamp / 1000, UTC).year == 2023


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"": "x"}, "a header name of 0 bytes"),
        ({"é" * 128: "x"}, "a header name of 256 bytes"),
        ({"a": 2**63}, "header 'a' does not fit into 64 bits"),
        ({"a": "x" * (MAX_VALUE_BYTES + 1)}, "header 'a' is 32768 bytes, the limit is 32767"),
        ({f"{n}": b"x" * MAX_VALUE_BYTES for n in range(5)}, "the limit is 131072"),
    ],
)
def test_what_cannot_be_written_is_refused(headers: dict[str, HeaderValue], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        encode_headers(headers)


def test_the_limits_themselves_can_be_written() -> None:
    longest = {"é" * 127 + "x": "y" * MAX_VALUE_BYTES, "n": 2**63 - 1}
    assert parse_headers(encode_headers(longest)) == (longest, None)
