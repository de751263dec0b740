import json

import pytest

from recorder.cli.claude_settings import read_settings


@pytest.fixture
def place(tmp_path):
    for name in ("home/.claude", "work/.claude", "managed/managed-settings.d"):
        (tmp_path / name).mkdir(parents=True)
    return tmp_path


def put(path, **env):
    path.write_text(json.dumps({"env": env, "model": "opus"}))
    return str(path)


def read(place, shell=None, **more):
    shell = {"HOME": str(place / "home"), **(shell or {})}
    return read_settings(shell, place / "work", managed_dir=place / "managed", **more)


ORDER = [
    "home/.claude.json",
    "home/.claude/settings.json",
    "work/.claude/settings.json",
    "work/.claude/settings.local.json",
    "work/flag.json",
    "managed/managed-settings.json",
    "managed/managed-settings.d/10-gateway.json",
    "home/.claude/remote-settings.json",
]


@pytest.mark.parametrize("at", range(1, len(ORDER)))
def test_each_source_beats_the_one_before(place, at):
    weak, strong = ORDER[at - 1 : at + 1]
    put(place / weak, ANTHROPIC_BASE_URL="http://weak", ONLY="here")
    path = put(place / strong, ANTHROPIC_BASE_URL="http://strong")
    flag = "flag.json" if "work/flag.json" in (weak, strong) else None
    settings = read(place, flag=flag)
    env = settings.environment({"ANTHROPIC_BASE_URL": "http://shell", "PATH": "p"})
    assert env == {"ANTHROPIC_BASE_URL": "http://strong", "ONLY": "here", "PATH": "p"}
    assert settings.origin("ANTHROPIC_BASE_URL") == ("--settings flag.json" if strong == "work/flag.json" else path)


def test_settings_beat_the_shell_even_when_empty(place):
    put(place / "home/.claude/settings.json", HTTPS_PROXY="")
    assert read(place).environment({"HTTPS_PROXY": "http://proxy"}) == {"HTTPS_PROXY": ""}


def test_managed_is_apart(place):
    put(place / "home/.claude/settings.json", A="user", B="user")
    put(place / "managed/managed-settings.json", A="policy")
    assert read(place).managed() == {"A": "policy"}


def test_inline_flag(place):
    settings = read(place, flag='{"env": {"A": "inline"}}')
    assert settings.environment({}) == {"A": "inline"}
    assert settings.origin("A") == "--settings"


def test_setting_sources(place):
    put(place / "home/.claude/settings.json", A="user")
    put(place / "work/.claude/settings.json", A="project")
    assert read(place, allowed=("user",)).environment({}) == {"A": "user"}


def test_another_configuration_folder(place):
    put(place / "home/.claude/settings.json", A="not this")
    (place / "conf").mkdir()
    put(place / "conf" / "settings.json", A="this")
    assert read(place, {"CLAUDE_CONFIG_DIR": str(place / "conf")}).environment({}) == {"A": "this"}


def test_values_become_text(place):
    (place / "work/.claude/settings.json").write_text('{"env": {"A": 1, "B": true}}')
    assert read(place).environment({}) == {"A": "1", "B": "true"}


@pytest.mark.parametrize("text", ["{", "[]", '{"env": []}', "null", "", '{"env": {}}'])
def test_what_is_no_settings_sets_nothing(place, text):
    (place / "work/.claude/settings.json").write_text(text)
    assert read(place).environment({"A": "1"}) == {"A": "1"}


def test_problems_are_told(place):
    (place / "work/.claude/settings.json").write_text("{")
    (place / "home/.claude/settings.json").mkdir()
    problems = read(place, flag="missing.json").problems
    assert [problem.rpartition(":")[2] for problem in problems] == [
        " cannot be read (IsADirectoryError)",
        " is not valid JSON",
        " there is no such file",
    ]
