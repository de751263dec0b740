"""`recorder export` as a user meets it: to a file, to a pipe, broken off and gone on with, and on record."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from recorder.cli import main
from recorder.ledger.kinds import RecordKind
from recorder.store.database import open_reader
from recorder.store.queries import records
from scripts.sample import fill

STREAMS = ("jsonl", "csv", "har", "otlp", "langfuse-otlp", "ocsf", "html")


@pytest.fixture
def db(tmp_path: Path, clean_env: Path) -> Path:
    path = tmp_path / "records.db"
    fill(path)
    return path


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["export", *(str(word) for word in words)])


def exports(db: Path) -> list[dict[str, Any]]:
    with open_reader(db) as reader:
        return [record.body for record in records(reader) if record.kind is RecordKind.EXPORT]


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_file_of_its_owner_and_the_record_of_it(db: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    result = run("--db", db, "--format", "jsonl", "-o", out, "--project", "billing")
    assert result.exit_code == 0, result.output
    assert [json.loads(line)["interaction"]["project"] for line in out.read_text().splitlines()] == ["billing"] * 3
    assert out.stat().st_mode & 0o777 == 0o600
    assert f"3 interactions, SHA-256 {sha256(out)}" in result.stderr
    (body,) = exports(db)
    assert body.pop("by")
    assert body == {
        "format": "jsonl",
        "filters": {"project": "billing"},
        "count": 3,
        "sha256": sha256(out),
        "file": "out.jsonl",
    }
    assert sorted(path.name for path in tmp_path.glob("out*")) == ["out.jsonl"]


@pytest.mark.parametrize("form", STREAMS)
def test_a_pipe_gets_the_same(db: Path, tmp_path: Path, form: str) -> None:
    out = tmp_path / "out"
    assert run("--db", db, "--format", form, "-o", out).exit_code == 0
    result = run("--db", db, "--format", form, "-o", "-")
    assert (result.exit_code, result.stdout_bytes) == (0, out.read_bytes())
    to_file, to_pipe = exports(db)
    assert "file" not in to_pipe
    assert to_file["sha256"] == to_pipe["sha256"]


def test_nothing_is_overwritten_unasked(db: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("mine")
    result = run("--db", db, "--format", "csv", "-o", out)
    assert (result.exit_code, "overwrite it with --force" in result.stderr) == (1, True)
    assert out.read_text() == "mine"
    assert exports(db) == []
    assert run("--db", db, "--format", "csv", "-o", out, "--force").exit_code == 0
    assert out.read_text().startswith("seq,id,")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "say where to with -o"),
        (("-o", "x"), "say what to write with --format: jsonl"),
        (("-o", "x", "--format", "xml"), "Invalid value for '--format'"),
        (("-o", "x", "--format", "csv", "--content"), "--content is for otlp and langfuse-otlp"),
        (("-o", "x", "--format", "csv", "--header", "A=b"), "--header is for --endpoint"),
        (("--endpoint", "http://127.0.0.1:9", "--format", "csv"), "write csv to a file with -o"),
        (("--endpoint", "http://127.0.0.1:9", "--format", "otlp", "--header", "A"), "give NAME=VALUE"),
        (
            ("--endpoint", "http://127.0.0.1:9", "--format", "otlp", "--header", "A=env:NO_SUCH"),
            "no environment variable",
        ),
        (("-o", "-", "--format", "parquet"), "parquet is a folder of files"),
        (("-o", "-", "--resume"), "--resume goes on with a file"),
        (("-o", "x", "--resume", "--project", "p"), "give -o and --db alone"),
    ],
)
def test_mistakes(db: Path, words: tuple[str, ...], said: str) -> None:
    result = run("--db", db, *words)
    assert (result.exit_code, said in result.stderr) == (2, True), result.output


def test_resume_without_anything_to_go_on_with(db: Path, tmp_path: Path) -> None:
    result = run("--db", db, "-o", tmp_path / "x", "--resume")
    assert (result.exit_code, "no export was broken off here" in result.stderr) == (1, True)


BROKEN_OFF = """
import os, signal, sys
from recorder.cli import main
from recorder.export import run
from recorder.store import queries

run._SAVE_AFTER = 2
def dies_after(count, wholes=queries.wholes):
    def some(*args, **named):
        for number, whole in enumerate(wholes(*args, **named)):
            if number == count:
                os.kill(os.getpid(), signal.{signal})
            yield whole
    return some
queries.wholes = dies_after(5)
main()
"""


def break_off(db: Path, out: Path, form: str, how: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", BROKEN_OFF.format(signal=how), "export", "--db", db, "--format", form, "-o", out],
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("form", STREAMS)
def test_killed_in_the_middle_and_gone_on_with_it_is_the_same(db: Path, tmp_path: Path, form: str) -> None:
    whole, out = tmp_path / "whole", tmp_path / "out"
    assert run("--db", db, "--format", form, "-o", whole).exit_code == 0
    killed = break_off(db, out, form, "SIGKILL")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert not out.exists()
    partial = tmp_path / "out.partial"
    assert partial.stat().st_mode & 0o777 == 0o600
    refused = run("--db", db, "--format", form, "-o", out)
    assert (refused.exit_code, "go on with --resume" in refused.stderr) == (1, True)
    with partial.open("ab") as file:
        file.write(b"half a li" * 100_000)  # what was under way when it ended
    result = run("--db", db, "-o", out, "--resume")
    assert result.exit_code == 0, result.output
    assert out.read_bytes() == whole.read_bytes()
    assert exports(db)[-1]["sha256"] == sha256(whole)
    assert exports(db)[-1]["count"] == 14
    assert sorted(path.name for path in tmp_path.glob("out*")) == ["out"]


def test_stopped_by_hand_it_says_how_to_go_on_and_is_on_record(db: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    stopped = break_off(db, out, "jsonl", "SIGINT")
    assert stopped.returncode == 1
    assert f"stopped after 5 of 14 interactions; go on with: recorder export --resume -o {out}" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert exports(db)[-1]["interrupted"] is True
    assert run("--db", db, "-o", out, "--resume").exit_code == 0
    assert len(out.read_text().splitlines()) == 14


def test_of_another_record_it_is_not_gone_on_with(db: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    break_off(db, out, "jsonl", "SIGKILL")
    state = tmp_path / "out.partial.state"
    state.write_bytes(state.read_bytes().replace(b'"origin":"', b'"origin":"0'))
    result = run("--db", db, "-o", out, "--resume")
    assert (result.exit_code, "was taken from another record" in result.stderr) == (1, True)


def test_content_that_is_gone_is_told(db: Path, tmp_path: Path) -> None:
    erased = CliRunner().invoke(main, ["erase", "--match", "voucher", "--reason", "asked", "--yes", "--db", str(db)])
    assert erased.exit_code == 0, erased.output
    out = tmp_path / "out"
    result = run("--db", db, "--format", "jsonl", "-o", out)
    assert result.exit_code == 0
    assert "content was erased or is damaged; the export says which" in result.stderr
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert any("says when, why and by whom" in text for line in lines for text in line["missing"])
