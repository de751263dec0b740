import json
import stat
from pathlib import Path

import pytest

from recorder.cli.claude_command import parse_claude_command
from recorder.errors import ConfigError

OURS = {"ANTHROPIC_BASE_URL": "http://127.0.0.1:1"}


@pytest.mark.parametrize(
    ("words", "program"),
    [
        ("claude", 1),
        ("claude -p hello", 1),
        ("/opt/bin/claude --resume", 1),
        (r"C:\tools\claude.exe -p x", 1),
        ("npx @anthropic-ai/claude-code -p x", 2),
        ("npx -y @anthropic-ai/claude-code@2.1.330 -p x", 3),
        ("npx --package @anthropic-ai/claude-code claude -p x", 4),
        ("bunx @anthropic-ai/claude-code", 2),
        ("node /x/node_modules/@anthropic-ai/claude-code/cli.js -p x", 2),
        ("node --no-warnings /x/@anthropic-ai/claude-code/cli-wrapper.cjs", 3),
        ("/usr/bin/node /usr/local/bin/claude -p x", 2),
    ],
)
def test_claude_code(words, program):
    command = parse_claude_command(words.split())
    assert command.program == tuple(words.split()[:program])
    assert command.arguments == tuple(words.split()[program:])


@pytest.mark.parametrize(
    "words",
    [
        "claudette",
        "make agent",
        "npx create-app claude",
        "node server.js",
        "node",
        "npx",
        "bash -c claude",
        "echo claude",
    ],
)
def test_not_claude_code(words):
    assert parse_claude_command(words.split()) is None


def with_ours(words, tmp_path):
    return parse_claude_command(words).with_environment(OURS, tmp_path, tmp_path)


def test_settings_are_handed_over_before_the_arguments(tmp_path):
    words = with_ours(["npx", "@anthropic-ai/claude-code", "-p", "x"], tmp_path)
    assert words[:3] == ["npx", "@anthropic-ai/claude-code", "--settings"]
    assert json.loads(words[3]) == {"env": OURS}
    assert words[4:] == ["-p", "x"]


@pytest.mark.parametrize("form", [["--settings", "{}"], ["--settings={}"]])
def test_settings_given_as_json_are_merged(form, tmp_path):
    theirs = '{"model":"opus","env":{"A":"1","ANTHROPIC_BASE_URL":"http://theirs"}}'
    given = [word.replace("{}", theirs) for word in form]
    words = with_ours(["claude", "-p", *given, "hello"], tmp_path)
    assert json.loads(words[2]) == {"model": "opus", "env": {"A": "1", **OURS}}
    assert words[3:] == ["-p", "hello"]


def test_settings_given_as_a_file_stay_in_a_private_file(tmp_path):
    (tmp_path / "s.json").write_text('{"env":{"ANTHROPIC_AUTH_TOKEN":"made-up"},"apiKeyHelper":"x"}')
    folder = tmp_path / "private"
    folder.mkdir()
    command = parse_claude_command(["claude", "--settings", "s.json", "-p", "x"])
    words = command.with_environment(OURS, tmp_path, folder)
    assert "made-up" not in " ".join(words)
    path = Path(words[2])
    assert json.loads(path.read_text()) == {
        "env": {"ANTHROPIC_AUTH_TOKEN": "made-up", **OURS},
        "apiKeyHelper": "x",
    }
    assert path.parent == folder
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_last_settings_win_as_in_the_client(tmp_path):
    words = with_ours(["claude", "--settings", '{"a":1}', "--settings", '{"b":1}'], tmp_path)
    assert json.loads(words[2]) == {"b": 1, "env": OURS}
    assert len(words) == 3


def test_what_follows_two_dashes_is_left_alone(tmp_path):
    words = with_ours(["claude", "-p", "--", "--settings", "x.json"], tmp_path)
    assert words[3:] == ["-p", "--", "--settings", "x.json"]
    assert parse_claude_command(["claude", "--", "--settings", "x.json"]).settings is None


def test_setting_sources():
    assert parse_claude_command(["claude"]).sources == ("user", "project", "local")
    assert parse_claude_command(["claude", "--setting-sources", "user, local"]).sources == ("user", "local")
    assert parse_claude_command(["claude", "--setting-sources="]).sources == ("",)


@pytest.mark.parametrize(
    ("value", "words"), [("nowhere.json", "No such file"), ("{", "not valid JSON"), ('{"env":[]}', "env is none")]
)
def test_settings_that_cannot_be_merged(value, words, tmp_path):
    with pytest.raises(ConfigError, match=words):
        with_ours(["claude", "--settings", value], tmp_path)
