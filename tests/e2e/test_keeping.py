"""Claude Code's own transcripts against the record, then the record without its content, all as a person would."""

import json
import re
from pathlib import Path

import pytest

from recorder.demo.provider import Provider
from recorder.demo.scripts import coding_session
from tests.e2e.claude_code import COMMAND, Planted, messages_settings, run_claude
from tests.e2e.processes import run_to_end
from tests.e2e.recording import READ_SECONDS, Record, recorder, running_mitmdump

pytestmark = pytest.mark.e2e

PROMPT = b"Read token.txt with Bash."


async def said(record: Record, *words: str) -> tuple[int, str]:
    """Run a command of the recorder; give exit code and output."""
    words = (*words, "--db", str(record.db))
    exit_code, output, errors = await run_to_end(recorder(*words), record.env, record.folder, READ_SECONDS)
    return exit_code, (output + errors).decode()


async def test_transcripts_backup_and_erasure(claude: Path, tmp_path: Path, planted: Planted) -> None:
    record = Record(tmp_path / "recorder", planted.all)
    async with (
        Provider(coding_session(COMMAND)) as provider,
        running_mitmdump(record, f"reverse:{provider.url}") as port,
    ):
        settings = messages_settings(f"http://127.0.0.1:{port}", planted.key)
        await run_claude(claude, tmp_path / "client", settings, planted)
        await _reconcile(record, tmp_path / "client" / "home" / ".claude" / "projects")
        copy = tmp_path / "copy.db"
        exit_code, output = await said(record, "backup", str(copy))
        assert (exit_code, "ok: " in output) == (0, True), output
        # Beside the recorder, which still runs.
        (session,) = {row["session_id"] for row in await record.interactions()}
        exit_code, output = await said(record, "erase", "--session", session, "--reason", "asked", "--yes")
        assert exit_code == 0, output
        files = [file for file in record.folder.glob("record.db*") if file.suffix != ".lock"]
        assert not [file for file in files if PROMPT in file.read_bytes()]
    exit_code, output = await said(record, "verify")
    assert (exit_code, "content erased as recorded: " in output) == (0, True), output
    exit_code, output = await said(record, "gaps")
    assert exit_code == 0, output


async def _reconcile(record: Record, projects: Path) -> None:
    exit_code, output = await said(record, "reconcile", "--transcripts", str(projects))
    assert (exit_code, re.split("[,\\n]", output)[0]) == (0, "no differences: 2 calls compared"), output
    (transcript,) = projects.rglob("*.jsonl")
    entries = [json.loads(line) for line in transcript.read_text().splitlines()]
    last = [entry for entry in entries if entry["type"] == "assistant"][-1]
    last["requestId"], last["message"]["id"] = "req_unheard", "msg_unheard"
    with transcript.open("a") as lines:
        lines.write(json.dumps(last) + "\n")
    exit_code, output = await said(record, "reconcile", "--transcripts", str(projects))
    assert (exit_code, "not on the record: req_unheard" in output) == (1, True), output
