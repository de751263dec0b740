"""What is made anew from records and parts is what was there."""

import pytest

from recorder.errors import StoreError
from recorder.store.database import open_writer
from recorder.store.rebuild import rebuild
from recorder.store.verification import verify
from recorder.store.writer import Writer
from tests.tampering.base import KEY, origin, unguarded
from tests.tampering.everything import fill_all


@pytest.fixture
def rich(path):
    fill_all(path)
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
        assert verify(db, [KEY.verifier(origin(rich))]).counts.keys() <= {"gap", "content erased as recorded"}


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
        assert verify(db, [KEY.verifier(origin(rich))]).counts.keys() <= {"gap", "content erased as recorded"}
