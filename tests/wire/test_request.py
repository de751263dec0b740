import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recorder.model import Slot
from recorder.wire.request import Mark, Piece, cut_request, join_request

MARK = {"type": "ephemeral", "ttl": "1h"}
BLANKS = st.text(" \n\r\t", max_size=2)
KEYS = st.sampled_from(["type", "text", "cache_control", "content", "role", "input"]) | st.text(max_size=4)
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.just('"cache_control":1') | st.just(MARK)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=30
)
BODIES = st.dictionaries(
    st.sampled_from(["system", "tools", "messages", "model", "cache_control"]) | st.text(max_size=3), VALUES, max_size=6
)


@st.composite
def written(draw: st.DrawFn, values: st.SearchStrategy[Any] = BODIES) -> bytes:
    """JSON with arbitrary whitespace and escapes."""
    escapes = draw(st.booleans())

    def write(value: Any) -> str:
        if isinstance(value, dict):
            pairs = (draw(BLANKS) + write(key) + draw(BLANKS) + ":" + write(item) for key, item in value.items())
            return draw(BLANKS) + "{" + ",".join(pairs) + draw(BLANKS) + "}" + draw(BLANKS)
        if isinstance(value, list):
            return draw(BLANKS) + "[" + draw(BLANKS) + ",".join(map(write, value)) + draw(BLANKS) + "]" + draw(BLANKS)
        text = json.dumps(value, ensure_ascii=escapes)
        if not isinstance(value, str):
            return text
        return text.replace("e", "\\u0065") if "\\" not in text and draw(st.integers(0, 9)) == 0 else text

    return write(draw(values)).encode()


@settings(max_examples=300)
@given(written())
def test_a_body_is_joined_as_it_was_cut(body: bytes) -> None:
    cut = cut_request(body)
    assert join_request(cut) == body
    assert json.loads(cut.envelope) == {
        key: [] if key in {"system", "tools", "messages"} and isinstance(value, list) else value
        for key, value in json.loads(body).items()
    }


def test_a_request_is_cut_into_envelope_and_parts() -> None:
    body = (
        b'{"model":"m","system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}],'
        b'"messages":[{"role":"user","content":"hi"} ,\n {"role":"assistant","content":[]}],"tools":[ ],"stream":true}'
    )
    cut = cut_request(body)
    assert cut.envelope == b'{"model":"m","system":[],"messages":[],"tools":[ ],"stream":true}'
    assert [slot for slot, _ in cut.slots] == [Slot.SYSTEM, Slot.MESSAGES, Slot.TOOLS]
    assert all(cut.envelope[offset - 1 : offset] == b"[" for _, offset in cut.slots)
    assert cut.pieces[Slot.SYSTEM] == (
        Piece(b'{"type":"text","text":"s"}', None, None, (Mark(25, b',"cache_control":{"type":"ephemeral"}'),)),
    )
    assert cut.pieces[Slot.MESSAGES] == (
        Piece(b'{"role":"user","content":"hi"}', "user", None, ()),
        Piece(b'{"role":"assistant","content":[]}', "assistant", b" ,\n ", ()),
    )
    assert cut.pieces[Slot.TOOLS] == ()


@pytest.mark.parametrize(
    ("marked", "content"),
    [
        (b'{"cache_control":{"a":1}}', b"{}"),
        (b'{"cache_control":{"a":1},"text":"x"}', b'{"text":"x"}'),
        (b'{ "cache_control" : 1 , "text" : "x" }', b'{ "text" : "x" }'),
        (b'{"type":"text","cache_control":null,"text":"x"}', b'{"type":"text","text":"x"}'),
        (b'{"type": "text", "text": "x", "cache_control": {"a": 1}}', b'{"type": "text", "text": "x"}'),
        (b'{"text":"\\"cache_control\\":1"}', b'{"text":"\\"cache_control\\":1"}'),
        (b'{"text":{"cache_control":1}}', b'{"text":{"cache_control":1}}'),
        (b'{"cache_control":1,"a":1,"a":2}', b'{"cache_control":1,"a":1,"a":2}'),
    ],
)
def test_a_mark_leaves_what_would_stand_there_without_it(marked: bytes, content: bytes) -> None:
    body = b'{"tools":[%b]}' % marked
    cut = cut_request(body)
    assert cut.pieces[Slot.TOOLS][0].content == content
    assert join_request(cut) == body


