import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import recorder.cli.recording
from recorder.cli import main

SHOW = "import json, os, sys; json.dump([sys.argv[1:], dict(os.environ)], open(os.environ['OUT'], 'w'))"


@pytest.fixture
def place(clean_env, tmp_path, monkeypatch, fake_serve):
    """A folder of its own, a fake proxy, and a `claude` that writes down how it was called."""
    work, tools = tmp_path / "shop", tmp_path / "tools"
    work.mkdir()
    tools.mkdir()
    for name in ("claude", "other"):
        (tools / name).write_text(f"#!{sys.executable}\n{SHOW}\n")
        (tools / name).chmod(0o755)
    monkeypatch.chdir(work)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    monkeypatch.setenv("OUT", str(tmp_path / "out.json"))
    monkeypatch.setenv("FAKE_SERVE_LOG", str(tmp_path / "serve.json"))
    monkeypatch.setenv("FAKE_CA", str(tmp_path / "ca.pem"))
    (tmp_path / "ca.pem").write_text("CA")
    monkeypatch.setattr(recorder.cli.recording, "serve_command", lambda: fake_serve)
    return tmp_path


def run(*words):
    return CliRunner().invoke(main, ["run", "--db", "r.db", *words])


def called(place):
    """What the command saw: its arguments, its environment."""
    return json.loads((place / "out.json").read_text())


def served(place):
    return json.loads((place / "serve.json").read_text())["words"]


def test_environment_and_settings_agree(place):
    result = run("--", "claude", "-p", "hello")
    assert result.exit_code == 0, result.output
    words, env = called(place)
    assert words[0] == "--settings"
    assert words[2:] == ["-p", "hello"]
    handed = json.loads(words[1])["env"]
    assert handed["ANTHROPIC_BASE_URL"].startswith("http://127.0.0.1:")
    assert handed["NO_PROXY"] == "127.0.0.1"
    assert handed.items() <= env.items()
    assert "reverse:https://api.anthropic.com:443@127.0.0.1:0" in served(place)
    assert served(place)[2:4] == ["--db", str(place / "shop" / "r.db")]


def test_another_command_gets_the_environment_alone(place):
    assert run("other", "-p", "--settings").exit_code == 0
    words, env = called(place)
    assert words == ["-p", "--settings"]
    assert env["ANTHROPIC_BASE_URL"].startswith("http://127.0.0.1:")


def test_upstream_named_in_a_settings_file(place):
    folder = place / "home" / ".claude"
    folder.mkdir()
    (folder / "settings.json").write_text('{"env":{"ANTHROPIC_BASE_URL":"http://gateway:4000/a"}}')
    assert run("claude").exit_code == 0
    words, env = called(place)
    assert "reverse:http://gateway:4000@127.0.0.1:0" in served(place)
    assert env["ANTHROPIC_BASE_URL"].endswith("/a")
    assert json.loads(words[1])["env"]["ANTHROPIC_BASE_URL"] == env["ANTHROPIC_BASE_URL"]


def test_settings_that_an_unknown_command_could_obey_are_told(place):
    (place / "shop" / ".claude").mkdir()
    (place / "shop" / ".claude" / "settings.json").write_text('{"env":{"CLAUDE_CODE_USE_BEDROCK":"1"}}')
    assert "sets CLAUDE_CODE_USE_BEDROCK; if this command starts Claude Code" in run("other").stderr


def test_resource_of_foundry_is_taken_away(place, monkeypatch):
    monkeypatch.setenv("CLAUDE_CODE_USE_FOUNDRY", "1")
    monkeypatch.setenv("ANTHROPIC_FOUNDRY_RESOURCE", "res")
    assert run("claude").exit_code == 0
    words, env = called(place)
    assert "ANTHROPIC_FOUNDRY_RESOURCE" not in env
    assert json.loads(words[1])["env"]["ANTHROPIC_FOUNDRY_RESOURCE"] == ""


def test_proxy_mode(place, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "api.anthropic.com")
    result = run("--mode", "proxy", "claude")
    assert result.exit_code == 0, result.output
    words, env = called(place)
    assert env["HTTPS_PROXY"].startswith("http://127.0.0.1:")
    assert env["NODE_EXTRA_CA_CERTS"] == str(place / "ca.pem")
    assert "NO_PROXY" not in env
    assert "ANTHROPIC_BASE_URL" not in env
    assert json.loads(words[1])["env"]["NO_PROXY"] == ""
    assert "--allow-host" in served(place)


def test_signed_requests_choose_the_proxy(place, monkeypatch):
    monkeypatch.setenv("CLAUDE_CODE_USE_BEDROCK", "1")
    result = run("claude")
    assert result.stderr.count("SigV4") == 1
    assert "HTTPS_PROXY" in called(place)[1]
    assert run("--mode", "reverse", "claude").exit_code == 2


@pytest.mark.parametrize(("pinned", "code"), [("ANTHROPIC_BASE_URL", 0), ("HTTPS_PROXY", 2)])
def test_managed_policy(place, pinned, code):
    """A base URL fixed by policy leaves the forward proxy; a proxy fixed by policy is noticed when it matters."""
    folder = place / "home" / ".claude"
    folder.mkdir()
    (folder / "remote-settings.json").write_text(json.dumps({"env": {pinned: "http://corp.example:1"}}))
    result = run(*(["--mode", "proxy"] if code else []), "claude")
    assert result.exit_code == code
    assert "bypasses the recorder" in result.stderr


def test_command_not_found_starts_nothing(place):
    result = run("claudius")
    assert (result.exit_code, result.stderr) == (
        127,
        "recorder: claudius: command not found; install it or give its path\n",
    )
    assert not (place / "serve.json").exists()


def test_exit_code_and_project(place):
    assert run("sh", "-c", "exit 9").exit_code == 9
    assert "recorder_project=shop" in served(place)
    assert run("--project", "mine", "true").exit_code == 0
    assert "recorder_project=mine" in served(place)


def test_an_option_after_the_command_is_the_commands(place):
    assert run("other", "--mode", "x").exit_code == 0
    assert called(place)[0] == ["--mode", "x"]


def test_a_misspelt_option_is_ours(place):
    assert run("--mod", "proxy", "true").exit_code == 2


def test_what_the_proxy_said_comes_after_the_command(place):
    assert "recorder: a word of warning" in run("true").stderr


def test_a_proxy_that_ended_early_is_told(place, monkeypatch):
    monkeypatch.setenv("FAKE_SERVE", "ends")
    result = run("sh", "-c", "sleep 0.5; exit 4")
    assert result.exit_code == 4
    assert "ended before the command did (exit code 3)" in result.stderr


def test_real_recorder_several_at_once(clean_env, tmp_path):
    """The whole way with the real proxy, twice at the same time into one database; no model call, so no cost."""
    code = "from recorder.cli import main; main(prog_name='recorder')"
    words = [sys.executable, "-c", code, "run", "--db", str(tmp_path / "r.db"), "--", "sh", "-c"]
    script = 'test -n "$ANTHROPIC_BASE_URL" && cat >/dev/null; exit 5'
    env = {**os.environ, "PYTHONPATH": str(Path(recorder.__file__).parent.parent)}
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    runs = [subprocess.Popen([*words, script], env=env, text=True, **pipes) for _ in range(2)]
    for one in runs:
        _, errors = one.communicate("")
        assert (one.returncode, errors) == (5, f"recorder: no model calls recorded in {tmp_path / 'r.db'}\n")
