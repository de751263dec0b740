"""`recorder replay … -- claude …`: the real client, the recorded answers, the same outcome without a provider."""

import json
from pathlib import Path

import pytest

from recorder.demo.provider import Provider
from recorder.demo.scripts import coding_session
from tests.e2e.claude_code import COMMAND, Planted, run_claude
from tests.e2e.modes import MODES, Mode
from tests.e2e.recording import Record, recorder
from tests.e2e.test_run import run_recorded

pytestmark = pytest.mark.e2e


@MODES
async def test_replay_gives_the_same_outcome(claude: Path, tmp_path: Path, planted: Planted, mode: Mode) -> None:
    record = Record(tmp_path / "recorder", planted.all)
    async with Provider(coding_session(COMMAND)) as provider:
        first = await run_recorded(claude, record, planted, mode.settings(provider.url, planted.key))
        asked = len(provider.exchanges)
    before = record.db.read_bytes()
    rows = await record.interactions()
    session = rows[-1]["session_id"]
    own = {"XDG_CONFIG_HOME": str(record.folder / "config"), "XDG_DATA_HOME": str(record.folder / "data")}
    own |= {"PYTHONPATH": record.env["PYTHONPATH"]}
    around = recorder("replay", session, "--db", str(record.db), "--")
    own |= mode.settings("http://127.0.0.1:1", planted.key)
    again = await run_claude(claude, tmp_path / "client", own, planted, around=around)
    assert (first.exit_code, again.exit_code) == (0, 0), again.errors
    assert again.result["result"] == first.result["result"]
    assert again.result["num_turns"] == first.result["num_turns"]
    assert again.result["usage"]["output_tokens"] == first.result["usage"]["output_tokens"]
    assert len(provider.exchanges) == asked
    assert record.db.read_bytes() == before
    assert not [secret for secret in planted.all if secret in again.errors]
    last = again.errors.splitlines()[-1]
    assert f"recorder: {len(rows)} calls answered, 0 differed, 0 not on the record; 0 recorded answers" in last, (
        again.errors
    )


async def test_a_request_that_differs_is_told(claude: Path, tmp_path: Path, planted: Planted) -> None:
    record = Record(tmp_path / "recorder", planted.all)
    async with Provider(coding_session(COMMAND)) as provider:
        settings = {"ANTHROPIC_BASE_URL": provider.url, "ANTHROPIC_API_KEY": planted.key}
        await run_recorded(claude, record, planted, settings)
    rows = await record.interactions()
    own = {"XDG_CONFIG_HOME": str(record.folder / "config"), "XDG_DATA_HOME": str(record.folder / "data")}
    own |= {"PYTHONPATH": record.env["PYTHONPATH"], "CLAUDE_CODE_MAX_OUTPUT_TOKENS": "1234"}
    own |= {"ANTHROPIC_API_KEY": planted.key}
    around = recorder("replay", rows[-1]["session_id"], "--db", str(record.db), "--")
    again = await run_claude(claude, tmp_path / "client", own, planted, around=around)
    assert again.exit_code == 0
    assert f"recorder: a request differs from the recorded {rows[-1]['id']}:" in again.errors
    assert "+max_tokens: 1234" in again.errors
    assert json.loads(again.output)["is_error"] is False
