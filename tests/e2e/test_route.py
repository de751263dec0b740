"""The real client, sent elsewhere by rules: a base path, another name of the model, a switch between two turns."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from recorder.demo.answers import Answer, Script, ToolCall
from recorder.demo.provider import Provider
from recorder.demo.requests import SeenRequest
from recorder.demo.scripts import coding_session
from tests.e2e.claude_code import COMMAND, ClaudeRun, Planted, messages_settings, run_claude
from tests.e2e.processes import POLL_SECONDS
from tests.e2e.recording import Record, recorder

pytestmark = pytest.mark.e2e

NOWHERE = "http://127.0.0.1:9"
WAIT_SECONDS = 60


async def run_routed(
    claude: Path, record: Record, planted: Planted, config: str, chosen: dict[str, str] | None = None
) -> ClaudeRun:
    """Run the client, whose own provider is not there, under the recorder with this configuration."""
    folder = record.folder
    (folder / "recorder.toml").write_text(config)
    own = {"XDG_CONFIG_HOME": str(folder / "config"), "XDG_DATA_HOME": str(folder / "data")}
    own |= {"PYTHONPATH": record.env["PYTHONPATH"]}
    around = recorder("--config", str(folder / "recorder.toml"), "run", "--db", str(record.db), "--")
    settings = (chosen or messages_settings(NOWHERE, planted.key)) | own
    return await run_claude(claude, folder.parent / "client", settings, planted, around=around)


async def test_a_base_path_and_a_models_other_name(claude: Path, tmp_path: Path, planted: Planted) -> None:
    record = Record(tmp_path / "recorder", planted.all)
    async with Provider(coding_session(COMMAND)) as provider:
        config = f'[upstream.gateway]\nurl = "{provider.url}/anthropic"\nmodel = {{ "claude-*" = "our-claude" }}\n'
        run = await run_routed(claude, record, planted, config + '[[route]]\nto = "gateway"\n')
    assert run.result["result"] == "All done.", run.errors
    calls = provider.model_calls
    assert {call.request.target.partition("?")[0] for call in calls} == {"/anthropic/v1/messages"}
    assert {call.request.model for call in calls} == {"our-claude"}
    rows = await record.interactions()
    assert len(rows) == len(calls) >= 2
    for row in rows:
        assert (row["state"], row["upstream"], row["model_sent"]) == ("complete", "gateway", "our-claude")
        assert row["model"].startswith("claude-")
        # But for the name and the secrets, which the record has not, what was sent is what the client said.
        assert row["model"].encode() in await record.body(row["id"], "request")
    assert record.leaks() == []


async def test_a_switch_between_two_turns(claude: Path, tmp_path: Path, planted: Planted) -> None:
    record = Record(tmp_path / "recorder", planted.all)
    switched, asked = asyncio.Event(), asyncio.Event()
    async with Provider(_held(switched, asked)) as one, Provider(coding_session(COMMAND)) as two:
        config = f'[upstream.one]\nurl = "{one.url}"\n[upstream.two]\nurl = "{two.url}/two"\n[[route]]\nto = "one"\n'
        switching = asyncio.create_task(_switch(record, asked, switched))
        run = await run_routed(claude, record, planted, config)
        await switching
    assert run.result["result"] == "All done.", run.errors
    assert one.model_calls
    assert {call.request.target.partition("?")[0] for call in two.model_calls} == {"/two/v1/messages"}
    rows = await record.interactions()
    assert {row["state"] for row in rows} == {"complete"}
    (caller,) = [row for row in rows if row["tool_calls"]]
    (call,) = (await record.show(caller["id"]))["tool_calls"]
    (answered,) = [row for row in rows if row["id"] == call["result_id"]]
    assert (caller["upstream"], answered["upstream"], answered["route"]) == ("one", "two", "recorder route use")
    assert record.leaks() == []


def _held(until: asyncio.Event, asked: asyncio.Event) -> Script:
    """Play the session, but keep the end of the tool call back."""
    session = coding_session(COMMAND)

    def script(request: SeenRequest) -> Answer:
        answer = session(request)
        if not any(isinstance(block, ToolCall) for block in answer.blocks):
            return answer
        asked.set()
        return msgspec.structs.replace(answer, gates={4: until})

    return script


async def _switch(record: Record, asked: asyncio.Event, switched: asyncio.Event) -> None:
    """Switch while the first answer is under way; let it end when the switch is on the record."""
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            await asked.wait()
            words = ("--config", str(record.folder / "recorder.toml"), "route", "use", "two", "--db", str(record.db))
            assert b"in use: two" in await record.read(*words)
            for _ in range(round(WAIT_SECONDS / POLL_SECONDS)):
                if len(_changes(record)) >= 2:
                    break
                await asyncio.sleep(POLL_SECONDS)  # another program's record is seen by looking
    finally:
        switched.set()


def _changes(record: Record) -> list[object]:
    from recorder.store.database import open_reader  # noqa: PLC0415 -- the other tests read through commands alone
    from recorder.store.queries import records  # noqa: PLC0415

    with open_reader(record.db) as db:
        return [each for each in records(db) if each.kind == "config"]
