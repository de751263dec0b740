import json

import pytest
from click.testing import CliRunner

import recorder.cli.doctor
from recorder.cli import main, selftest
from recorder.errors import RecorderError


def test_the_real_thing(clean_env, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["doctor", "--json", "--db", "r.db"])
    assert result.exit_code == 0, result.output
    checks = {check["name"]: check for check in json.loads(result.stdout)}
    assert checks["self-test"]["verdict"] == "ok", checks["self-test"]
    assert not (tmp_path / "r.db").exists()


@pytest.fixture
def failing(clean_env, monkeypatch):
    def fail():
        raise RecorderError("it is buffered")

    monkeypatch.setattr(recorder.cli.doctor, "run_selftest", fail)


def test_something_wrong_is_exit_code_1_with_its_remedy(failing):
    result = CliRunner().invoke(main, ["doctor"])
    assert result.exit_code == 1
    assert "wrong   self-test: it is buffered\n        → " in result.stdout


def test_no_color(failing):
    assert "\x1b[" in CliRunner().invoke(main, ["doctor"], color=True).stdout
    assert "\x1b[" not in CliRunner().invoke(main, ["doctor"], color=True, env={"NO_COLOR": "1"}).stdout


@pytest.mark.parametrize("behaviour", ["ok", "buffers"])
def test_a_recorder_that_holds_the_stream_back_is_found(fake_serve, monkeypatch, clean_env, behaviour):
    """One fake never answers, the other forwards the answer when it has all of it."""
    monkeypatch.setenv("FAKE_SERVE", behaviour)
    monkeypatch.setattr(selftest, "PATIENCE_SECONDS", 0.5)
    with pytest.raises(RecorderError, match="message_start did not come within"):
        selftest.run_selftest(fake_serve)
