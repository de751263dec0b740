"""Records that commands leave: signed, one way in, and never on somebody else's record."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from recorder.capture.head_memory import HeadMemory
from recorder.capture.noting import Exported, note, note_export, note_view
from recorder.capture.signing_keys import ensure_signing_keys
from recorder.cli import main
from recorder.config import config_dir, state_dir
from recorder.ledger.kinds import RecordKind
from recorder.ledger.verdict import Verdict
from recorder.store.database import open_reader
from recorder.store.queries import last_seq, records
from tests.tampering.base import THIEF, fill, head, ours


@pytest.fixture
def db(tmp_path: Path, clean_env: Path) -> Path:
    path = tmp_path / "records.db"
    fill(path, ensure_signing_keys(config_dir()).key)
    return path


def bodies(db: Path, kind: RecordKind) -> list[dict[str, Any]]:
    with open_reader(db) as reader:
        return [row.body for row in records(reader) if row.kind is kind]


def verdict(db: Path) -> Verdict:
    key = ensure_signing_keys(config_dir()).key
    return ours(db, (key.verifier(head(db).split("\n")[0]),)).verdict


def test_a_note_is_signed_and_remembered(db: Path) -> None:
    assert note(db, RecordKind.CONFIG, {"what": "x"}) is None
    assert bodies(db, RecordKind.CONFIG) == [{"what": "x"}]
    assert HeadMemory(state_dir(), db).read() == head(db)
    assert verdict(db) is Verdict.OK


def test_an_export(db: Path) -> None:
    exported = Exported(format="jsonl", filters={"model": "a"}, count=3, sha256="00", file="b.jsonl")
    assert note_export(db, exported) is None
    (body,) = bodies(db, RecordKind.EXPORT)
    assert body.pop("by")
    assert body == {"format": "jsonl", "filters": {"model": "a"}, "count": 3, "sha256": "00", "file": "b.jsonl"}


def test_an_export_of_the_ledger_is_recorded(db: Path, tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    result = run("verify", "--db", db, "--export", file)
    assert (result.exit_code, result.stderr) == (0, "")
    data = file.read_bytes()
    (body,) = bodies(db, RecordKind.EXPORT)
    assert (body["format"], body["file"], body["count"]) == ("ledger", "ledger.jsonl", data.count(b"\n"))
    assert body["sha256"] == hashlib.sha256(data).hexdigest()
    assert verdict(db) is Verdict.OK


def test_somebody_elses_record_is_left_alone(tmp_path: Path, clean_env: Path) -> None:
    path = tmp_path / "theirs.db"
    fill(path, THIEF)
    before = path.read_bytes()
    assert "not signed by this machine's key" in (note_view(path, "show", "call1") or "")
    ensure_signing_keys(config_dir())
    assert "not signed by this machine's key" in (note_view(path, "show", "call1") or "")
    assert path.read_bytes() == before
    assert "no such database" in (note_view(tmp_path / "none.db", "show") or "")
    assert not (tmp_path / "none.db").exists()


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def test_looking_is_recorded_where_that_is_asked_for(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_reader(db) as reader:
        before = last_seq(reader)
    assert run("show", "call1", "--db", db).exit_code == 0
    with open_reader(db) as reader:
        assert last_seq(reader) == before
    monkeypatch.setenv("RECORDER_RECORD_VIEWS", "true")
    for words in (
        ("show", "call10"),
        ("show", "call11", "--json"),
        ("body", "call12", "--side", "response"),
        ("search", "call14", "--in", "model"),
        ("search", "nobody-said-this"),
    ):
        result = run(*words, "--db", db)
        assert (result.exit_code, "could not be recorded" in result.stderr) == (0, False)
    seen = bodies(db, RecordKind.VIEW)
    assert [(body["command"], body["interactions"]) for body in seen] == [
        ("show", ["call10"]),
        ("show", ["call11"]),
        ("body", ["call12"]),
        ("search", ["call14"]),
    ]
    assert seen[2]["side"] == "response"
    assert all(body["by"] for body in seen)
    assert verdict(db) is Verdict.OK


def test_a_look_that_cannot_be_recorded_says_so(
    tmp_path: Path, clean_env: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "theirs.db"
    fill(path, THIEF)
    monkeypatch.setenv("RECORDER_RECORD_VIEWS", "1")
    result = run("show", "call10", "--db", path)
    assert result.exit_code == 0
    assert "could not be recorded" in result.stderr
