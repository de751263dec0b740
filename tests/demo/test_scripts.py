import json

from recorder.demo.answers import Text, ToolCall
from recorder.demo.requests import SeenRequest, seen_request
from recorder.demo.scripts import coding_session

HEAD = b"POST /v1/messages HTTP/1.1\r\nhost: x\r\n\r\n"
RESULT = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "out"}


def request(*blocks: dict[str, str], tool: str = "Bash") -> SeenRequest:
    body = {"tools": [{"name": tool}], "messages": [{"role": "user", "content": list(blocks)}]}
    data = json.dumps(body).encode()
    return seen_request(HEAD, data, data)


def test_calls_bash_until_its_result_is_there() -> None:
    script = coding_session("echo x", "Ready.")
    (_, call) = script(request()).blocks
    assert isinstance(call, ToolCall)
    assert (call.name, call.input["command"]) == ("Bash", "echo x")
    assert script(request(RESULT)).blocks == (Text("Ready."),)


def test_does_not_call_what_is_not_offered() -> None:
    assert coding_session("echo x", "Ready.")(request(tool="Read")).blocks == (Text("Ready."),)


def test_different_requests_get_different_call_ids() -> None:
    script = coding_session("echo x")
    ids = {
        block.id
        for tool in ("a", "b")
        for block in script(request({"type": tool})).blocks
        if isinstance(block, ToolCall)
    }
    assert len(ids) == 2
