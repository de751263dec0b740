"""A database of every released schema, as the recorder of its day filled it, is brought up to date and means the same.

`schemas/NAME.db.gz`: the made-up record of `scripts/sample.py`, written by the program whose last step was NAME.
"""

import gzip
from pathlib import Path

import pytest

from recorder.errors import StoreError, TooNewError
from recorder.store.blocks import Contents
from recorder.store.database import open_reader, open_writer
from recorder.store.migrations import STEPS
from recorder.store.queries import answer_body, details, get_interaction, list_interactions, request_body
from recorder.store.rebuild import rebuild
from recorder.store.verification import verify
from recorder.store.writer import Writer
from scripts.sample import SHOWN, fill

FOLDER = Path(__file__).with_name("schemas")
NEVER_LAST = frozenset({"m008_in_flight", "m010_keeping", "m012_limits", "m013_translated"})
"""Steps that no program had as its last: they came along with m014."""
FILES = sorted(FOLDER.glob("*.db.gz"))


def name(file):
    return file.name.split(".")[0]


@pytest.fixture(params=FILES, ids=name)
def old(request, tmp_path):
    path = tmp_path / "old.db"
    path.write_bytes(gzip.decompress(request.param.read_bytes()))
    return path


def meaning(db, table):
    """Its rows without the numbers of parts: headers and layouts were stored with every call once."""
    return [{name: value for name, value in row.items() if "part" not in name} for row in db[table].rows]


def test_every_step_that_was_released_has_its_database():
    there = [file.name.removesuffix(".db.gz") for file in FILES]
    assert there == [step for step in STEPS if step not in NEVER_LAST]


def test_it_is_brought_up_to_date_and_means_the_same(old, tmp_path, make):
    fill(tmp_path / "new.db")
    with open_writer(old) as db, open_reader(tmp_path / "new.db") as new:
        assert verify(db, []).counts.keys() <= {"unsigned", "gap"}
        assert {content for _, content in Contents(db).every()} == {content for _, content in Contents(new).every()}
        assert list_interactions(db) == list_interactions(new)
        for table in ("tool_calls", "findings", "runs"):
            assert meaning(db, table) == meaning(new, table)
        for row in list_interactions(new):
            assert request_body(db, row.id) == request_body(new, row.id)
            assert details(db, row.id).request_headers == details(new, row.id).request_headers
        assert answer_body(db, SHOWN) == answer_body(new, SHOWN)
        Writer(db).write([make.cut("next", b'{"messages":["1"]}'), make.closed("next")])
        assert get_interaction(db, "next").state == "complete"
        before = {name: list(db[name].rows) for name in db.table_names()}
        rebuild(db)
        assert {name: list(db[name].rows) for name in db.table_names()} == before
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("old", FILES[:-1], ids=name, indirect=True)
def test_reading_does_not_bring_it_up_to_date(old):
    before = old.read_bytes()
    with pytest.raises(StoreError, match="record into it to update it"), open_reader(old):
        pass
    assert old.read_bytes() == before


@pytest.mark.parametrize("open_", [open_reader, open_writer])
def test_one_that_a_newer_recorder_made_is_refused(tmp_path, open_):
    path = tmp_path / "newer.db"
    with open_writer(path) as db:
        db["_sqlite_migrations"].insert(
            {"migration_set": "recorder", "name": "m999_better", "applied_at": "2030-01-01T00:00:00+00:00"}
        )
        before = db.schema
    with pytest.raises(TooNewError, match="m999_better is not known here"), open_(path):
        pass
    with open_writer(tmp_path / "other.db") as db:
        assert db.schema == before
