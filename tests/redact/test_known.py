import base64
import hashlib
import json
from urllib.parse import quote

import pytest

from recorder.redact.known import LATEST_PASSING, SHORTEST_KNOWN_BYTES, KnownValues

VALUE = b'n0t/A+form"at\xc3\xa4 of-any kind='


@pytest.fixture
def known() -> KnownValues:
    known = KnownValues()
    assert known.add("api-key", VALUE)
    return known


@pytest.mark.parametrize(
    "spelled",
    [
        VALUE,
        json.dumps(VALUE.decode())[1:-1].encode(),
        json.dumps(VALUE.decode())[1:-1].replace("/", "\\/").encode(),
        quote(VALUE, safe="").encode(),
        quote(VALUE).encode(),
        VALUE.hex().encode(),
        VALUE.hex().upper().encode(),
    ],
)
def test_found_in_usual_encodings(known: KnownValues, spelled: bytes) -> None:
    text = b"before " + spelled + b" after"
    (span,) = known.find(text)
    assert text[span.start : span.end] == spelled
    assert (span.kind, span.value) == ("api-key", VALUE)
    assert known.occurs_in(text)


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("before", [b"", b"u", b"us", b"user:", b"user1:"])
@pytest.mark.parametrize("after", [b"", b"x", b"xy", b"xyz"])
def test_found_inside_base64_at_every_alignment(
    known: KnownValues, encode: object, before: bytes, after: bytes
) -> None:
    encoded: bytes = encode(before + VALUE + after)  # type: ignore[operator]
    (span,) = known.find(b"Basic " + encoded)
    first_bit, last_bit = 8 * len(before), 8 * len(before + VALUE)
    # Every character that carries a bit of the secret is covered.
    assert span.start <= 6 + first_bit // 6
    assert span.end >= 6 + -(-last_bit // 6)
    assert span.end - span.start <= len(VALUE) * 4 // 3 + 4


def test_not_found_in_other_text(known: KnownValues) -> None:
    assert known.find(VALUE[:-3] + b" and so on") == []
    assert not known.occurs_in(b"nothing")


def test_known_values_are_learned_once_and_short_ones_never(known: KnownValues) -> None:
    assert not known.add("api-key", VALUE)
    assert not known.add("api-key", b"x" * (SHORTEST_KNOWN_BYTES - 1))
    assert known.find(b"x" * 20) == []


def test_the_longer_of_two_values_goes_whole(known: KnownValues) -> None:
    known.add("other", VALUE + b"-and-more")
    (span,) = known.find(VALUE + b"-and-more")
    assert span.kind == "other"


def test_of_what_is_new_with_every_request_only_the_latest_stay(known: KnownValues) -> None:
    signatures = [f"{n:064x}".encode() for n in range(1000, 1001 + LATEST_PASSING)]
    assert all(known.add("aws-signature", signature) for signature in signatures)
    assert not known.add("aws-signature", signatures[-1])
    assert known.find(signatures[0]) == []
    text = b"a " + signatures[-1] + b" b " + signatures[-1]
    assert [(span.start, span.end) for span in known.find(text)] == [(2, 66), (69, 133)]
    assert known.occurs_in(text)
    assert known.occurs_in(VALUE)


def test_a_longer_value_whose_end_overlaps_goes_whole_too(known: KnownValues) -> None:
    known.add("other", VALUE[-6:] + b"-and-more")
    text = b"x " + VALUE + b"-and-more y"
    spans = known.find(text)
    assert {one.kind for one in spans} == {"api-key", "other"}
    assert (min(one.start for one in spans), max(one.end for one in spans)) == (2, len(text) - 2)


def test_values_that_end_alike_are_told_apart(known: KnownValues) -> None:
    known.add("other", b"another-value-" + VALUE[-12:])
    assert [one.kind for one in known.find(b"another-value-" + VALUE[-12:])] == ["other"]
    assert known.find(b"unlike them " + VALUE[-12:]) == []


@pytest.mark.parametrize("size", range(8, len(VALUE) + 1))
def test_the_beginning_of_a_value_at_the_end_of_a_cut_text(known: KnownValues, size: int) -> None:
    span = known.find_beginning(b"so the key is " + VALUE[:size])
    assert span is not None
    assert (span.start, span.end, span.value) == (14, 14 + size, VALUE)


@pytest.mark.parametrize("text", [b"", VALUE[:7], VALUE[:9] + b" goes on", b"nothing of the kind"])
def test_no_beginning(known: KnownValues, text: bytes) -> None:
    assert known.find_beginning(text) is None


def test_thousands_of_long_values_are_no_hindrance() -> None:
    known = KnownValues()
    values = [
        b"eyJhbGciOiJSUzI1NiJ9." + hashlib.sha512(b"%d" % number).hexdigest().encode() * 5 for number in range(3000)
    ]
    for value in values:
        known.add("jwt", value)
    (span,) = known.find(b"x " + values[1234] + b" y")
    assert span.value == values[1234]
