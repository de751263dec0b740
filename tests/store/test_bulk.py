"""Many interactions at once say the same as each by itself."""

from datetime import datetime

import pytest

from recorder.model import Slot
from recorder.store import blocks, bulk, queries
from recorder.store.content import NOT_THERE
from recorder.store.database import open_reader, open_writer, transaction
from scripts.sample import START, Sample, fill, said


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "records.db"
    fill(path)
    return path


def everything(db, **filters):
    return list(queries.wholes(db, to=queries.last_seq(db), **filters))


def test_each_is_what_it_is_by_itself(path, monkeypatch):
    monkeypatch.setattr(bulk, "_ROWS_AT_ONCE", 3)
    with open_reader(path) as db:
        found = everything(db)
        assert [one.row for one in found] == sorted(queries.list_interactions(db), key=lambda row: row.started_utc)
        for one in found:
            id_ = one.row.id
            assert one.request == queries.request_body(db, id_)
            assert one.details == queries.details(db, id_)
            assert one.calls == queries.tool_calls(db, id_)
            assert one.answer is None or one.answer == queries.answer_body(db, id_)
            parts = queries.request_parts(db, id_)
            assert one.new == {slot: [part.position for part in parts[slot] if part.new] for slot in Slot}
            assert (one.missing, one.erased_by) == ([], None)
        assert sum(one.answer is not None for one in found) > 8


def test_what_is_new_after_a_fork_and_when_something_is_said_twice(tmp_path):
    path = tmp_path / "records.db"
    sample = Sample(path)
    go_on = said("user", "go on")
    talk = [said("user", "a"), said("user", "b")]
    for messages in (
        talk,
        [*talk, go_on],
        [*talk, go_on, go_on],
        [talk[0], go_on],
        [said("user", "title")],
        [*talk, go_on],
    ):
        sample.open(messages)
    sample.close()
    with open_reader(path) as db:
        found = everything(db)
        assert [one.new[Slot.MESSAGES] for one in found] == [[0, 1], [2], [3], [], [0], []]
        for one in found:
            parts = queries.request_parts(db, one.row.id)[Slot.MESSAGES]
            assert one.new[Slot.MESSAGES] == [part.position for part in parts if part.new]
        # begun in the middle, it knows what came before
        assert [one.new for one in queries.wholes(db, after=found[2].seq, to=found[-1].seq)] == [
            one.new for one in found[3:]
        ]


@pytest.mark.parametrize(
    ("given", "count"),
    [
        ({}, 14),
        ({"project": "billing"}, 3),
        ({"user": "grace"}, 3),
        ({"user": "nobody"}, 0),
        ({"model": "house-model-7b"}, 1),
        ({"model": "claude-sonnet-4-5-20250929"}, 2),
        ({"session": "c81e728d-9d4c-4f63-8f06-7f89cc14862c"}, 3),
        ({"since": datetime.fromisoformat("2026-11-24T00:00:00Z")}, 3),
        ({"until": START}, 0),
        ({"project": "webshop", "model": "house-model-7b"}, 1),
    ],
)
def test_filters(path, given, count):
    with open_reader(path) as db:
        found = everything(db, **given)
        assert len(found) == count
        extent = queries.extent(db, **given)
        assert (extent.count, extent.first, extent.last) == (
            (count, found[0].seq, found[-1].seq) if found else (0, 0, 0)
        )


def test_erased_content_is_told_and_keeps_nobody_from_the_rest(path):
    with open_writer(path) as db, transaction(db):
        (part,) = db.execute("SELECT min(id) FROM parts WHERE kind = 'message' AND id > 12").fetchone()
        blocks.release(db, [part])
        db.execute("UPDATE parts SET content = NULL, salt = NULL, erased_by = 3 WHERE id = ?", (part,))
    with open_reader(path) as db:
        found = everything(db)
    touched = [one for one in found if one.missing]
    assert 0 < len(touched) < len(found) == 14
    assert all(NOT_THERE in one.request for one in touched)
    assert all("record 3 says when, why and by whom" in one.missing[0] for one in touched)


def test_few_contents_are_kept(path, monkeypatch):
    monkeypatch.setattr(bulk, "_MOST_CONTENT_BYTES", 1)
    with open_reader(path) as db:
        assert [one.request for one in everything(db)] == [
            queries.request_body(db, one.row.id) for one in everything(db)
        ]
