"""Claude Code meets a refusal of outbound protection: it says so at once, and nothing has left."""

from pathlib import Path

import pytest

from recorder.demo.provider import Provider
from recorder.demo.scripts import coding_session
from tests.e2e.claude_code import COMMAND, Planted, run_claude
from tests.e2e.modes import MODES, Mode
from tests.e2e.recording import Record, running_mitmdump

pytestmark = pytest.mark.e2e


@MODES
async def test_a_refusal_is_shown_and_not_retried(claude: Path, tmp_path: Path, planted: Planted, mode: Mode) -> None:
    """The script calls a tool that prints the secrets: the first request goes out, the one with the result must not."""
    record = Record(tmp_path / "recorder", planted.all)
    async with (
        Provider(coding_session(COMMAND)) as provider,
        running_mitmdump(
            record, f"reverse:{provider.url}", recorder_redact_outbound="block", recorder_wait_seconds="90"
        ) as port,
    ):
        settings = mode.settings(f"http://127.0.0.1:{port}", planted.key)
        run = await run_claude(claude, tmp_path / "client", settings, planted)
        sent = b"".join(exchange.request.body for exchange in provider.model_calls)
        assert not [secret for secret in planted.all if secret.encode() in sent]
    assert "messages[" in run.output
    assert "it holds a secret" in run.output
    rows = await record.interactions()
    blocked = [row for row in rows if row["state"] == "blocked"]
    assert {row["state_reason"] for row in blocked} == {"outbound_secret"}
    assert len(blocked) == 1, "it was tried again"
    assert record.leaks() == []
