from typing import Any

import pytest

from recorder.model import ToolUse
from recorder.wire.messages import METRICS
from recorder.wire.reading import is_answer, read_answer

HEADERS = (("x-amzn-bedrock-input-token-count", "7"),)


def test_a_message_is_read() -> None:
    said = read_answer(
        {
            "id": "msg_01",
            "model": "m",
            "stop_reason": "tool_use",
            "usage": {"input_tokens": 1},
            "content": [
                {"type": "text", "text": "x"},
                {"type": "tool_use", "id": "toolu_1", "name": "Bash"},
                {"type": "server_tool_use", "id": "srv_1", "name": "web_search"},
                {"type": "mcp_tool_use", "id": "mcp_1", "name": "query"},
                {"type": "tool_use", "id": 5, "name": "Bash"},
                "odd",
            ],
        },
        HEADERS,
    )
    assert (said.model, said.message_id, said.stop_reason) == ("m", "msg_01", "tool_use")
    assert said.usage is not None
    assert said.usage.input_tokens == 1
    assert said.tool_uses == (
        ToolUse(1, "toolu_1", "Bash"),
        ToolUse(2, "srv_1", "web_search"),
        ToolUse(3, "mcp_1", "query"),
    )


def test_a_converse_answer_is_read() -> None:
    content = [{"text": "x"}, {"toolUse": {"toolUseId": "tooluse_1", "name": "Bash"}}]
    said = read_answer(
        {"output": {"message": {"content": content}}, "stopReason": "tool_use", "usage": {"inputTokens": 3}}, HEADERS
    )
    assert said.stop_reason == "tool_use"
    assert said.usage is not None
    assert said.usage.input_tokens == 3
    assert said.tool_uses == (ToolUse(1, "tooluse_1", "Bash"),)


@pytest.mark.parametrize(
    ("message", "tokens"),
    [
        ({"usage": {"input_tokens": 1}, METRICS: {"inputTokenCount": 5}}, 1),
        ({METRICS: {"inputTokenCount": 5}}, 5),
        ({"usage": {}, METRICS: {"invocationLatency": 5}}, 7),
        ({"usage": None}, 7),
        ({"output": {}}, 7),
    ],
)
def test_other_counts_stand_in_only_for_a_missing_usage(message: dict[str, Any], tokens: int) -> None:
    usage = read_answer(message, HEADERS).usage
    assert usage is not None
    assert usage.input_tokens == tokens


@pytest.mark.parametrize("message", [{}, {"content": 5, "usage": 5, "model": 5}, {"output": {"message": 5}}])
def test_odd_answers_say_nothing(message: dict[str, Any]) -> None:
    said = read_answer(message, ())
    assert (said.model, said.usage, said.tool_uses) == (None, None, ())


@pytest.mark.parametrize(
    ("message", "expected"),
    [({"type": "message"}, True), ({"completion": ""}, True), ({"output": {}}, True), ({"choices": []}, False)],
)
def test_known_forms(message: dict[str, Any], expected: bool) -> None:
    assert is_answer(message) is expected
