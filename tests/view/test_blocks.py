import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.view.blocks import BlockKind, read_message, read_system, tool_name


def read(*blocks):
    return read_message(json.dumps({"role": "user", "content": list(blocks)}).encode()).blocks


@pytest.mark.parametrize(
    ("block", "kind", "text"),
    [
        ({"type": "text", "text": "hello"}, BlockKind.TEXT, "hello"),
        ({"text": "hello"}, BlockKind.TEXT, "hello"),
        ({"type": "thinking", "thinking": "hm", "signature": "x"}, BlockKind.THINKING, "hm"),
        ({"type": "redacted_thinking", "data": "x"}, BlockKind.THINKING, ""),
        ({"reasoningContent": {"reasoningText": {"text": "hm", "signature": "x"}}}, BlockKind.THINKING, "hm"),
        ({"reasoningContent": {"redactedContent": "x"}}, BlockKind.THINKING, ""),
        (
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}},
            BlockKind.MEDIA,
            "image/png 3 bytes",
        ),
        (
            {"type": "image", "source": {"type": "url", "url": "https://x.example/a"}},
            BlockKind.MEDIA,
            "https://x.example/a",
        ),
        ({"document": {"format": "pdf", "source": {"bytes": "AAAA"}}}, BlockKind.MEDIA, "pdf 3 bytes"),
        ({"type": "container_upload", "file_id": "f"}, BlockKind.OTHER, '{"type":"container_upload","file_id":"f"}'),
        ({"cachePoint": {"type": "default"}}, BlockKind.OTHER, '{"cachePoint":{"type":"default"}}'),
        (17, BlockKind.OTHER, "17"),
    ],
)
def test_kinds(block, kind, text):
    (found,) = read(block)
    assert (found.kind, found.text) == (kind, text)


@pytest.mark.parametrize(
    "block",
    [
        {"type": "tool_use", "id": "t1", "name": "Bash", "input": {"command": "ls"}},
        {"type": "server_tool_use", "id": "t1", "name": "Bash", "input": {"command": "ls"}},
        {"toolUse": {"toolUseId": "t1", "name": "Bash", "input": {"command": "ls"}}},
    ],
)
def test_calls(block):
    (call,) = read(block)
    assert (call.kind, call.id, call.name, call.input) == (BlockKind.CALL, "t1", "Bash", {"command": "ls"})


def test_the_input_of_a_call_cut_short_is_its_text():
    (call,) = read({"type": "tool_use", "id": "t1", "name": "Bash", "input": {}, "partial_json": '{"comm'})
    assert call.input == '{"comm'


@pytest.mark.parametrize(
    ("block", "text", "is_error"),
    [
        ({"type": "tool_result", "tool_use_id": "t1", "content": "ok"}, "ok", False),
        ({"type": "tool_result", "tool_use_id": "t1"}, "", False),
        (
            {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "no"}], "is_error": True},
            "no",
            True,
        ),
        ({"toolResult": {"toolUseId": "t1", "content": [{"json": {"a": 1}}], "status": "error"}}, '{"a":1}', True),
        (
            {"type": "web_search_tool_result", "tool_use_id": "t1", "content": [{"type": "web"}]},
            '{"type":"web"}',
            False,
        ),
    ],
)
def test_results(block, text, is_error):
    (result,) = read(block)
    assert (result.kind, result.id, result.text, result.is_error) == (BlockKind.RESULT, "t1", text, is_error)


def test_messages_of_every_form():
    assert read_message(b'{"role":"user","content":"hi"}').blocks[0].text == "hi"
    converse = read_message(
        b'{"output":{"message":{"role":"assistant","content":[{"text":"hi"}]}},"unknown_events":[1]}'
    )
    assert converse.role == "assistant"
    assert [block.text for block in converse.blocks] == ["hi", "1"]
    assert read_message(b'{"completion":"hi"}', "assistant").blocks[0].text == "hi"
    error = read_message(b'{"type":"error","error":{"type":"overloaded_error"}}', "assistant").blocks[0]
    assert (error.kind, error.name) == (BlockKind.OTHER, "error")
    assert "overloaded_error" in error.text
    assert read_message(b"not json", "user").blocks[0].text == "not json"
    assert read_message(b'{"role":"user","content":[]}').blocks == ()


def test_system_and_tools():
    assert read_system(b'{"type":"text","text":"be kind"}').text == "be kind"
    assert tool_name(b'{"name":"Bash"}') == "Bash"
    assert tool_name(b'{"toolSpec":{"name":"Bash"}}') == "Bash"
    assert tool_name(b'{"type":"web_search_20250305"}') == "web_search_20250305"
    assert tool_name(b"[]") == "unnamed"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(),
    lambda j: (
        st.lists(j)
        | st.dictionaries(
            st.sampled_from(
                ["type", "content", "text", "input", "source", "toolUse", "toolResult", "image", "reasoningContent"]
            ),
            j,
        )
    ),
)


@given(
    st.lists(
        JSON | st.fixed_dictionaries({"type": st.sampled_from(["tool_use", "tool_result", "image"]), "content": JSON})
    )
)
def test_nothing_is_hidden_and_nothing_raises(blocks):
    assert len(read(*blocks)) == len(blocks)


@given(st.binary())
def test_any_bytes_are_read(content):
    assert read_message(content).blocks or content
