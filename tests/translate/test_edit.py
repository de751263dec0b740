"""Members taken out, replaced and added: every other byte stays."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.translate.edit import Edited, items


@pytest.mark.parametrize(
    ("text", "drop", "put", "expected"),
    [
        (b'{"a":1,"b":2,"c":3}', ["a"], {}, b'{"b":2,"c":3}'),
        (b'{"a":1,"b":2,"c":3}', ["b"], {}, b'{"a":1,"c":3}'),
        (b'{"a":1,"b":2,"c":3}', ["c"], {}, b'{"a":1,"b":2}'),
        (b'{"a":1}', ["a"], {}, b"{}"),
        (b'{"a":1}', ["a"], {"b": b"2"}, b'{"b":2}'),
        (b"{}", [], {"b": b"2"}, b'{"b":2}'),
        (b" { } ", [], {"b": b"2"}, b' {"b":2 } '),
        (b'{ "a" : 1 ,\n "b" : "\\ud83d" }', [], {"a": b"null"}, b'{ "a" : null ,\n "b" : "\\ud83d" }'),
        (b'{ "a" : 1 ,\n "b" : 2 }', ["a"], {"c": b"3"}, b'{ "b" : 2,"c":3 }'),
        (b'{"a":{"b":1}}', ["b"], {}, b'{"a":{"b":1}}'),
        (b'{"\\u0061":1,"b":2}', ["a"], {}, b'{"b":2}'),
    ],
)  # fmt: skip
def test_edits(text: bytes, drop: list[str], put: dict[str, bytes], expected: bytes) -> None:
    edited = Edited(text)
    for name in drop:
        edited.drop(name)
    for name, raw in put.items():
        edited.put(name, raw)
    assert edited.bytes_() == expected
    assert [name in edited for name in [*drop, *put]] == [False] * len(drop) + [True] * len(put) or drop == ["b"]


_JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda some: st.lists(some, max_size=3))


@given(st.dictionaries(st.text(), _JSON, max_size=5), st.data())
def test_what_comes_out_is_what_the_edits_say(value: dict[str, object], data: st.DataObject) -> None:
    drop = data.draw(st.sets(st.sampled_from([*value, "new"])))
    put = data.draw(st.dictionaries(st.sampled_from([*value, "new", "newer"]), _JSON, max_size=3))
    edited = Edited(json.dumps(value, indent=data.draw(st.none() | st.just(1))).encode())
    for name in drop:
        edited.drop(name)
    for name, new in put.items():
        edited.put(name, json.dumps(new).encode())
    wanted = {name: one for name, one in value.items() if name not in drop} | put
    assert json.loads(edited.bytes_()) == wanted
    assert sorted(edited.names()) == sorted(wanted)


def test_without_an_edit_nothing_changes() -> None:
    text = b' {"b" :1, "a":"\\ud800"}\n'
    assert Edited(text).bytes_() is text


@pytest.mark.parametrize("text", [b"", b"[]", b'{"a":1', b'{"a":1,"a":2}', b"\xff"])
def test_what_is_no_object(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"not the JSON|repeats|can't decode"):
        Edited(text)


def test_items() -> None:
    assert items(b'[ 1, "\\ud83d" ,{"a":[2]}]') == [b"1", b'"\\ud83d"', b'{"a":[2]}']
