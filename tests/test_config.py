"""Settings: their order, and what is said about a wrong one."""

from pathlib import Path

import pytest

from recorder.config import (
    ENVIRONMENT,
    OPTIONS,
    AllowPattern,
    RedactSettings,
    Settings,
    check_names,
    config_dir,
    default_db,
    load,
    parse_pairs,
)
from recorder.errors import ConfigError


@pytest.fixture(autouse=True)
def _nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path))


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_defaults_are_safe() -> None:
    settings = load(env={})
    assert settings.on_failure == "block"
    assert settings.listen.startswith("127.0.0.1:")
    assert settings.db == default_db()


def test_override_beats_environment_beats_file(tmp_path: Path) -> None:
    path = write(tmp_path / "x.toml", 'db = "/file.db"\nproject = "file"\nuser = "file"\n')
    settings = load(path, {"RECORDER_PROJECT": "env", "RECORDER_USER": "env"}, {"user": "flag", "db": None})
    assert (str(settings.db), settings.project, settings.user) == ("/file.db", "env", "flag")


def test_the_file_is_found_in_order(tmp_path: Path) -> None:
    write(config_dir() / "recorder.toml", 'project = "platform"')
    assert load(env={}).project == "platform"
    write(tmp_path / "recorder.toml", 'project = "here"')
    assert load(env={}).project == "here"
    named = write(tmp_path / "named.toml", 'project = "named"')
    assert load(env={"RECORDER_CONFIG": str(named)}).project == "named"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('on_failur = "pass"', "did you mean on_failure?"),
        ('on_failure = "ignore"', "on_failure"),
        ("pending_mb = 0", "more than 0"),
        ('wait_seconds = "soon"', "wait_seconds"),
        ("db = 3", "db"),
        ("db = [", "x.toml"),
        ("frame_seconds = 0", "more than 0"),
        ("[redact]\nimage = 'hash'", "redact: unknown setting 'image'; did you mean images?"),
        ("[redact]\nimages = 'drop'", "redact.images"),
        ("[[redact.rule]]\nname = 'a'\nkeyword = []", "rule 'a': unknown setting 'keyword'; did you mean keywords?"),
        ("[[redact.rule]]\nname = 'a'", "pattern"),
        ("[redact]\nallow = [{ patern = 'a' }]", "patern"),
        ("redact = 3", "redact"),
        ("redact_images = 'hash'", "unknown setting 'redact_images'"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said.replace("?", r"\?")):
        load(write(tmp_path / "x.toml", text), {})


def test_a_named_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--config"):
        load(tmp_path / "no.toml", {})


def test_numbers_come_as_text_from_the_environment() -> None:
    assert load(env={"RECORDER_PENDING_MB": "7"}).pending_mb == 7


def test_pairs() -> None:
    assert parse_pairs("fast=claude-haiku-4-5, big = x ,") == {"fast": "claude-haiku-4-5", "big": "x"}
    with pytest.raises(ConfigError, match="'oops' is not ALIAS=MODEL"):
        parse_pairs("oops")


def test_every_name_stands_for_a_setting() -> None:
    known = {*Settings.__struct_fields__, *(f"redact_{name}" for name in RedactSettings.__struct_fields__)}
    assert set(ENVIRONMENT.values()) <= known
    assert set(OPTIONS) - {"config"} <= known


REDACT = """
[redact]
known = ["env:DB_PASSWORD"]
allow = ["sk-demo-key", { pattern = "test_.*" }]
images = "hash"
[[redact.rule]]
name = "acme-token"
pattern = "acme_[a-z0-9]{20}"
keywords = ["acme"]
"""


def test_the_redact_table(tmp_path: Path) -> None:
    redact = load(write(tmp_path / "x.toml", REDACT), {}).redact
    assert (redact.known, redact.images) == (("env:DB_PASSWORD",), "hash")
    assert redact.allow == ("sk-demo-key", AllowPattern(pattern="test_.*"))
    assert [(rule.name, rule.keywords) for rule in redact.rule] == [("acme-token", ("acme",))]


def test_flat_names_reach_into_the_redact_table(tmp_path: Path) -> None:
    path = write(tmp_path / "x.toml", REDACT)
    env = {"RECORDER_REDACT_KNOWN": "env:A, file:/b", "RECORDER_REDACT_OUTBOUND": "warn"}
    redact = load(path, env, {"redact_outbound": "block"}).redact
    assert (redact.known, redact.images, redact.outbound) == (("env:A", "file:/b"), "hash", "block")
    assert load(env={"RECORDER_REDACT_IMAGES": "hash"}).redact.images == "hash"


def test_a_name_like_nothing_known_lists_what_is() -> None:
    with pytest.raises(ConfigError, match="known are alpha, beta"):
        check_names({"zzz"}, known=("alpha", "beta"), where="--set")
