"""`recorder export --format bundle` and `recorder import`, as two people meet them."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from recorder.cli import main
from recorder.ledger.kinds import RecordKind
from recorder.store.database import open_reader
from recorder.store.queries import records
from scripts.sample import fill

SESSION = "5f0c9a42-1f7e-4d0b-9a53-2b8c6d1e7f00"


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def db(tmp_path: Path, clean_env: Path) -> Path:
    path = tmp_path / "records.db"
    fill(path)
    return path


@pytest.fixture
def bundle(db: Path, tmp_path: Path) -> Path:
    path = tmp_path / "bug.bundle"
    result = run("export", "--db", db, "--format", "bundle", "--session", SESSION[:6], "-o", path)
    assert result.exit_code == 0, result.output
    return path


def exported(db: Path) -> list[dict[str, Any]]:
    with open_reader(db) as reader:
        return [record.body for record in records(reader) if record.kind is RecordKind.EXPORT]


def test_sent_and_read_elsewhere(db: Path, bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (body,) = exported(db)
    assert (body["format"], body["filters"], body["count"]) == ("bundle", {"session": SESSION}, 11)
    assert body["file"] == "bug.bundle"
    assert bundle.stat().st_mode & 0o777 == 0o600
    monkeypatch.chdir(tmp_path)
    result = run("import", bundle)
    assert result.exit_code == 0, result.output
    assert f"session {SESSION}" in result.stderr
    for words in (["tree", SESSION], ["show", "21ad"], ["interactions", "--session", SESSION, "--json"]):
        assert run(*words, "--db", "bug.db").stdout == run(*words, "--db", db).stdout
    assert json.loads(run("search", "voucher", "--db", "bug.db", "--json").stdout)


def test_no_part_of_a_ledger_is_verified_or_written(bundle: Path, tmp_path: Path) -> None:
    imported = tmp_path / "i.db"
    assert run("import", bundle, "--db", imported).exit_code == 0
    before = imported.read_bytes()
    for words in (["verify"], ["evidence", "-o", tmp_path / "pack.zip"]):
        result = run(*words, "--db", imported)
        assert (result.exit_code, "imported session" in result.stderr) == (2, True), result.output
    for words in (["rebuild"], ["erase", "--session", SESSION, "--reason", "r", "--yes"]):
        result = run(*words, "--db", imported)
        assert (result.exit_code, "is there to be read" in result.stderr) == (1, True), result.output
    result = run("export", "--db", imported, "--format", "csv", "-o", tmp_path / "out.csv")
    assert (result.exit_code, "could not be recorded" in result.stderr) == (0, True)
    assert imported.read_bytes() == before


def test_nothing_is_overwritten(db: Path, bundle: Path) -> None:
    before = db.read_bytes()
    result = run("import", bundle, "--db", db)
    assert (result.exit_code, "nothing is overwritten" in result.stderr) == (1, True)
    assert db.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "a bundle is one session; say which with --session ID"),
        (("--session", SESSION, "--project", "p"), "leave --project out"),
        (("--session", SESSION, "--content"), "--content is for otlp"),
    ],
)
def test_mistakes(db: Path, words: tuple[str, ...], said: str) -> None:
    result = run("export", "--db", db, "--format", "bundle", "-o", "x", *words)
    assert (result.exit_code, said in result.stderr) == (2, True), result.output


def test_what_is_no_bundle(tmp_path: Path, clean_env: Path) -> None:
    for name, said in (("there-is-none", "No such file"), ("recorder", "is no bundle")):
        (tmp_path / "recorder").write_bytes(b"PK\x03\x04 no bundle")
        result = run("import", tmp_path / name, "--db", tmp_path / "i.db")
        assert (result.exit_code, said in result.stderr) == (1, True), result.output
    assert not (tmp_path / "i.db").exists()
