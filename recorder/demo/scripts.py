"""Ready scripts: what the synthetic provider answers in a small coding session, and in the demo."""

import hashlib
from typing import Any

from recorder.demo.answers import Answer, Script, Text, Thinking, Tokens, ToolCall
from recorder.demo.cache import PromptCache
from recorder.demo.requests import SeenRequest

SAMPLE_TOKENS = Tokens(input=10, output=20, cache_read=50, cache_write_5m=60, cache_write_1h=40)


def coding_session(command: str, text: str = "All done.", tokens: Tokens = SAMPLE_TOKENS) -> Script:
    """Answer a client that offers Bash with one call of `command`, and once its result is there with `text`."""

    def answer(request: SeenRequest) -> Answer:
        offered = any(tool.get("name") == "Bash" for tool in request.data.get("tools", []))
        if offered and not tool_results(request.data):
            call = ToolCall(tool_id(request), "Bash", {"command": command, "description": "Run the command"})
            return Answer(blocks=(Text("I will run that."), call), tokens=tokens)
        return Answer(blocks=(Text(text),), tokens=tokens)

    return answer


def demo_session() -> Script:
    """Answer what `session.play` asks; tokens come from a prompt cache, so that a changed prompt costs writes again."""
    cache = PromptCache()

    def answer(request: SeenRequest) -> Answer:
        blocks = _demo_blocks(request)
        size = sum(len(str(block)) for block in blocks)
        return Answer(blocks=blocks, tokens=cache.tokens(request.data, output=max(1, size // 4)))

    return answer


def _demo_blocks(request: SeenRequest) -> tuple[Text | Thinking | ToolCall, ...]:
    """Choose by who asks and how many tool results the conversation has."""
    results = len(tool_results(request.data))
    if not request.data.get("tools"):
        return (Text("Find a failing test"),)
    if request.header("x-claude-code-agent-id"):
        if not results:
            return (ToolCall(tool_id(request), "Read", {"file_path": "tests/test_sums.py"}),)
        return (Text("tests/test_sums.py asserts add(2, 2) == 5. The expectation is wrong, the code is right."),)
    if not results:
        thought = "The user wants the failing test. The environment first, then an agent to read the tests."
        call = ToolCall(tool_id(request), "Bash", {"command": "env | sort", "description": "Show the environment"})
        return Thinking(thought), Text("First I look at the environment."), call
    if results == 1:
        task = {"description": "Read the failing test", "prompt": "Find out why tests/test_sums.py fails."}
        return Text("An agent will read the test."), ToolCall(tool_id(request), "Agent", task)
    return (Text("The test expects 5 where 4 is right: change the expectation."),)


def tool_results(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Give all tool_result blocks of a Messages body."""
    contents = [message.get("content") for message in body.get("messages", [])]
    blocks = [block for content in contents if isinstance(content, list) for block in content]
    return [block for block in blocks if block.get("type") == "tool_result"]


def tool_id(request: SeenRequest) -> str:
    """Make a tool call's id: the same for the same request, another for every other."""
    return "toolu_" + hashlib.sha256(request.head + request.body).hexdigest()[:24]
