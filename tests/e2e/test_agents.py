"""The real client's subagents: who called whom, as the record tells."""

import json
from pathlib import Path

import pytest

from recorder.demo.answers import Answer, Script, Text, ToolCall
from recorder.demo.provider import Provider
from recorder.demo.requests import SeenRequest
from recorder.demo.scripts import SAMPLE_TOKENS, tool_id, tool_results
from tests.e2e.claude_code import COMMAND, Planted, run_claude
from tests.e2e.modes import MODES, Mode
from tests.e2e.recording import Record, running_mitmdump

pytestmark = pytest.mark.e2e


def delegating() -> Script:
    """Let the main thread call one agent, and that agent one command."""

    def answer(request: SeenRequest) -> Answer:
        offered = {tool.get("name") for tool in request.data.get("tools", [])}
        is_done = bool(tool_results(request.data))
        if is_done or not offered & {"Agent", "Bash"}:
            return Answer(blocks=(Text("All done."),), tokens=SAMPLE_TOKENS)
        if request.header("x-claude-code-agent-id"):
            call = ToolCall(tool_id(request), "Bash", {"command": COMMAND, "description": "Run the command"})
        else:
            task = {"description": "Read the file", "prompt": "Read token.txt.", "subagent_type": "general-purpose"}
            call = ToolCall(tool_id(request), "Agent", task | {"run_in_background": False})
        return Answer(blocks=(call,), tokens=SAMPLE_TOKENS)

    return answer


@MODES
async def test_an_agent_and_its_tool_call(claude: Path, tmp_path: Path, planted: Planted, mode: Mode) -> None:
    record = Record(tmp_path / "recorder", planted.all)
    async with (
        Provider(delegating()) as provider,
        running_mitmdump(record, f"reverse:{provider.url}") as port,
    ):
        settings = mode.settings(f"http://127.0.0.1:{port}", planted.key)
        run = await run_claude(claude, tmp_path / "client", settings, planted)
    assert run.result["result"] == "All done.", run.errors
    rows = [row for row in await record.interactions() if row["flow_class"] == "model"]
    assert len(rows) == len(provider.model_calls)
    assert len({row["session_id"] for row in rows}) == 1
    (agent,) = {row["agent_id"] for row in rows} - {None}
    of_agent = [row for row in rows if row["agent_id"] == agent]
    assert [row["tool_calls"] for row in sorted(of_agent, key=lambda row: row["started_utc"])] == [1, 0]
    caller = next(row for row in rows if row["tool_calls"] and row["agent_id"] is None)
    (call,) = (await record.show(caller["id"]))["tool_calls"]
    assert call["name"] == "Agent"
    tree = json.loads(await record.read("tree", rows[0]["session_id"], "--db", str(record.db), "--json"))
    (main,) = tree["tree"]
    assert (main["agent_id"], [below["agent_id"] for below in main["agents"]]) == (None, [agent])
    assert [tool["name"] for tool in main["agents"][0]["tools"]] == ["Bash"]
    assert record.leaks() == []
