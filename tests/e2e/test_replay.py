"""`recorder replay … -- claude …`: the real client, the recorded answers, the same outcome without a provider."""

import json
from pathlib import Path

import pytest

from recorder.demo.provider import Provider
from recorder.demo.scripts import coding_session
from tests.e2e.claude_code import COMMAND, ClaudeRun, Planted, run_claude
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
    again = await replayed(claude, record, record.db, planted, mode.settings("http://127.0.0.1:1", planted.key))
    assert_same(first, again, len(rows))
    assert len(provider.exchanges) == asked
    assert record.db.read_bytes() == before
    assert not [secret for secret in planted.all if secret in again.errors]


async def test_what_was_imported_from_a_bundle_is_replayed(claude: Path, tmp_path: Path, planted: Planted) -> None:
    """A bug report: one machine records, another one has the file alone."""
    theirs = Record(tmp_path / "theirs", planted.all)
    async with Provider(coding_session(COMMAND)) as provider:
        first = await run_recorded(
            claude, theirs, planted, {"ANTHROPIC_BASE_URL": provider.url, "ANTHROPIC_API_KEY": planted.key}
        )
        asked = len(provider.exchanges)
    rows = await theirs.interactions()
    bundle = tmp_path / "bug.bundle"
    words = ("export", "--format", "bundle", "--session", rows[-1]["session_id"], "-o", str(bundle))
    await theirs.read(*words, "--db", str(theirs.db))
    ours = Record(tmp_path / "ours", planted.all)
    await ours.read("import", str(bundle), "--db", str(ours.db))
    before = ours.db.read_bytes()
    again = await replayed(claude, ours, ours.db, planted, {"ANTHROPIC_API_KEY": planted.key})
    assert_same(first, again, len(rows))
    assert len(provider.exchanges) == asked
    assert ours.db.read_bytes() == before
    assert not [secret for secret in planted.all if secret.encode() in bundle.read_bytes()]
    assert ours.leaks() == []


async def replayed(claude: Path, record: Record, db: Path, planted: Planted, settings: dict[str, str]) -> ClaudeRun:
    """Let the client talk to the recorded answers of the newest session."""
    own = {"XDG_CONFIG_HOME": str(record.folder / "config"), "XDG_DATA_HOME": str(record.folder / "data")}
    own |= {"PYTHONPATH": record.env["PYTHONPATH"]} | settings
    session = (await record.interactions())[-1]["session_id"]
    around = recorder("replay", session, "--db", str(db), "--")
    return await run_claude(claude, record.folder.parent / "client", own, planted, around=around)


def assert_same(first: ClaudeRun, again: ClaudeRun, calls: int) -> None:
    assert (first.exit_code, again.exit_code) == (0, 0), again.errors
    assert again.result["result"] == first.result["result"]
    assert again.result["num_turns"] == first.result["num_turns"]
    assert again.result["usage"]["output_tokens"] == first.result["usage"]["output_tokens"]
    last = again.errors.splitlines()[-1]
    assert f"recorder: {calls} calls answered, 0 differed, 0 not on the record; 0 recorded answers" in last, (
        again.errors
    )


async def test_a_request_that_differs_is_told(claude: Path, tmp_path: Path, planted: Planted) -> None:
    record = Record(tmp_path / "recorder", planted.all)
    async with Provider(coding_session(COMMAND)) as provider:
        settings = {"ANTHROPIC_BASE_URL": provider.url, "ANTHROPIC_API_KEY": planted.key}
        await run_recorded(claude, record, planted, settings)
    rows = await record.interactions()
    changed = {"ANTHROPIC_API_KEY": planted.key, "CLAUDE_CODE_MAX_OUTPUT_TOKENS": "1234"}
    again = await replayed(claude, record, record.db, planted, changed)
    assert again.exit_code == 0
    assert f"recorder: a request differs from the recorded {rows[-1]['id']}:" in again.errors
    assert "+max_tokens: 1234" in again.errors
    assert json.loads(again.output)["is_error"] is False
