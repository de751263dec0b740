"""A record whose key was rotated: believed from either end, and a key that was put away signs nothing any more."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from recorder.ledger.checkpoint import Checkpoint, claimed_checkpoint
from recorder.ledger.kinds import RecordKind
from recorder.ledger.leaf import canonical
from recorder.ledger.merkle import Frontier
from recorder.ledger.note import SigningKey, VerifierKey
from recorder.ledger.succession import Lineage, succession_note
from recorder.ledger.verdict import Verdict
from recorder.store.database import open_writer
from recorder.store.writer import Writer
from tests.store.conftest import Make
from tests.tampering.base import KEY, THIEF, fill, head, independent, origin, ours, unguarded
from tests.tampering.edits import rehash

LATER, LAST = SigningKey(b"1" * 32), SigningKey(b"2" * 32)
AT = "2026-11-25T00:00:00Z"
LINEAGE = Lineage(KEY).followed_by(LATER, AT)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Signed by one key, then by the next, then by a third."""
    path = tmp_path / "records.db"
    fill(path, interactions=8)
    path.with_suffix(".first").write_text(head(path), encoding="utf-8")
    make = Make()
    for lineage in (LINEAGE, LINEAGE.followed_by(LAST, AT)):
        with open_writer(path) as db:
            store = Writer(db, key=lineage)
            for number in range(3):
                store.write([make.event(RecordKind.CONFIG, what=f"{lineage.key.public.hex()} {number}")])
    return path


def both(path: Path, key: SigningKey, *notes: str) -> Verdict:
    keys: tuple[VerifierKey, ...] = (key.verifier(origin(path)),)
    report = ours(path, keys, notes)
    assert independent(path, keys, notes) is report.verdict, report
    return report.verdict


@pytest.mark.parametrize("key", [KEY, LATER, LAST])
def test_any_of_its_keys_will_do(path: Path, key: SigningKey) -> None:
    assert both(path, key) is Verdict.OK
    assert both(path, THIEF) is Verdict.WRONG_KEY


def test_an_old_checkpoint_holds(path: Path) -> None:
    first = path.with_suffix(".first").read_text(encoding="utf-8")
    for key in (KEY, LATER, LAST):
        assert both(path, key, first) is Verdict.OK


def signed_again(path: Path, key: SigningKey) -> None:
    with unguarded(path) as db:
        frontier = Frontier()
        for (leaf,) in db.execute("SELECT leaf_hash FROM records ORDER BY seq"):
            frontier.append(leaf)
        name = claimed_checkpoint(db.execute("SELECT note FROM tree_head").fetchone()[0]).origin
        note = Checkpoint(name, frontier.size, frontier.root()).signed(key)
        db.execute("UPDATE tree_head SET note = ?, frontier = ?", (note, frontier.packed()))
    db.close()


@pytest.mark.parametrize("old", [KEY, LATER])
def test_a_key_that_was_put_away_signs_no_more(path: Path, old: SigningKey) -> None:
    signed_again(path, old)
    for key in (KEY, LATER, LAST):
        assert both(path, key) is Verdict.WRONG_KEY


def append(db: sqlite3.Connection, kind: str, body: dict[str, object]) -> None:
    (seq,) = db.execute("SELECT max(seq) + 1 FROM records").fetchone()
    row = (seq, kind, "2026-11-26T00:00:00.000Z", canonical(body).decode(), bytes(32), None)
    db.execute("INSERT INTO records (seq, kind, at_utc, body, leaf_hash, base) VALUES (?, ?, ?, ?, ?, ?)", row)
    rehash(db, seq)


@pytest.mark.parametrize("before", [THIEF, KEY, LAST], ids=["the thief itself", "a key put away", "the key in use"])
def test_a_thief_cannot_name_itself(path: Path, before: SigningKey) -> None:
    note = succession_note(THIEF, THIEF.public, AT)
    if before is not THIEF:  # whose name it can write, but not sign for
        note = note.replace(note.split("\n")[1], succession_note(before, THIEF.public, AT).split("\n")[1])
    with unguarded(path) as db:
        append(db, "key", {"event": "rotated", "purpose": "signing", "successions": [note]})
    db.close()
    signed_again(path, THIEF)
    for key in (KEY, LAST):
        assert both(path, key) is Verdict.WRONG_KEY


def test_a_thief_cannot_put_itself_before_the_key_in_use(path: Path, tmp_path: Path) -> None:
    """Anybody can sign that LAST follows; the record that says so must be under a checkpoint of LAST's own."""
    copy = Path(shutil.copy(path, tmp_path / "copy.db"))
    with unguarded(copy) as db:
        db.execute("UPDATE records SET body = replace(body, 'run1', 'run2') WHERE kind = 'start'")
        append(db, "key", {"successions": [succession_note(THIEF, LAST.public, AT)]})
        rehash(db)
        db.execute("DELETE FROM checkpoints")
    db.close()
    signed_again(copy, THIEF)
    assert both(copy, LAST) is Verdict.WRONG_KEY
