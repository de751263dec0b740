"""`recorder key`: names and dates, never a key."""

import base64
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from recorder.capture.key_ring import ensure_ring, read_ring
from recorder.capture.run_lock import hold, let_go
from recorder.capture.signing_keys import ensure_signing_keys, read_signing_keys
from recorder.cli import main
from recorder.ledger.kinds import RecordKind
from recorder.store.database import open_reader, open_writer
from recorder.store.queries import records
from recorder.store.rows import Event
from recorder.store.writer import Writer
from tests.tampering.base import fill


@pytest.fixture
def folder(clean_env: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(clean_env / "config"))
    return clean_env / "config" / "llm-audit-recorder"


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = tmp_path / "records.db"
    writer = Writer(open_writer(path))
    writer.write([Event(kind=RecordKind.START, at_utc="2026-11-24T00:00:00.000Z", body={"run_id": "r"})])
    writer.close()
    return path


def run(folder: Path, *words: str):
    before = read_ring(folder)
    result = CliRunner().invoke(main, ["key", *words])
    for ring in filter(None, (before, read_ring(folder))):
        for key in (ring.parts, *(key.root for key in ring.keys)):
            assert key.hex() not in result.output
            assert base64.b64encode(key).decode() not in result.output
    return result


def test_before_the_first_recording(folder: Path) -> None:
    result = run(folder, "show")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "No key was made yet" in result.stderr
    assert json.loads(run(folder, "show", "--json").stdout) == []
    assert not folder.exists()


def test_a_rotation_is_shown_and_recorded(folder: Path, db: Path) -> None:
    first = ensure_ring(folder).current
    result = run(folder, "rotate", "--db", str(db))
    assert (result.exit_code, result.stderr) == (0, "")
    now = read_ring(folder)
    assert now
    assert result.stdout == f"redaction key {now.current.id} in use; 1 kept for comparing\n"
    shown = json.loads(run(folder, "show", "--json").stdout)
    signing = read_signing_keys(folder)
    assert signing
    assert [(row["purpose"], row["id"], row["retired_utc"] is None) for row in shown] == [
        ("redaction", now.current.id, True),
        ("redaction", first.id, False),
        ("signing", signing.key.public.hex(), True),
    ]
    assert run(folder, "show").stdout.splitlines()[0].split("\t") == ["purpose", "id", "made_utc", "retired_utc"]
    with open_reader(db) as reader:
        assert [row.body["in_use"] for row in records(reader) if row.kind is RecordKind.KEY] == [now.current.id]


def test_forgetting(folder: Path, db: Path) -> None:
    ensure_ring(folder)
    result = run(folder, "rotate", "--forget-old", "--db", str(db))
    assert result.exit_code == 0
    assert "0 kept" in result.stdout
    with open_reader(db) as reader:
        assert [row.body["forgot_old"] for row in records(reader) if row.kind is RecordKind.KEY] == [True]


def test_while_a_recorder_runs(folder: Path, db: Path) -> None:
    old = ensure_ring(folder)
    lock = hold(db, "r")
    try:
        result = run(folder, "rotate", "--forget-old", "--db", str(db))
        assert result.exit_code == 1
        assert "stop them first" in result.stderr
        assert read_ring(folder) == old
        result = run(folder, "rotate", "--db", str(db))
        assert result.exit_code == 0
        assert "1 of this database's recorders run with the old key" in result.stderr
    finally:
        let_go(lock)


def test_without_a_database(folder: Path, tmp_path: Path) -> None:
    result = run(folder, "rotate", "--db", str(tmp_path / "none.db"))
    assert result.exit_code == 0
    assert "stands in no record" in result.stderr
    assert read_ring(folder)


def test_a_key_that_others_can_read_is_refused(folder: Path, db: Path) -> None:
    ensure_ring(folder)
    (folder / "store.key").chmod(0o644)
    result = CliRunner().invoke(main, ["key", "show"])
    assert result.exit_code == 2
    assert "chmod 600" in result.stderr


def test_rotating_the_signing_key(folder: Path, db: Path) -> None:
    old = ensure_signing_keys(folder)
    result = run(folder, "rotate", "--signing", "--db", str(db))
    assert (result.exit_code, result.stderr) == (0, "")
    new = read_signing_keys(folder)
    assert new
    assert result.stdout.startswith(f"signing key {new.key.public.hex()} in use")
    shown = [row for row in json.loads(run(folder, "show", "--json").stdout) if row["purpose"] == "signing"]
    assert [(row["id"], row["retired_utc"] is None) for row in shown] == [
        (new.key.public.hex(), True),
        (old.key.public.hex(), False),
    ]
    assert run(folder, "rotate", "--signing", "--forget-old", "--db", str(db)).exit_code == 2


def test_verification_goes_on_after_a_rotation(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "signed.db"
    fill(path, ensure_signing_keys(folder).key)
    before, after = tmp_path / "before.pub", tmp_path / "after.pub"
    before.write_text(run_any("checkpoint", "--public-key", "--db", path).stdout)
    kept = tmp_path / "kept"
    kept.write_text(run_any("checkpoint", "--db", path).stdout)
    assert run(folder, "rotate", "--signing", "--db", str(path)).exit_code == 0
    after.write_text(run_any("checkpoint", "--public-key", "--db", path).stdout)
    assert before.read_text() != after.read_text()
    for options in ((), ("--public-key", before), ("--public-key", after)):
        result = run_any("verify", "--db", path, "--checkpoint", kept, *options)
        assert (result.exit_code, result.stdout.split(":")[0]) == (0, "ok"), (options, result.output)
    with open_reader(path) as reader:
        (record,) = [row.body for row in records(reader) if row.kind is RecordKind.KEY]
    assert (record["event"], record["purpose"], len(record["successions"])) == ("rotated", "signing", 1)


def run_any(*args: str | Path) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args])
