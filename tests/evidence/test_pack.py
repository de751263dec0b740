"""What a pack holds, and that an auditor finds it in order without anything of ours."""

import json
import stat
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from recorder.errors import StoreError
from recorder.ledger.kinds import RecordKind
from recorder.store.database import open_reader, open_writer, transaction
from recorder.store.erasing import commitments_of, erase, root_of
from recorder.store.queries import usage_by
from recorder.store.writer import Writer
from tests.evidence.base import MADE_UTC, audited, make_pack, recorded, unpacked
from tests.store.conftest import Make
from tests.tampering.base import KEY, THIEF, head, origin, unguarded

FILES = {
    "README.txt",
    "CONTROLS.txt",
    "verify.py",
    "verify_ledger.py",
    "keys.txt",
    "checkpoints.txt",
    "records.jsonl",
    "others.jsonl",
    "interactions.jsonl",
    "lists.jsonl",
    "parts.jsonl",
    "reports/verification.json",
    "reports/gaps.json",
    "reports/redaction.json",
    "reports/erasures.json",
    "reports/usage.json",
}


def rows(folder: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / name).read_bytes().splitlines()]


def noon(hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 11, 23, hour, minute, second, tzinfo=UTC)


def test_everything_is_there_and_in_the_manifest(whole: Path) -> None:
    manifest = json.loads((whole / "manifest.json").read_bytes())
    assert {one["name"] for one in manifest["files"]} == FILES
    assert {path.relative_to(whole).as_posix() for path in whole.rglob("*") if path.is_file()} == FILES | {
        "manifest.json",
        "manifest.sig",
    }
    assert manifest["asked"] == {"content": True}
    assert manifest["made_utc"] == MADE_UTC
    assert manifest["chosen"] == {
        "whole": True,
        "first": 1,
        "last": 50,
        "interactions": 24,
        "records": 50,
        "parts": len(rows(whole, "parts.jsonl")),
    }


def test_an_auditor_finds_it_in_order(whole: Path, record: Path, tmp_path: Path) -> None:
    key, kept = tmp_path / "key", tmp_path / "kept"
    key.write_text(f"# given at the beginning\n\n{KEY.verifier(origin(record))}\n")
    kept.write_text(head(record) * 2, encoding="utf-8")
    result = audited(whole, "--public-key", key, "--checkpoint", kept)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == (
        "records: 50 of 50 (without holes); interactions: 24\n"
        f"contents: {len(rows(whole, 'parts.jsonl'))} hold, 0 are gone; checkpoints: 6 signed\nok\n"
    )
    before = sorted(whole.rglob("*"))
    assert audited(whole).returncode == 0
    assert sorted(whole.rglob("*")) == before


def test_without_key_and_checkpoint_an_auditor_is_told_what_that_leaves_open(whole: Path, record: Path) -> None:
    result = audited(whole)
    assert f"hold it against the one that you were given:\n  {KEY.verifier(origin(record))}\n" in result.stdout
    assert "no checkpoint that you kept was given" in result.stdout


def test_one_session_has_nothing_of_the_others(narrow: Path, record: Path) -> None:
    result = audited(narrow)
    assert result.returncode == 0, result.stdout
    assert result.stdout.startswith("records: 9 of 50 (a selection); interactions: 4\n")
    assert [one["session_id"] for one in rows(narrow, "interactions.jsonl")] == ["s2"] * 4
    assert [one["kind"] for one in rows(narrow, "records.jsonl")] == ["start", *["opened", "closed"] * 4]
    texts = [one["text"] for one in rows(narrow, "parts.jsonl") if one["kind"] == "message"]
    assert texts
    assert all("of 2" in text for text in texts)
    assert audited(narrow, "--checkpoint", note_file(narrow, head(record))).returncode == 0


def note_file(folder: Path, note: str) -> Path:
    path = folder.parent / "kept.txt"
    path.write_text(note, encoding="utf-8")
    return path


def test_times_choose_all_records_between_them(record: Path, tmp_path: Path) -> None:
    # Records are a second apart: 1 at noon, an interaction every two.
    made = make_pack(record, tmp_path / "p", filters={"since": noon(12, 0, 9), "until": noon(12, 0, 20)})
    assert (made.selection.whole, made.selection.first, made.selection.last) == (True, 10, 21)
    folder = unpacked(tmp_path / "p", tmp_path / "out")
    result = audited(folder)
    assert result.returncode == 0, result.stdout
    assert result.stdout.startswith("records: 13 of 50 (without holes); interactions: 6\n")
    assert [one["seq"] for one in rows(folder, "records.jsonl")] == [1, *range(10, 22)]


