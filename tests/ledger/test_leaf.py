import enum
import hashlib
import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from recorder.ledger.leaf import canonical, leaf_around, leaf_bytes, leaf_hash

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=20,
)


class Colour(enum.StrEnum):
    RED = "red"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, b"{}"),
        ({"b": 1, "a": [True, None, "x"]}, b'{"a":[true,null,"x"],"b":1}'),
        # RFC 8785 §3.2.3: keys are sorted by their UTF-16 code units, which puts U+1F600 before U+FB33.
        (
            {"\ufb33": 1, "\U0001f600": 2, "\u20ac": 3, "\r": 4},
            '{"\\r":4,"\u20ac":3,"\U0001f600":2,"\ufb33":1}'.encode(),
        ),
        # RFC 8785 §3.2.2.2: control characters are escaped in their shortest form, all else stays.
        ({"s": '€$\x0f\nA\'B"\\"/\x7f'}, '{"s":"€$\\u000f\\nA\'B\\"\\\\\\"/\x7f"}'.encode()),
        ({"n": 2**53 - 1, "m": -(2**53) + 1}, b'{"m":-9007199254740991,"n":9007199254740991}'),
        ({"k": Colour.RED}, b'{"k":"red"}'),
    ],
)
def test_canonical(body, expected):
    assert canonical(body) == expected


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), json_values))
def test_canonical_says_the_same_thing_whatever_the_order(body):
    data = canonical(body)
    assert json.loads(data) == body
    assert canonical(dict(reversed(body.items()))) == data


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"])) | st.text(st.characters(codec="ascii")), json_values
    )
)
def test_canonical_is_what_the_reference_implementation_writes(body):
    assert canonical(body) == rfc8785.dumps(body)


def test_every_character_is_written_as_the_reference_implementation_does():
    text = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x11000), 0x1F600, 0x10FFFF]))
    for key in ("key", "\ue000", "\U0001f600"):
        body = {key: text, text[:128]: [text, {"b": True, "a": None}]}
        assert canonical(body) == rfc8785.dumps(body)


def test_a_record_of_enumerations_all_through_is_written_as_text():
    assert canonical({Colour.RED: [Colour.RED, {"k": Colour.RED}]}) == b'{"red":["red",{"k":"red"}]}'


@pytest.mark.parametrize(
    "value",
    [0.0, 1.5, float("nan"), 2**53, -(2**53), b"x", (1,), {1: 2}, {1}, object(), "\ud800", [[1.0]], {"a": {"b": 1.0}}],
)
def test_what_has_no_one_form_is_refused(value):
    with pytest.raises(ValueError, match="record"):
        canonical({"x": value})


@pytest.mark.parametrize("value", [2**53, -(2**53)])
def test_the_range_of_integers(value):
    with pytest.raises(ValueError, match="out of range"):
        canonical({"x": value})


def test_a_refusal_does_not_show_the_value():
    secret = "hunter" + "2" * 20
    with pytest.raises(ValueError, match="record") as refusal:
        canonical({"x": [secret.encode(), 1.0]})
    assert secret not in repr(refusal.value)


def test_leaf_covers_number_kind_and_time():
    assert leaf_bytes(7, "opened", "2026-11-23T12:00:00.000Z", {"id": "a"}) == (
        b'{"at_utc":"2026-11-23T12:00:00.000Z","body":{"id":"a"},"kind":"opened","seq":7,"v":1}'
    )


def test_leaf_hash():
    # RFC 6962: the hash of a leaf is not the hash of its bytes, so that a leaf cannot pose as a node.
    assert leaf_hash(b"") == hashlib.sha256(b"\x00").digest()
    # Test vector of certificate-transparency-go's merkletree: leaf "" of the reference tree.
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert leaf_hash(b"\x00").hex() == "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"


@pytest.mark.parametrize("body", [{}, {"id": "a"}, {"ä": "\U0001f600", "b": [1, None, {"c": True}]}])
def test_a_leaf_around_the_text_of_a_body_is_the_same(body):
    at = 7, "opened", "2026-11-23T12:00:00.000Z"
    assert leaf_around(*at, canonical(body)) == leaf_bytes(*at, body)
