"""`recorder scan` and `recorder redact`: found and removed, and never shown."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from recorder.capture.frames import Frame
from recorder.capture.messages import Open, Target
from recorder.cli import main
from tests.support.desk import greeting, seated
from tests.support.recorder_process import CACHE
from tests.support.requests import dumps, headers, message

TOKEN = "ghp_" + "Zk3v" * 9
WORD = "correct-horse-" + "battery-staple"
TARGET = Target(method="POST", scheme="https", host="api.anthropic.com", port=443, path="/v1/messages")


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(CACHE))
    monkeypatch.setenv("WORD", WORD)


def run(*words: str, given: bytes = b""):
    return CliRunner().invoke(main, words, input=given)


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = tmp_path / "records.db"
    desk = seated(greeting(tmp_path, config_dir=str(tmp_path / "config" / "llm-audit-recorder")))
    body = dumps(message(f"the word is {WORD}, the token {TOKEN}"))
    opening = Open(id="a", at_us=1, target=TARGET, headers=tuple(headers("s").items()), wire_bytes=len(body))
    assert desk.take([Frame(0, opening, body)])[0].error is None
    desk.close()
    return path


def test_a_record_holds_no_secret_that_the_detectors_know(db: Path) -> None:
    result = run("scan", str(db))
    assert (result.exit_code, result.stdout) == (0, "")
    assert "0 found in 1 files" in result.stderr


def test_a_canary_is_found_in_a_compressed_part_and_not_shown(db: Path) -> None:
    result = run("scan", str(db), "--known", "env:WORD", "--json")
    assert result.exit_code == 1
    (hit,) = json.loads(result.stdout)["hits"]
    assert (hit["kind"], hit["count"]) == ("known", 1)
    assert hit["where"].startswith("part ")
    assert WORD not in result.output


def test_without_paths_the_database_and_its_side_files(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECORDER_DB", str(db))
    db.with_name(f"{db.name}-wal").write_bytes(f"left behind: {TOKEN}".encode())
    result = run("scan")
    assert result.exit_code == 1
    assert f"{db.name}-wal: line 1: github-pat " in result.stdout
    assert TOKEN not in result.output


def test_folders_are_searched(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.log").write_text("nothing")
    (tmp_path / "logs" / "b.log").write_text(f"token {TOKEN}")
    result = run("scan", str(tmp_path / "logs"))
    assert result.exit_code == 1
    assert [line.split(":")[0] for line in result.stdout.splitlines()] == [str(tmp_path / "logs" / "b.log")]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("scan", "/no/such/file"), "/no/such/file"),
        (("scan", "--known", "hunter2hunter2"), "no secret stands in a command line"),
        (("redact", "--known", "env:NOT_THERE"), "no such variable"),
        (("redact", "--known", "file:/no/such"), "cannot be read"),
        (("scan",), "no such database"),
    ],
)
def test_mistakes(words: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RECORDER_DB", str(tmp_path / "none.db"))
    result = run(*words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "hunter2" not in result.output


def test_redact_filters_text() -> None:
    result = run(
        "redact", "--report", "--known", "env:WORD", given=f"TOKEN={TOKEN}\r\nsaid {WORD} \xff\n".encode("latin-1")
    )
    assert result.exit_code == 0
    out = result.stdout_bytes
    assert TOKEN.encode() not in out
    assert WORD.encode() not in out
    assert out.startswith(b"TOKEN=[REDACTED:github-pat:")
    assert out.endswith(b" \xff\n")
    assert "github-pat\t1" in result.stderr
    assert "2 removed" in result.stderr


def test_redact_keeps_json_lines_json_line_for_line() -> None:
    lines = [{"password": "hunter2-and-more-77", "n": 1.50}, "", {"text": f'he said "{TOKEN}"'}, [1, 2]]
    given = "".join((json.dumps(line) if line != "" else "") + "\n" for line in lines)
    result = run("redact", "--jsonl", given=given.encode())
    assert result.exit_code == 0
    first, empty, third, fourth = result.stdout.splitlines()
    assert json.loads(first)["n"] == 1.5
    assert "hunter2" not in first
    assert empty == ""
    assert json.loads(third)["text"].startswith('he said "[REDACTED:github-pat:')
    assert fourth == "[1, 2]"


def test_a_line_that_is_not_json_is_redacted_and_named() -> None:
    result = run("redact", "--jsonl", given=f'{{"a":1}}\n{{broken {TOKEN}\n'.encode())
    assert result.exit_code == 1
    assert "line 2 is not JSON" in result.stderr
    assert TOKEN not in result.output
    assert result.stdout.startswith('{"a":1}\n{broken [REDACTED')


CONFIG = """
[redact]
known = ["env:WORD"]
allow = ["%s"]
[[redact.rule]]
name = "acme-token"
pattern = "acme_[a-z]{8}"
"""


def test_the_filter_and_the_scan_use_the_configuration(tmp_path: Path) -> None:
    config, file = tmp_path / "x.toml", tmp_path / "log"
    config.write_text(CONFIG % TOKEN)
    file.write_text(f"{TOKEN} {WORD} acme_abcdefgh")
    result = run("--config", str(config), "redact", "--report", str(file))
    assert result.stdout.startswith(f"{TOKEN} [REDACTED:known:")
    assert result.stdout.endswith(" [REDACTED:acme-token]")
    assert "allowed\t1" in result.stderr
    assert "2 removed" in result.stderr
    result = run("--config", str(config), "scan", "--json", str(file))
    assert [hit["kind"] for hit in json.loads(result.stdout)["hits"]] == ["known", "acme-token"]
