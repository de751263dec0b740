"""Claude Code → wire tap → mitmdump in reverse mode → synthetic provider."""

from pathlib import Path

import pytest

from recorder.demo.provider import Provider
from recorder.demo.scripts import coding_session
from tests.e2e.checks import assert_recorded, assert_same_bytes
from tests.e2e.claude_code import COMMAND, Planted, run_claude
from tests.e2e.modes import MODES, Mode
from tests.e2e.recording import Record, running_mitmdump
from tests.e2e.tap import Tap

pytestmark = pytest.mark.e2e


@MODES
async def test_reverse_mode(claude: Path, tmp_path: Path, planted: Planted, mode: Mode) -> None:
    record = Record(tmp_path / "recorder", planted.all)
    async with (
        Provider(coding_session(COMMAND)) as provider,
        running_mitmdump(record, f"reverse:{provider.url}") as port,
        Tap(port) as tap,
    ):
        run = await run_claude(claude, tmp_path / "client", mode.settings(tap.url, planted.key), planted)
        tapped = await tap.exchanges()
        assert record.leaks() == [], "while it runs: the write-ahead log is there"
    assert_same_bytes(tapped, provider.exchanges)
    await assert_recorded(record, provider.exchanges, run, planted, mode.cost_factor)
    assert {row["protocol"] for row in await record.interactions()} == {mode.form.value}
