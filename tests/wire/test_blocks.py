import json
from typing import Any

import pytest

from recorder.wire.blocks import Block
from recorder.wire.jsontext import render_json


def test_texts_add_up_behind_what_the_start_had() -> None:
    block = Block({"type": "text", "text": "a"})
    assert block.start_size == 1
    assert block.add({"type": "text_delta", "text": "b\ud83d"}) == (2, {})
    assert block.add({"type": "text_delta", "text": "\ude00"}) == (1, {})
    assert block.finish() == ({"type": "text", "text": "ab😀"}, None)


def test_a_compaction_brings_two_texts() -> None:
    block = Block({"type": "compaction", "content": None})
    block.add({"type": "compaction_delta", "content": "summary", "encrypted_content": "opaque"})
    assert block.finish()[0] == {"type": "compaction", "content": "summary", "encrypted_content": "opaque"}


@pytest.mark.parametrize(
    ("pieces", "rendered"),
    [
        (['{"a": ', "1.50}"], b'{"a": 1.50}'),
        (["", "[1]"], b"[1]"),
        (['{"a":"', "\ud83d", '"}'], b'{"a":"\\ud83d"}'),
    ],
)
def test_a_tools_input_is_parsed_and_keeps_its_form(pieces: list[str], rendered: bytes) -> None:
    block = Block({"type": "tool_use", "input": {}})
    for piece in pieces:
        block.add({"type": "input_json_delta", "partial_json": piece})
    fields, broken = block.finish()
    assert broken is None
    assert render_json(fields) == b'{"type":"tool_use","input":' + rendered + b"}"


def test_no_input_at_all_leaves_the_starts() -> None:
    block = Block({"type": "tool_use", "input": {}})
    block.add({"type": "input_json_delta", "partial_json": ""})
    assert block.finish() == ({"type": "tool_use", "input": {}}, None)


@pytest.mark.parametrize("text", ['{"a":', "{'a':1}", "NaN"])
def test_an_input_that_is_no_json_is_kept_as_text(text: str) -> None:
    block = Block({"type": "tool_use", "input": {}})
    block.add({"type": "input_json_delta", "partial_json": text})
    assert block.finish() == ({"type": "tool_use", "input": {}, "partial_json": text}, text)


def test_increments_of_an_estimate_are_summed_and_other_members_given_back() -> None:
    block = Block({"type": "thinking", "thinking": ""})
    block.add({"type": "thinking_delta", "thinking": "", "estimated_tokens": 50})
    assert block.add({"type": "thinking_delta", "thinking": "x", "estimated_tokens": 25, "new": 1, "nil": None}) == (
        1,
        {"new": 1},
    )
    assert block.finish()[0] == {"type": "thinking", "thinking": "x", "estimated_tokens": 75}


@pytest.mark.parametrize(
    "delta",
    [
        {"type": "future_delta", "text": "x"},
        {"type": "text_delta"},
        {"type": "text_delta", "text": 5},
        {"type": ["text_delta"], "text": "x"},
        {"type": "citations_delta"},
        {"type": "compaction_delta", "content": [], "encrypted_content": "x"},
    ],
)
def test_what_cannot_be_added_is_left_to_the_caller(delta: dict[str, Any]) -> None:
    block = Block({"type": "text", "text": ""})
    assert block.add(delta) is None
    assert json.loads(render_json(block.finish()[0])) == {"type": "text", "text": ""}


def test_a_text_is_never_added_to_something_else() -> None:
    assert Block({"type": "text", "text": []}).add({"type": "text_delta", "text": "x"}) is None
    assert Block({"type": "text", "citations": "?"}).add({"type": "citations_delta", "citation": {}}) is None
