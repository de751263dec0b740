"""The real client against the synthetic provider, without a recorder: what the other tests here rest on."""

from decimal import Decimal
from pathlib import Path

import pytest

from recorder.demo.provider import Provider
from recorder.demo.scripts import coding_session, tool_results
from tests.e2e.checks import assert_same_bytes
from tests.e2e.claude_code import COMMAND, Planted, run_claude
from tests.e2e.modes import MODES, Mode
from tests.e2e.tap import Tap

pytestmark = pytest.mark.e2e


@MODES
async def test_client_plays_the_script(claude: Path, tmp_path: Path, planted: Planted, mode: Mode) -> None:
    async with Provider(coding_session(COMMAND)) as provider, Tap(provider.port) as tap:
        run = await run_claude(claude, tmp_path, mode.settings(tap.url, planted.key), planted)
        tapped = await tap.exchanges()
    assert run.exit_code == 0, run.errors
    assert run.result["result"] == "All done."
    assert run.result["total_cost_usd"] > Decimal(0)
    calls = provider.model_calls
    assert {call.request.form for call in calls} == {mode.form}
    printed = str([tool_results(call.request.data) for call in calls])
    assert all(secret in printed for secret in planted.all)
    assert all(planted.key in call.request.head.decode() for call in calls)
    assert_same_bytes(tapped, provider.exchanges)
