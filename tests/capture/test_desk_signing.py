"""The writer process signs what it records, remembers it, and notices another record in its place."""

import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

from recorder.capture.desk import Desk
from recorder.capture.head_memory import HeadMemory
from recorder.capture.messages import Hello
from recorder.capture.signing_keys import SIGNING_KEY, ensure_signing_keys
from recorder.ledger.checkpoint import claimed_checkpoint, open_checkpoint
from recorder.ledger.kinds import RecordKind
from recorder.store.database import open_reader
from recorder.store.queries import last_seq, records
from tests.support.desk import greeting


@pytest.fixture
def hello(tmp_path: Path) -> Hello:
    return greeting(tmp_path, state_dir=str(tmp_path / "state"))


def run(hello: Hello, run_id: str) -> None:
    """A recorder that starts, and is gone."""
    desk = Desk(msgspec.structs.replace(hello, run_id=run_id))
    assert desk._store is not None
    desk._store.close()


def bodies(hello: Hello, kind: RecordKind) -> list[dict[str, Any]]:
    with open_reader(Path(hello.db)) as db:
        return [record.body for record in records(db) if record.kind is kind]


def head(hello: Hello) -> str:
    with open_reader(Path(hello.db)) as db:
        note: str = db.execute("SELECT note FROM tree_head").fetchone()[0]
    return note


def remembered(hello: Hello) -> str | None:
    return HeadMemory(Path(hello.state_dir or ""), Path(hello.db)).read()


def test_the_start_is_signed_and_remembered(hello: Hello) -> None:
    Desk(hello)
    key = ensure_signing_keys(Path(hello.config_dir)).key
    note = head(hello)
    signed = open_checkpoint(note, [key.verifier(claimed_checkpoint(note).origin)])
    with open_reader(Path(hello.db)) as db:
        assert signed.size == last_seq(db) > 0
    assert remembered(hello) == note
    assert bodies(hello, RecordKind.START)[0]["signed_by"] == key.public.hex()
    assert (Path(hello.config_dir) / SIGNING_KEY).stat().st_mode & 0o777 == 0o600


def test_a_start_in_good_order_notices_nothing(hello: Hello) -> None:
    for number in range(3):
        run(hello, f"run{number}")
    assert bodies(hello, RecordKind.DISCREPANCY) == []


def test_an_older_copy_in_its_place_is_noticed(hello: Hello, tmp_path: Path) -> None:
    db = Path(hello.db)
    run(hello, "one")
    shutil.copy(db, tmp_path / "older.db")
    run(hello, "two")
    longer = remembered(hello)
    shutil.copy(tmp_path / "older.db", db)
    run(hello, "three")
    assert bodies(hello, RecordKind.DISCREPANCY) == [{"reason": "cut", "checkpoint": longer}]
    assert remembered(hello) == head(hello)


def test_a_new_database_in_its_place_is_noticed(hello: Hello) -> None:
    run(hello, "one")
    gone = remembered(hello)
    for path in Path(hello.db).parent.glob("records.db*"):
        path.unlink()
    run(hello, "two")
    assert bodies(hello, RecordKind.DISCREPANCY) == [{"reason": "replaced", "checkpoint": gone}]


def test_a_damaged_signing_key_does_not_stop_the_recording(hello: Hello) -> None:
    folder = Path(hello.config_dir)
    folder.mkdir()
    (folder / SIGNING_KEY).write_bytes(b"short")
    run(hello, "one")
    (start,) = bodies(hello, RecordKind.START)
    assert "signed_by" not in start
    assert remembered(hello) is None
    (folder / SIGNING_KEY).unlink()
    run(hello, "two")
    (found,) = bodies(hello, RecordKind.DISCREPANCY)
    assert (found["reason"], found["first"]) == ("unsigned", "1")
