"""What is made anew from records and parts is what was there."""

import json

import pytest

from recorder.errors import StoreError
from recorder.ledger.kinds import RecordKind
from recorder.model import Finding
from recorder.store.choice import Choice
from recorder.store.database import open_writer
from recorder.store.keeping import Order
from recorder.store.rebuild import rebuild
from recorder.store.verification import verify
from recorder.store.writer import Writer
from scripts import sample
from tests.tampering.base import KEY, add_interaction, unguarded

NAMES = [f"{number:02x}" * 16 for number in range(3)]


@pytest.fixture
def rich(path, make):
    """Sessions, agents, retries, tool calls, failures, secrets under two keys, erasures, holds, one call open."""
    sample.fill(path)
    with open_writer(path) as db:
        store = Writer(db, key=KEY)
        store.write([make.event(RecordKind.START, run_id="run1", host="box", pid=1, version="0")])
        for number in range(12):
            add_interaction(store, make, number)
        secret = {"role": "user", "content": f"[REDACTED:github-pat:{NAMES[0]}] and [REDACTED:github-pat:{NAMES[1]}]"}
        found = tuple(Finding("github-pat", name) for name in NAMES[:2])
        body = json.dumps({"model": "m", "system": [{"type": "text", "text": "x"}], "messages": [secret]}).encode()
        store.write([make.cut("secret", body, findings=found, session="secret"), make.closed("secret")])
        store.write([make.event(RecordKind.KEY, links=[{"fingerprint": NAMES[2], "former": NAMES[0]}])])
        store.write(
            [make.event(RecordKind.HOLD, event="placed", id="h", choice={"users": ["ada"]}, by="c", reason="r")]
        )
        store.write([make.event(RecordKind.HOLD, event="released", id="h", by="c", reason="r")])
        for choice in (Choice(sessions=("s1",)), Choice(texts=("Release notes",))):
            order = Order(kind=RecordKind.ERASURE, choice=choice, at_utc="2026-12-01T00:00:00.000Z", by="a", reason="b")
            assert store.erase(order).parts
        store.write([make.event(RecordKind.CRASH, run_id="run1", interactions=0)])
    return path


def dump(db):
    return {name: list(db[name].rows) for name in db.table_names()}


def test_it_is_what_was_there(rich):
    with open_writer(rich) as db:
        before = dump(db)
        for table in ("findings", "secrets", "tool_calls", "fingerprint_links", "erasures", "holds", "chains", "runs"):
            assert before[table], table
        ticks = []
        assert rebuild(db, lambda done, total: ticks.append((done, total))) == len(before["records"])
        assert ticks[-1] == (len(before["records"]),) * 2
        after = dump(db)
        for name in before:
            assert after[name] == before[name], name
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE interactions SET cost_usd = '0', user = 'nobody', erased_by = NULL",
        "DELETE FROM tool_calls",
        "DELETE FROM findings",
        "UPDATE runs SET stopped_utc = NULL",
        "UPDATE holds SET released_seq = NULL",
        "DELETE FROM chains WHERE id = (SELECT max(id) FROM chains)",
        "DELETE FROM chains",
    ],
)
def test_what_was_damaged_is_as_it_should_be(rich, damage):
    with open_writer(rich) as db:
        before = dump(db)
    with unguarded(rich) as connection:
        connection.execute(damage)
    connection.close()
    with open_writer(rich) as db:
        rebuild(db)
        assert {name: len(rows) for name, rows in dump(db).items()} == {n: len(rows) for n, rows in before.items()}
        assert [row for row in dump(db)["interactions"] if row["erased_by"]] == [
            row for row in before["interactions"] if row["erased_by"]
        ]
        assert verify(db, []).counts.keys() <= {"wrong key", "unsigned", "gap", "content erased as recorded"}


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE records SET body = '{}' WHERE seq = 3",
        "DELETE FROM parts WHERE id = 3",
    ],
)
def test_of_damaged_records_nothing_is_made(rich, damage):
    with unguarded(rich) as connection:
        connection.execute(damage)
    connection.close()
    with open_writer(rich) as db:
        before = dump(db)
        with pytest.raises(StoreError, match="recorder verify"):
            rebuild(db)
        assert dump(db) == before


def test_recording_goes_on_after_it(rich, make):
    with open_writer(rich) as db:
        rebuild(db)
        Writer(db, key=KEY).write([make.cut("next", b'{"messages":["1"]}'), make.closed("next")])
        assert verify(db, []).counts.keys() <= {"wrong key", "unsigned", "gap", "content erased as recorded"}