def test_a_time_in_which_nothing_happened(record: Path, tmp_path: Path) -> None:
    made = make_pack(record, tmp_path / "p", filters={"since": noon(23)})
    assert (made.selection.records, made.selection.first, made.selection.last) == (0, 0, 0)
    result = audited(unpacked(tmp_path / "p", tmp_path / "out"))
    assert (result.returncode, result.stdout.splitlines()[0]) == (
        0,
        "records: 0 of 50 (without holes); interactions: 0",
    )


def test_a_checkpoint_of_any_size_can_be_held_against_a_pack_that_was_made_for_it(tmp_path: Path) -> None:
    db = recorded(tmp_path / "r.db", interactions=8)
    kept = head(db)  # 18 records, which no checkpoint that stays is about
    with open_writer(db) as opened:
        Writer(opened, key=KEY).write([Make().event(RecordKind.CONFIG, what=f"x{n}") for n in range(40)])
    make_pack(db, tmp_path / "p", filters={"session": "s0"})
    folder = unpacked(tmp_path / "p", tmp_path / "out")
    result = audited(folder, "--checkpoint", note_file(folder, kept))
    assert result.returncode == 9
    assert (
        "not provable: checkpoint 1 of kept.txt: the tree of 18 records cannot be made from this pack" in result.stdout
    )
    make_pack(db, tmp_path / "p2", filters={"session": "s0"}, notes=[("kept", kept)])
    folder = unpacked(tmp_path / "p2", tmp_path / "out2")
    assert audited(folder, "--checkpoint", note_file(folder, kept)).returncode == 0


def test_an_anchored_checkpoint_needs_no_asking(tmp_path: Path) -> None:
    db = recorded(tmp_path / "r.db", interactions=8)
    kept, make = head(db), Make()
    with open_writer(db) as opened:
        Writer(opened, key=KEY).write([make.event(RecordKind.ANCHOR, event="anchored", anchor="git", size=18)])
        Writer(opened, key=KEY).write([make.event(RecordKind.CONFIG, what=f"x{n}") for n in range(40)])
    make_pack(db, tmp_path / "p", filters={"session": "s0"})
    folder = unpacked(tmp_path / "p", tmp_path / "out")
    assert audited(folder, "--checkpoint", note_file(folder, kept)).returncode == 0


def test_records_alone(record: Path, tmp_path: Path) -> None:
    make_pack(record, tmp_path / "p", content=False)
    folder = unpacked(tmp_path / "p", tmp_path / "out")
    assert not (folder / "parts.jsonl").exists()
    assert not (folder / "lists.jsonl").exists()
    result = audited(folder)
    assert (result.returncode, result.stdout.splitlines()[1][:15]) == (0, "contents: 0 hol")


def erased(db: Path, part: int) -> None:
    with open_writer(db) as opened:
        root = root_of(commitments_of(opened, [part])).hex()
        body = {"by": "grace", "reason": "asked", "parts": 1, "bytes": 9, "root": root}
        Writer(opened, key=KEY).write([Make().event(RecordKind.ERASURE, **body)])
        with transaction(opened):
            erase(opened, [part], 51)


def test_what_was_erased_is_told_with_its_record(tmp_path: Path) -> None:
    db = recorded(tmp_path / "r.db")
    with open_reader(db) as reader:
        (part,) = reader.execute(
            "SELECT answer FROM interactions WHERE session_id = 's1' AND answer IS NOT NULL"
        ).fetchone()
    erased(db, part)
    make_pack(db, tmp_path / "p", filters={"session": "s1"})
    folder = unpacked(tmp_path / "p", tmp_path / "out")
    result = audited(folder)
    assert result.returncode == 0
    assert result.stdout.startswith("content erased as recorded: record 51 says that 1 parts (9 bytes) were erased on")
    assert "1 are gone" in result.stdout
    report = json.loads((folder / "reports/erasures.json").read_bytes())
    assert [(one["seq"], one["by"], one["reason"]) for one in report["erasures"]] == [(51, "grace", "asked")]
    make_pack(db, tmp_path / "p2", filters={"session": "s2"})
    assert "erased as" not in audited(unpacked(tmp_path / "p2", tmp_path / "out2")).stdout