def _with_mark(block: dict[str, Any], position: int) -> dict[str, Any]:
    members = list(block.items())
    members.insert(position, ("cache_control", MARK))
    return dict(members)


@given(
    blocks=st.lists(st.dictionaries(st.sampled_from("abcd"), st.text(max_size=5), min_size=1), min_size=1, max_size=4),
    data=st.data(),
    indent=st.sampled_from([None, 2]),
)
def test_where_the_mark_sits_does_not_change_a_message(
    blocks: list[dict[str, Any]], data: st.DataObject, indent: int | None
) -> None:
    nested = {"type": "tool_result", "content": blocks}
    plain = {"messages": [{"role": "user", "content": [*blocks, nested]}]}

    def marked(block: dict[str, Any]) -> dict[str, Any]:
        return _with_mark(block, data.draw(st.integers(0, len(block)))) if data.draw(st.booleans()) else block

    inner = {**nested, "content": [marked(block) for block in blocks]}
    moved = {"messages": [{"role": "user", "content": [*map(marked, blocks), marked(inner)]}]}
    pieces = [
        cut_request(json.dumps(body, indent=indent).encode()).pieces[Slot.MESSAGES][0].content
        for body in (plain, moved)
    ]
    assert pieces[0] == pieces[1]


def test_input_of_a_tool_and_deeper_levels_keep_their_members() -> None:
    deep = b'"content":[{"content":[{"cache_control":2}]}]'
    message = b'{"role":"user","content":[{"input":{"content":[{"cache_control":1}]},%b}]}' % deep
    (piece,) = cut_request(b'{"messages":[%b]}' % message).pieces[Slot.MESSAGES]
    assert piece.content == message


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b'{"a":1',
        b'{"a":1,"a":2}',
        b'{"messages":[],"messages":[1]}',
        b'{"a":"\xff"}',
        b'{"a":' * 200_000,
    ],
)
def test_what_is_not_one_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        cut_request(body)


def test_a_lone_surrogate_does_no_harm() -> None:
    body = b'{"messages":[{"role":"user","content":[{"text":"\\ud83d","cache_control":1}]}],"x":"\\uDE00"}'
    cut = cut_request(body)
    assert cut.pieces[Slot.MESSAGES][0].content == b'{"role":"user","content":[{"text":"\\ud83d"}]}'
    assert cut.pieces[Slot.MESSAGES][0].role == "user"
    assert join_request(cut) == body


@pytest.mark.parametrize(
    "element", [b"1", b'"text"', b'{"content":{"role":"user"}}', b"null", b"[]", b'{"role":5}', b"{}"]
)
def test_an_element_without_a_role_has_none(element: bytes) -> None:
    assert cut_request(b'{"messages":[%b]}' % element).pieces[Slot.MESSAGES] == (Piece(element, None, None, ()),)


def test_a_role_is_found_at_any_place() -> None:
    body = b'{"messages":[{"content":"hi","role":"user"},{ "role" : "system","content":""},{"role":"\\u0075ser"}]}'
    assert [piece.role for piece in cut_request(body).pieces[Slot.MESSAGES]] == ["user", "system", "user"]


def test_system_as_a_string_stays_in_the_envelope() -> None:
    body = b'{"system":"be brief","messages":{"not":"a list"}}'
    cut = cut_request(body)
    assert (cut.envelope, cut.slots) == (body, ())
