"""The real client at a limit: a budget that runs out is shown at once, and not tried again."""

from pathlib import Path

import pytest

from recorder.demo.answers import Tokens
from recorder.demo.provider import Provider
from recorder.demo.scripts import coding_session
from tests.e2e.claude_code import COMMAND, Planted, messages_settings, run_claude
from tests.support.recorder_process import RecorderProcess

pytestmark = pytest.mark.e2e


def limited(folder: Path, text: str, upstream: str) -> RecorderProcess:
    folder.mkdir()
    config = folder / "recorder.toml"
    config.write_text(text)
    words = ("--limit", "--set", f"recorder_config={config}")
    return RecorderProcess(folder, *words, mode=f"reverse:{upstream}@127.0.0.1:0")


async def test_a_budget_that_runs_out(claude: Path, tmp_path: Path, planted: Planted) -> None:
    """Whichever answer comes first uses it up: what comes next is refused, shown, and not tried again."""
    text = '[[budget]]\nname = "of the day"\noutput_tokens = 40_000\nwindow = "day"\n'
    async with Provider(coding_session(COMMAND, tokens=Tokens(output=50_000))) as provider:
        with limited(tmp_path / "recorder", text, provider.url) as process:
            run = await run_claude(claude, tmp_path / "client", messages_settings(process.url, planted.key), planted)
            rows = process.interactions()
            answered = len(provider.model_calls)
    assert "402" in run.output
    assert "Budget 'of the day' is used up: 50,000 output tokens of 40,000 output tokens spent today" in run.output
    assert answered == 1
    states = [row.state for row in rows]
    assert states.count("complete") == 1
    assert 1 <= states.count("blocked") <= 3
