import json
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.model import ToolResult
from recorder.wire import facts
from recorder.wire.facts import RequestFacts, request_facts, tool_results


def test_a_request_says_what_it_wants() -> None:
    body = {
        "model": "claude-opus-4-8",
        "messages": [{"role": "user", "content": "\ud83d"}],
        "max_tokens": 64000,
        "stream": True,
        "metadata": {"user_id": '{"session_id":"s😀"}'},
        "thread": {"type": "continue", "previous_message_id": "msg_01"},
    }
    assert request_facts(json.dumps(body).encode()) == RequestFacts(
        model="claude-opus-4-8",
        stream=True,
        max_tokens=64000,
        metadata_user_id='{"session_id":"s😀"}',
        thread="continue",
        previous_message_id="msg_01",
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"{}",
        b'{"messages":' + b"[" * 200_000,
        b'{"model":1,"stream":"yes","max_tokens":true,"metadata":[],"thread":"x"}',
        b'{"model":null,"max_tokens":1.5,"metadata":{"user_id":{}},"thread":{"type":7}}',
    ],
)
def test_what_is_absent_or_of_another_type_is_none(body: bytes) -> None:
    assert request_facts(body) == RequestFacts()


def test_one_wrong_field_does_not_hide_the_others() -> None:
    assert request_facts(b'{"model":"m","stream":1,"metadata":{"user_id":"\\ud83d"}}').model == "m"


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ({"type": "tool_result", "tool_use_id": "toolu_1", "content": "hi", "is_error": False}, [("toolu_1", False)]),
        ({"type": "tool_result", "tool_use_id": "toolu_1", "is_error": True}, [("toolu_1", True)]),
        ({"type": "tool_result", "tool_use_id": "toolu_1", "content": "\ud83d"}, [("toolu_1", False)]),
        ({"type": "web_search_tool_result", "tool_use_id": "srv_1", "content": []}, [("srv_1", False)]),
        (
            {
                "type": "web_search_tool_result",
                "tool_use_id": "srv_1",
                "content": {"type": "web_search_tool_result_error", "error_code": "unavailable"},
            },
            [("srv_1", True)],
        ),
        ({"toolResult": {"toolUseId": "tooluse_1", "status": "error", "content": []}}, [("tooluse_1", True)]),
        ({"toolResult": {"toolUseId": "tooluse_1", "content": []}}, [("tooluse_1", False)]),
        ({"type": "tool_result", "tool_use_id": 7}, []),
        ({"type": "text", "text": "tool_result", "tool_use_id": "x"}, []),
        ({"type": "tool_use", "id": "x", "name": "tool_result"}, []),
        ("tool_result", []),
    ],
)
def test_tool_results_of_a_message(block: Any, expected: list[tuple[str, bool]]) -> None:
    for beside in ([], [{"type": "text", "text": "before"}], [5]):
        message = {"role": "user", "content": [*beside, block]}
        assert tool_results(json.dumps(message).encode()) == tuple(ToolResult(*result) for result in expected)


members = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["tool_result", "x_tool_result", "text", "tool_result_", None, 1]),
        "tool_use_id": st.sampled_from(["a", "\ud83d", "\U0001f600", None, 1]),
        "is_error": st.sampled_from([True, False, None, 1, "true"]),
        "content": st.sampled_from(["x", [], {}, {"type": "x_error"}, {"type": "x"}, None, "\udc00"]),
        "toolResult": st.sampled_from([None, {}, {"toolUseId": "b"}, {"toolUseId": "b", "status": "error"}]),
        "more": st.just({"tool_result": 1}),
    },
)


@given(st.lists(members | st.sampled_from([5, None, "tool_result"]), max_size=3))
def test_results_are_read_the_same_in_one_step_and_block_by_block(blocks: list[Any]) -> None:
    message = json.dumps({"content": blocks}).encode()
    with patch.object(facts, "_maybe_plain", return_value=None):
        one_by_one = tool_results(message)
    assert tool_results(message) == one_by_one


@pytest.mark.parametrize(
    "message", [b'{"content":"tool_result"}', b'"tool_result"', b"tool_result", b'["tool_result"]']
)
def test_other_messages_have_no_results(message: bytes) -> None:
    assert tool_results(message) == ()


@given(st.binary(max_size=60))
def test_no_bytes_are_too_strange(noise: bytes) -> None:
    assert request_facts(noise) == RequestFacts()
    assert tool_results(b'{"content":[{"type":"tool_result",' + noise) == ()
