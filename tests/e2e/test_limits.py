"""The real client at a limit: a budget's end is shown at once and not tried again, a rate is waited for."""

import re
from pathlib import Path

import msgspec
import pytest

from recorder.access.keys import create_key
from recorder.demo.answers import Answer, Script, Tokens, ToolCall
from recorder.demo.provider import Provider
from recorder.demo.requests import Form, SeenRequest
from recorder.demo.scripts import coding_session
from tests.e2e.claude_code import COMMAND, Planted, messages_settings, run_claude
from tests.e2e.modes import MODES, Mode
from tests.support.recorder_process import RecorderProcess
from tests.support.requests import headers, message
from tests.support.wire_client import post

pytestmark = pytest.mark.e2e


def limited(folder: Path, text: str, upstream: str, *words: str) -> RecorderProcess:
    folder.mkdir(exist_ok=True)
    config = folder / "recorder.toml"
    config.write_text(text)
    words = (*words, "--limit", "--set", f"recorder_config={config}")
    return RecorderProcess(folder, *words, mode=f"reverse:{upstream}@127.0.0.1:0")


def costly(script: Script) -> Script:
    """Use much for an answer that calls a tool."""

    def answer(request: SeenRequest) -> Answer:
        found = script(request)
        calls = any(isinstance(block, ToolCall) for block in found.blocks)
        return msgspec.structs.replace(found, tokens=Tokens(output=50_000)) if calls else found

    return answer


@MODES
async def test_a_budget_that_runs_out(claude: Path, tmp_path: Path, planted: Planted, mode: Mode) -> None:
    """In mid-session: the call of a tool uses it up, and what the tool gave is refused, shown, and not tried again."""
    text = '[[budget]]\nname = "of the day"\noutput_tokens = 40_000\nwindow = "day"\n'
    async with Provider(costly(coding_session(COMMAND))) as provider:
        with limited(tmp_path / "recorder", text, provider.url) as process:
            run = await run_claude(claude, tmp_path / "client", mode.settings(process.url, planted.key), planted)
            rows = [row for row in process.interactions() if row.flow_class == "model"]
    assert ("402" if mode.form is Form.MESSAGES else "409") in run.output
    assert re.search(
        r"Budget 'of the day' is used up: 50,0\d\d output tokens of 40,000 output tokens spent today", run.output
    )
    complete, blocked = ([row for row in rows if row.state == state] for state in ("complete", "blocked"))
    assert [row.tool_calls for row in complete if row.tool_calls] == [1]
    assert len(complete) == len(provider.model_calls) <= 2
    assert len(blocked) == 1, "it was tried again"


async def test_the_budget_of_a_key(claude: Path, tmp_path: Path, planted: Planted) -> None:
    """The client has the recorder's own key in the place of a provider's, which goes no further."""
    folder = tmp_path / "recorder"
    keys = folder / "config" / "llm-audit-recorder"
    made, text = create_key(keys, user="ann", project="shop", budget="40000 output tokens/day")
    async with Provider(costly(coding_session(COMMAND))) as provider:
        with limited(folder, "require_key = true\n", provider.url, "--keys") as process:
            run = await run_claude(claude, tmp_path / "client", messages_settings(process.url, text), planted)
            rows = [row for row in process.interactions() if row.flow_class == "model"]
        heads = b"".join(call.request.head for call in provider.exchanges)
    assert f"402 Budget 'key {made.id} of ann' is used up: 50,0" in run.output
    assert {(row.access_key, row.user) for row in rows} == {(made.id, "ann")}
    assert {row.state for row in rows} == {"complete", "blocked"}
    assert text.encode() not in heads + process.every_byte()


@MODES
@pytest.mark.parametrize("seconds", [0, 60])
async def test_a_rate(claude: Path, tmp_path: Path, planted: Planted, mode: Mode, seconds: int) -> None:
    """Where nobody else has left anything of it: the client is held back, or comes again by itself when told to."""
    text = f'[[rate]]\nname = "everybody"\nrequests_per_minute = 12\nwait_seconds = {seconds}\n'
    async with Provider(coding_session(COMMAND)) as provider:
        with limited(tmp_path / "recorder", text, provider.url) as process:
            for _ in range(12):
                sent = await post(process.url, "/v1/messages", message("hi"), headers("other", Host="127.0.0.1"))
                assert sent.status == 200
            run = await run_claude(claude, tmp_path / "client", mode.settings(process.url, planted.key), planted)
            rows = [row for row in process.interactions() if row.session_id != "other"]
    assert run.result["result"] == "All done.", run.errors
    assert run.result["num_turns"] == 2
    refused = [row for row in rows if row.state == "blocked"]
    waited = [row for row in rows if "for rate everybody" in (row.limit_note or "")]
    assert bool(refused) is (seconds == 0)
    assert bool(waited) is (seconds > 0)
