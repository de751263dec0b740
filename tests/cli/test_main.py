import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

import recorder.cli
from recorder.cli import COMMANDS, main
from recorder.errors import ConfigError, RecorderError, StoreError


def test_help_names_every_command_without_loading_one():
    code = (
        "import sys; from recorder.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'rich', 'mitmproxy', 'sqlite_utils', 'msgspec', 'asyncio'} & set(sys.modules)\n"
        "sys.exit(f'loaded: {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert all(f"  {name} " in done.stdout for name in COMMANDS)


def test_unknown_command_is_a_usage_error():
    result = CliRunner().invoke(main, ["rum"])
    assert result.exit_code == 2
    assert "No such command 'rum'" in result.stderr


def test_version():
    assert CliRunner().invoke(main, ["--version"]).stdout == f"recorder {recorder.__version__}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_table_is_there(name):
    result = CliRunner().invoke(main, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert f"recorder {name}" in result.stdout.replace("main ", "recorder ") or "Usage:" in result.stdout


@pytest.mark.parametrize(("error", "code"), [(RecorderError("x"), 1), (StoreError("x"), 1), (ConfigError("x"), 2)])
def test_our_errors_are_one_line_and_an_exit_code(monkeypatch, error, code):
    @click.command()
    def failing():
        raise error

    monkeypatch.setattr(recorder.cli.LazyGroup, "get_command", lambda *_: failing)
    result = CliRunner().invoke(main, ["doctor"])
    assert (result.exit_code, result.stderr) == (code, "recorder: x\n")


def test_completion_knows_the_commands(monkeypatch):
    monkeypatch.setenv("COMP_WORDS", "recorder d")
    monkeypatch.setenv("COMP_CWORD", "1")
    result = CliRunner().invoke(main, env={"_RECORDER_COMPLETE": "bash_complete"}, prog_name="recorder")
    assert result.stdout.split() == ["plain,doctor", "plain,demo", "plain,diff"]
