"""`recorder run -- claude …`: finds the upstream in the client's own settings, and stays out of its way."""

import json
from pathlib import Path

import pytest

from recorder.demo.provider import Provider
from recorder.demo.scripts import coding_session
from tests.e2e.certificates import make_authority
from tests.e2e.checks import assert_recorded
from tests.e2e.claude_code import COMMAND, ClaudeRun, Planted, messages_settings, run_claude
from tests.e2e.modes import MODES, Mode
from tests.e2e.recording import Record, recorder

pytestmark = pytest.mark.e2e


async def run_recorded(
    claude: Path, record: Record, planted: Planted, settings: dict[str, str], *flags: str
) -> ClaudeRun:
    """Run the client under the recorder, both with one HOME; what the recorder keeps is in a folder of its own."""
    folder = record.folder
    own = {"XDG_CONFIG_HOME": str(folder / "config"), "XDG_DATA_HOME": str(folder / "data")}
    own |= {"PYTHONPATH": record.env["PYTHONPATH"]}
    around = recorder("run", "--db", str(record.db), *flags, "--")
    return await run_claude(claude, folder.parent / "client", settings | own, planted, around=around)


def assert_quiet(run: ClaudeRun, planted: Planted) -> None:
    """The recorder says one line, with no secret in it; the client's output is the client's alone."""
    lines = [line for line in run.errors.splitlines() if line.startswith("recorder: ")]
    assert len(lines) == 1, run.errors
    assert not [secret for secret in planted.all if secret in run.errors]


@MODES
async def test_run_finds_the_upstream_in_the_environment(
    claude: Path, tmp_path: Path, planted: Planted, mode: Mode
) -> None:
    record = Record(tmp_path / "recorder", planted.all)
    async with Provider(coding_session(COMMAND)) as provider:
        run = await run_recorded(claude, record, planted, mode.settings(provider.url, planted.key))
    await assert_recorded(record, provider.exchanges, run, planted, mode.cost_factor)
    assert_quiet(run, planted)


async def test_run_is_not_bypassed_by_a_settings_file(claude: Path, tmp_path: Path, planted: Planted) -> None:
    record = Record(tmp_path / "recorder", planted.all)
    folder = tmp_path / "client" / "home" / ".claude"
    folder.mkdir(parents=True)
    async with Provider(coding_session(COMMAND)) as provider:
        (folder / "settings.json").write_text(json.dumps({"env": messages_settings(provider.url, planted.key)}))
        run = await run_recorded(claude, record, planted, {})
    await assert_recorded(record, provider.exchanges, run, planted)
    assert_quiet(run, planted)


async def test_run_as_a_forward_proxy(claude: Path, tmp_path: Path, planted: Planted) -> None:
    authority, tls = make_authority(tmp_path, "localhost")
    record = Record(tmp_path / "recorder", planted.all)
    async with Provider(coding_session(COMMAND), tls=tls, name="localhost") as provider:
        settings = messages_settings(provider.url, planted.key) | {"NODE_EXTRA_CA_CERTS": str(authority)}
        run = await run_recorded(claude, record, planted, settings, "--mode", "proxy")
    await assert_recorded(record, provider.exchanges, run, planted)
    assert_quiet(run, planted)


async def test_run_gives_back_the_exit_code_when_the_upstream_is_gone(
    claude: Path, tmp_path: Path, planted: Planted
) -> None:
    record = Record(tmp_path / "recorder", planted.all)
    async with Provider(coding_session(COMMAND)) as provider:
        url = provider.url
    settings = messages_settings(url, planted.key) | {"CLAUDE_CODE_MAX_RETRIES": "1"}
    run = await run_recorded(claude, record, planted, settings)
    assert run.exit_code == 1
    assert run.result["is_error"] is True
    rows = await record.interactions()
    assert {row["state"] for row in rows} == {"failed"}
    assert record.leaks() == []
