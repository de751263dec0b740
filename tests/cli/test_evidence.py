"""`recorder evidence`, as a person uses it: one file, private, whole or not there, and on the record."""

import hashlib
import json
import stat
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from recorder.capture.signing_keys import ensure_signing_keys, rotate_signing
from recorder.cli import main
from recorder.config import config_dir
from recorder.ledger.kinds import RecordKind
from recorder.store.database import open_reader
from recorder.store.queries import records
from tests.evidence.base import MADE_UTC, audited, unpacked
from tests.store.conftest import START
from tests.tampering.base import THIEF, fill


def run(*args: str | Path) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args])


@pytest.fixture
def db(tmp_path: Path, clean_env: Path) -> Path:
    path = tmp_path / "records.db"
    fill(path, ensure_signing_keys(config_dir()).key)
    return path


def exports(db: Path) -> list[dict[str, Any]]:
    with open_reader(db) as reader:
        return [row.body for row in records(reader) if row.kind is RecordKind.EXPORT]


def test_from_the_record_to_the_auditor(db: Path, tmp_path: Path) -> None:
    kept, key = tmp_path / "kept", tmp_path / "key"
    kept.write_text(run("checkpoint", "--db", db).stdout, encoding="utf-8")
    key.write_text(run("checkpoint", "--db", db, "--public-key").stdout)
    pack = tmp_path / "pack.zip"
    result = run("evidence", "--db", db, "--session", "s2", "-o", pack)
    assert (result.exit_code, result.stderr) == (0, "")
    sha256 = hashlib.sha256(pack.read_bytes()).hexdigest()
    assert result.stdout.startswith(f"{pack}: 9 records of 50, ")
    assert f"\nthe record as a whole: ok\nSHA-256 {sha256}, noted in the record\n" in result.stdout
    assert stat.S_IMODE(pack.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.glob("pack*")) == ["pack.zip"]
    (body,) = exports(db)
    assert body.pop("by")
    assert body == {
        "count": 9,
        "file": "pack.zip",
        "filters": {"session": "s2"},
        "format": "evidence",
        "sha256": sha256,
    }
    assert run("verify", "--db", db).exit_code == 0
    told = audited(unpacked(pack, tmp_path / "elsewhere"), "--public-key", key, "--checkpoint", kept)
    assert (told.returncode, told.stdout.splitlines()[-1]) == (0, "ok")


def test_nothing_is_overwritten(db: Path, tmp_path: Path) -> None:
    (tmp_path / "pack.zip").write_text("mine")
    result = run("evidence", "--db", db, "-o", tmp_path / "pack.zip")
    assert result.exit_code == 2
    assert "is there already; nothing is overwritten" in result.stderr
    assert (tmp_path / "pack.zip").read_text() == "mine"
    assert exports(db) == []


def test_a_folder_that_is_none(db: Path, tmp_path: Path) -> None:
    result = run("evidence", "--db", db, "-o", tmp_path / "no" / "pack.zip")
    assert (result.exit_code, "No such file" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (("--session", "nobody"), "no session has an id that begins with 'nobody'"),
        (("--since", "someday"), "'someday' is no time"),
        (("--checkpoint", "missing.txt"), "missing.txt: No such file"),
    ],
)
def test_what_cannot_be_meant_leaves_nothing(db: Path, tmp_path: Path, options: tuple[str, ...], text: str) -> None:
    result = run("evidence", "--db", db, "-o", tmp_path / "pack.zip", *options)
    assert result.exit_code in (1, 2)
    assert text in result.stderr
    assert list(tmp_path.glob("pack*")) == []


def test_somebody_elses_record_gives_no_pack(tmp_path: Path, clean_env: Path) -> None:
    db = tmp_path / "theirs.db"
    fill(db, THIEF)
    result = run("evidence", "--db", db, "-o", tmp_path / "pack.zip")
    assert (result.exit_code, "no signing key" in result.stderr) == (2, True)
    ensure_signing_keys(config_dir())
    result = run("evidence", "--db", db, "-o", tmp_path / "pack.zip")
    assert (result.exit_code, "is not signed by this machine's key" in result.stderr) == (1, True)
    assert list(tmp_path.glob("pack*")) == []


def test_a_key_that_was_rotated_is_followed_from_either_end(db: Path, tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.write_text(run("checkpoint", "--db", db, "--public-key").stdout)
    rotate_signing(config_dir(), START)
    assert run("evidence", "--db", db, "--session", "s0", "-o", tmp_path / "pack.zip").exit_code == 0
    folder = unpacked(tmp_path / "pack.zip", tmp_path / "out")
    kinds = [json.loads(line)["kind"] for line in (folder / "records.jsonl").read_bytes().splitlines()]
    assert kinds[-1] == "key"
    assert len((folder / "keys.txt").read_text().splitlines()) == 2
    for options in ((), ("--public-key", old)):
        told = audited(folder, *options)
        assert told.returncode == 0, told.stdout


def test_what_was_asked_for_is_said(db: Path, tmp_path: Path) -> None:
    asked = ("--since", "2026-11-23T12:00:09Z", "--until", "2026-11-23T12:00:20Z", "--without-content")
    made = run("evidence", "--db", db, "-o", tmp_path / "p.zip", *asked)
    assert made.exit_code == 0
    assert ", no contents\n" in made.stdout
    folder = unpacked(tmp_path / "p.zip", tmp_path / "out")
    manifest = json.loads((folder / "manifest.json").read_bytes())
    assert manifest["asked"] == {
        "since": "2026-11-23T12:00:09+00:00",
        "until": "2026-11-23T12:00:20+00:00",
        "content": False,
    }
    assert manifest["made_utc"] > MADE_UTC[:10]
    assert exports(db)[0]["filters"]["content"] == "none"
    assert audited(folder).returncode == 0
