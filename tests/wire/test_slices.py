import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.wire.slices import elements, members, shadow

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), JSON), st.sampled_from([None, 0, 3]), st.booleans())
def test_members_are_found_where_they_stand(value: dict[str, object], indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode()
    found = members(text, 0, len(text))
    assert {member.key: json.loads(text[member.value : member.end]) for member in found} == value
    assert all(text[member.start : member.start + 1] == b'"' for member in found)


@given(st.lists(JSON), st.sampled_from([None, 2]))
def test_elements_are_found_where_they_stand(value: list[object], indent: int | None) -> None:
    text = json.dumps([value], indent=indent).encode()
    ((start, end),) = elements(text, 0, len(text))
    assert [json.loads(text[begin:stop]) for begin, stop in elements(text, start, end)] == value


@pytest.mark.parametrize(
    "text",
    [
        b'{"a":1,"a":1}',
        b'{"a":12,"a":1}',
        b'{"a":1,"a":12}',
        b'{"a":1,"b":2,"a":1}',
        b'{"a":"x","b":1,"\\u0061":"x"}',
        b'{"a":{"x":1},"a":123456}',
        b'{"a":1}x',
        b'{"a":1,}',
        b"[]",
        b"",
        b'{"a":"\x01"}',
    ],
)
def test_a_repeated_key_or_another_value_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        members(text, 0, len(text))


def test_the_shadow_hides_lone_surrogates_and_keeps_every_offset() -> None:
    text = rb'{"a":"\ud83d","b":"\\ud83d \\\uD83D\n\\","c":"\uD83D\uDE00\ude00"}'
    hidden = shadow(text)
    assert hidden == rb'{"a":"\uffff","b":"\\ud83d \\\uffff\n\\","c":"\uD83D\uDE00\uffff"}'
    assert [member.key for member in members(hidden, 0, len(hidden))] == ["a", "b", "c"]
