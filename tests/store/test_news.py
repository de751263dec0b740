import pytest

from recorder.model import FlowClass, Slot
from recorder.store.database import open_reader
from recorder.store.news import read_parts, request_before, request_part_ids, request_parts, requests_before
from recorder.store.queries import list_interactions, list_sessions
from scripts.sample import fill


def new(reader, name):
    return [part.content.decode().strip('"') for part in request_parts(reader, name)[Slot.MESSAGES] if part.new]


def test_rows(store, reader, make):
    store.write([make.cut("a", b'{"system":["s"],"messages":[{"role":"user"},2],"tools":[]}')])
    parts = request_parts(reader, "a")
    assert {slot: len(rows) for slot, rows in parts.items()} == {Slot.SYSTEM: 1, Slot.TOOLS: 0, Slot.MESSAGES: 2}
    first, second = parts[Slot.MESSAGES]
    assert (first.position, first.kind, first.role, first.content, first.new) == (
        0,
        "message",
        "user",
        b'{"role":"user"}',
        True,
    )
    assert (second.position, second.role, second.content) == (1, None, b"2")


def test_what_was_in_the_request_before_is_not_new(store, reader, make):
    store.write([make.opened("a", ["1"]), make.opened("b", ["1", "2", "3"]), make.opened("c", ["1", "2", "3"])])
    assert new(reader, "a") == ["1"]
    assert new(reader, "b") == ["2", "3"]
    assert new(reader, "c") == []


def test_what_is_said_again_is_new(store, reader, make):
    store.write([make.opened("a", ["go on", "x"]), make.opened("b", ["go on", "x", "go on"])])
    rows = request_parts(reader, "b")[Slot.MESSAGES]
    assert [row.new for row in rows] == [False, False, True]


def test_a_changed_message_is_new_and_those_behind_it_are_not(store, reader, make):
    store.write([make.opened("a", ["1", "2", "3"]), make.opened("b", ["1", "two", "3"])])
    assert new(reader, "b") == ["two"]


def test_a_dropped_reminder_does_not_hide_the_request_before(store, reader, make):
    store.write(
        [
            make.opened("a", ["1", "2", "3 and a reminder"]),
            make.opened("title", ["name this"]),
            make.opened("b", ["1", "2", "3", "4"]),
        ]
    )
    assert new(reader, "b") == ["3", "4"]


def test_helpers_in_between_do_not_count_as_the_request_before(store, reader, make):
    store.write([make.opened("a", ["1", "2"])])
    store.write([make.opened(f"title{number}", ["name this", str(number)]) for number in range(5)])
    store.write([make.opened("b", ["1", "2", "3"])])
    assert new(reader, "b") == ["3"]
    assert new(reader, "title3") == ["3"]


def test_the_latest_of_equals_is_the_request_before(store, reader, make):
    # Both share "1"; the system prompt of the later one is compared with.
    store.write(
        [
            make.cut("a", b'{"system":["old"],"messages":["1"]}'),
            make.cut("b", b'{"system":["new"],"messages":["1"]}'),
            make.cut("c", b'{"system":["new"],"messages":["1","2"]}'),
        ]
    )
    assert [row.new for row in request_parts(reader, "c")[Slot.SYSTEM]] == [False]


def test_without_a_shared_beginning_the_latest_is_the_request_before(store, reader, make):
    store.write(
        [make.cut("a", b'{"system":["s"],"messages":["1"]}'), make.cut("b", b'{"system":["s"],"messages":["2"]}')]
    )
    assert [row.new for row in request_parts(reader, "b")[Slot.SYSTEM]] == [False]
    assert new(reader, "b") == ["2"]


@pytest.mark.parametrize(
    "other", [{"session": "s2"}, {"session": None}, {"agent": "agent1"}, {"flow_class": FlowClass.SUPPORT}]
)
def test_other_sessions_and_agents_are_none_of_its_business(store, reader, make, other):
    store.write([make.opened("a", ["1"], **other), make.opened("b", ["1", "2"])])
    assert new(reader, "b") == ["1", "2"]


def test_a_request_without_messages(store, reader, make):
    store.write([make.opened("a", ["1"]), make.opened("b")])
    assert request_parts(reader, "b") == {slot: [] for slot in Slot}


def test_the_request_before(store, reader, make):
    store.write([make.opened("a", ["1"]), make.opened("title", ["name"]), make.opened("b", ["1", "2"])])
    store.write([make.opened("elsewhere", ["1", "2", "3"], session="s2")])
    assert [request_before(reader, name) for name in ("a", "b", "elsewhere")] == [None, "a", None]


def test_of_a_whole_session_at_once(tmp_path):
    path = tmp_path / "records.db"
    fill(path)
    with open_reader(path) as db:
        for session in list_sessions(db):
            rows = list_interactions(db, session=session.id, flow_class="model")
            assert requests_before(db, session.id) == {row.id: request_before(db, row.id) for row in rows}


def test_ids_and_contents_of_elements(tmp_path):
    path = tmp_path / "records.db"
    fill(path)
    with open_reader(path) as db:
        for row in list_interactions(db):
            ids, parts = request_part_ids(db, row.id), request_parts(db, row.id)
            for slot in Slot:
                assert ids[slot] == [part.part_id for part in parts[slot]]
                assert read_parts(db, ids[slot]) == [(part.role, part.content) for part in parts[slot]]