def test_content_that_is_gone_without_a_record_is_missing(tmp_path: Path) -> None:
    db = recorded(tmp_path / "r.db")
    connection = unguarded(db)
    connection.execute("UPDATE parts SET content = NULL, salt = NULL WHERE id = (SELECT max(id) FROM parts)")
    connection.close()
    made = make_pack(db, tmp_path / "p")
    assert made.report.verdict.exit_code == 11
    result = audited(unpacked(tmp_path / "p", tmp_path / "out"))
    assert result.returncode == 11
    assert "is gone, no record says why" in result.stdout


def test_a_hold_is_told_where_it_holds(tmp_path: Path) -> None:
    db = recorded(tmp_path / "r.db")
    with open_writer(db) as opened:
        choice = {"sessions": ["s1"]}
        body = {"event": "placed", "id": "h1", "by": "ada", "reason": "case 1", "choice": choice}
        Writer(opened, key=KEY).write([Make().event(RecordKind.HOLD, **body)])
    for session, holds in (("s1", ["h1"]), ("s2", [])):
        made = make_pack(db, tmp_path / session, filters={"session": session})
        assert [hold.id for hold in made.selection.holds] == holds
        folder = unpacked(tmp_path / session, tmp_path / f"{session}-out")
        assert [one["id"] for one in json.loads((folder / "reports/erasures.json").read_bytes())["holds"]] == holds
        assert ("hold" in {one["kind"] for one in rows(folder, "records.jsonl")}) is bool(holds)
        assert audited(folder).returncode == 0


def test_a_gap_of_the_record_is_a_gap_of_the_pack(tmp_path: Path) -> None:
    db = recorded(tmp_path / "r.db")
    with open_writer(db) as opened:
        gap = Make().event(RecordKind.GAP, run_id="run1", reason="the disk was full", policy="pass")
        Writer(opened, key=KEY).write([gap])
    make_pack(db, tmp_path / "p")
    folder = unpacked(tmp_path / "p", tmp_path / "out")
    result = audited(folder)
    assert result.returncode == 10
    assert "record 51 says that something was not recorded: the disk was full" in result.stdout
    report = json.loads((folder / "reports/gaps.json").read_bytes())
    assert [(one["kind"], one["reason"]) for one in report["gaps"] if one["seq"] == 51] == [
        ("unrecorded", "the disk was full")
    ]


def test_usage_is_exact_and_what_usage_says(whole: Path, record: Path) -> None:
    report = json.loads((whole / "reports/usage.json").read_bytes())
    with open_reader(record) as reader:
        (day,) = usage_by(reader, "day")
    assert (report["total"]["cost_usd"], report["total"]["interactions"]) == (day.cost_usd, 24)
    assert report["total"]["cost_usd"] == "4.75"
    assert [row["key"] for row in report["by_model"]] == ["claude-opus-4-6-20260101"]


def test_the_same_record_makes_the_same_bytes(record: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        make_pack(record, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    with zipfile.ZipFile(tmp_path / "one") as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {stat.S_IMODE(info.external_attr >> 16) for info in archive.infolist()} == {0o600}


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM records WHERE seq = 50",
        "UPDATE records SET leaf_hash = zeroblob(32) WHERE seq = 7",
        "DELETE FROM records WHERE seq = 9",
    ],
)
def test_records_that_do_not_fit_their_checkpoint_make_no_pack(tmp_path: Path, statement: str) -> None:
    db = recorded(tmp_path / "r.db")
    connection = unguarded(db)
    connection.execute(statement)
    connection.close()
    with pytest.raises(StoreError, match="do not fit the newest checkpoint"):
        make_pack(db, tmp_path / "p")


def test_a_record_edited_in_place_is_told_by_the_report_and_by_the_auditor(tmp_path: Path) -> None:
    db = recorded(tmp_path / "r.db")
    connection = unguarded(db)
    connection.execute("UPDATE records SET at_utc = '2026-11-23T12:00:06.999Z' WHERE seq = 7")
    connection.close()
    made = make_pack(db, tmp_path / "p")
    assert made.report.verdict.exit_code == 14
    assert audited(unpacked(tmp_path / "p", tmp_path / "out")).returncode in (14, 16)


def test_a_key_that_was_not_given_signs_nothing(whole: Path, record: Path, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(str(THIEF.verifier(origin(record))))
    result = audited(whole, "--public-key", tmp_path / "key")
    assert result.returncode == 17
    assert "wrong key: the manifest is signed with a key that was not given" in result.stdout
