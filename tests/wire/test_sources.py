"""Each string of a part has its source and its place, whatever the part is."""

import json

import pytest

from recorder.wire.sources import Said, Source, calls_in, said_in

X = "[x]"


def found(kind, value, role=None):
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return [said for said in said_in(kind, role, content) if X in said.text]


@pytest.mark.parametrize(
    ("kind", "role", "value", "said"),
    [
        ("system", None, X, Said(Source.SYSTEM, X)),
        ("system", None, {"type": "text", "text": X}, Said(Source.SYSTEM, X, "text")),
        ("tool", None, {"name": "Bash", "description": X}, Said(Source.TOOL_DEFINITION, X, "description", "Bash")),
        (
            "tool",
            None,
            {"toolSpec": {"name": "Bash", "description": X}},
            Said(Source.TOOL_DEFINITION, X, "toolSpec.description", "Bash"),
        ),
        ("message", "user", {"role": "user", "content": X}, Said(Source.USER, X, "content")),
        ("message", "assistant", {"content": [{"type": "text", "text": X}]}, Said(Source.MODEL, X, "content[0].text")),
        ("message", "system", {"content": [{"type": "text", "text": X}]}, Said(Source.SYSTEM, X, "content[0].text")),
        (
            "message",
            "assistant",
            {"content": [{"type": "text"}, {"type": "server_tool_use", "name": "web", "input": {"q": [X]}}]},
            Said(Source.TOOL_INPUT, X, "content[1].input.q[0]", "web"),
        ),
        (
            "message",
            "user",
            {"content": [{"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": X}]}]},
            Said(Source.TOOL_RESULT, X, "content[0].content[0].text", None, "t1"),
        ),
        (
            "message",
            "assistant",
            {"content": [{"toolUse": {"name": "Bash", "input": {"command": X}}}]},
            Said(Source.TOOL_INPUT, X, "content[0].toolUse.input.command", "Bash"),
        ),
        (
            "message",
            "user",
            {"content": [{"toolResult": {"toolUseId": "t1", "content": [{"text": X}]}}]},
            Said(Source.TOOL_RESULT, X, "content[0].toolResult.content[0].text", None, "t1"),
        ),
        (
            "answer",
            "assistant",
            {"output": {"message": {"role": "assistant", "content": [{"text": X}]}}},
            Said(Source.MODEL, X, "output.message.content[0].text"),
        ),
        ("answer", None, {"type": "error", "error": {"message": X}}, Said(Source.ERROR, X, "error.message")),
        ("envelope", None, {"metadata": {"user_id": X}}, Said(Source.REQUEST, X, "metadata.user_id")),
        ("envelope", None, {"system": X}, Said(Source.SYSTEM, X, "system")),
        ("envelope", None, {"prompt": X}, Said(Source.USER, X, "prompt")),
        (
            "body",
            None,
            {"messages": {"0": {"role": "assistant", "content": X}}},
            Said(Source.MODEL, X, "messages.0.content"),
        ),
        ("body", None, b"no json " + X.encode(), Said(Source.REQUEST, f"no json {X}")),
        ("headers", None, [["X-Api-Key", X], ["a", "b"]], Said(Source.HEADER, X, "x-api-key")),
        ("error", None, X.encode(), Said(Source.ERROR, X)),
        ("record", None, {"path": f"/v1?key={X}"}, Said(Source.URL, f"/v1?key={X}", "path")),
        ("record", None, {"anomalies": ["a", X]}, Said(Source.NOTE, X, "anomalies[1]")),
    ],
)
def test_who_said_it(kind, role, value, said):
    assert found(kind, value, role) == [said]


def test_names_of_members_are_strings_too():
    (said,) = found("message", {"content": [{"type": "tool_use", "name": "Bash", "input": {X: 1}}]}, "assistant")
    assert (said.source, said.tool, said.place) == (Source.TOOL_INPUT, "Bash", "content[0].input")
    assert found("envelope", {X: 1}) == [Said(Source.REQUEST, X, is_name=True)]


def test_what_looks_like_a_block_inside_of_a_call_is_data():
    inner = {"type": "tool_result", "tool_use_id": "t9", "content": X}
    (said,) = found("message", {"content": [{"type": "tool_use", "name": "Write", "input": inner}]}, "assistant")
    assert (said.source, said.tool, said.call_id) == (Source.TOOL_INPUT, "Write", None)


def test_what_is_nested_deeply_is_walked():
    depth = 900
    (said,) = found("message", b'{"content":' + b"[" * depth + b'"[x]"' + b"]" * depth + b"}", "user")
    assert said.place == "content" + "[0]" * depth


def test_calls_by_their_ids():
    blocks = [
        {"type": "text", "text": "t"},
        {"type": "tool_use", "id": "t1", "name": "Bash", "input": {}},
        {"toolUse": {"toolUseId": "t2", "name": "Read"}},
    ]
    assert calls_in(json.dumps({"content": blocks}).encode()) == {"t1": "Bash", "t2": "Read"}
    assert calls_in(b"{") == {}
