"""Sums over the file of totals are those over the interactions, whatever is open, new, or cut by a filter."""

import stat
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recorder.model import Identity, State, Usage
from recorder.store import queries, totals
from recorder.store.database import open_reader, open_writer
from recorder.store.sessions import list_sessions
from recorder.store.usage import usage_by, usage_trend
from recorder.store.writer import Writer
from tests.store.conftest import Make

GROUPINGS = ("day", "model", "project", "session", "provider", "agent", "team", "user", "key")


def times(day, hour=0):
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def at(moment):
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


CALLS = st.lists(
    st.fixed_dictionaries(
        {
            "at": st.builds(times, st.integers(20, 24), st.integers(0, 23)).map(at),
            "session": st.sampled_from(["s1", "s2", None]),
            "agent": st.sampled_from([None, None, "x"]),
            "project": st.sampled_from(["p1", "p2", None]),
            "key": st.sampled_from(["k1", None]),
            "usd": st.sampled_from(["0.1", "0.0000001", "12345678.000000001", None]),
            "state": st.sampled_from([State.COMPLETE, State.FAILED, State.OPEN]),
            "model": st.sampled_from(["opus", "haiku", None]),
        }
    ),
    max_size=12,
)


def write(store, make, name, call):
    identity = Identity(session_id=call["session"], agent_id=call["agent"])
    store.write(
        [make.opened(name, at_utc=call["at"], identity=identity, project=call["project"], access_key=call["key"])]
    )
    if call["state"] is not State.OPEN:
        usage = Usage(input_tokens=3, output_tokens=2) if call["state"] is State.COMPLETE else None
        cost = {"cost_usd": call["usd"] if usage else None, "usage": usage, "model": call["model"]}
        store.write([make.closed(name, call["state"], **cost)])


def asked(db, **filters):
    sums = [(usage_by(db, by, **filters), usage_trend(db, by, **filters)) for by in GROUPINGS]
    filters.pop("model", None)
    return [*sums, list_sessions(db, **filters)]


@settings(max_examples=40)
@given(
    before=CALLS,
    after=CALLS,
    since=st.none() | st.builds(times, st.integers(19, 25), st.sampled_from([0, 12, 23])),
    until=st.none() | st.builds(times, st.integers(19, 25), st.sampled_from([0, 12, 23])),
    project=st.sampled_from([None, "p1"]),
    model=st.sampled_from([None, None, "opus"]),
)
def test_the_same_as_without(tmp_path_factory, before, after, since, until, project, model):
    path = tmp_path_factory.mktemp("totals") / "records.db"
    make = Make()
    filters = {"since": since, "until": until, "project": project, "model": model}
    with open_writer(path) as db, open_reader(path) as reader:
        store = Writer(db)
        for number, call in enumerate(before):
            write(store, make, f"before {number}", call)
        asked(reader)
        for number, call in enumerate(after):
            write(store, make, f"after {number}", call)
        with_totals = asked(reader, **filters)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(totals, "_update", lambda *_: False)
            assert with_totals == asked(reader, **filters)


@pytest.mark.parametrize(
    ("by", "filters", "table"),
    [
        ("day", {}, "by_provider"),
        ("day", {"project": "p1"}, "by_project"),
        ("project", {"flow_class": "model", "since": times(20)}, "by_project"),
        ("model", {"model": "opus"}, "by_model"),
        ("key", {}, "by_access_key"),
        ("project", {"user": "ann"}, "totals"),
        ("session", {}, "totals"),
        ("agent", {}, "totals"),
    ],
)
def test_the_fewest_rows_that_have_what_is_asked_for(reader, by, filters, table):
    statements = []
    reader.conn.set_trace_callback(statements.append)
    usage_by(reader, by, **filters)
    assert f" FROM totals.{table} AS i" in statements[-1]


@pytest.mark.parametrize(("since", "count"), [(times(19), 2), (times(20), 2), (times(20, 1), 1), (times(21), 1)])
def test_from_the_first_moment_of_a_day_on(store, make, reader, since, count):
    for name, moment in (("a", times(20)), ("b", times(21, 5))):
        store.write([make.opened(name, at_utc=at(moment)), make.priced(name, "1")])
    assert sum(row.interactions for row in usage_by(reader, "day", since=since)) == count


def test_a_day_that_is_whole_is_not_added_up_again(reader):
    statements = []
    reader.conn.set_trace_callback(statements.append)
    usage_by(reader, "day", since=times(20), until=times(21, 1))
    assert "i.started_utc >= '2026-11-21' AND i.started_utc < '2026-11-22'" in statements[-1]
    assert "i.started_utc >= '2026-11-20' AND" not in statements[-1]


@pytest.fixture
def counted(store, make, path, reader):
    store.write([make.opened("a"), make.priced("a", "0.25"), make.opened("b"), make.priced("b", "0.5")])
    usage_by(reader, "model")
    return path.with_name("records.db.totals")


def test_what_has_ended_is_read_once(counted, store, make, reader):
    store.write([make.opened("c"), make.priced("c", "1")])
    statements = []
    reader.conn.set_trace_callback(statements.append)
    assert usage_by(reader, "model")[0].cost_usd == "1.75"
    read = [one for one in statements if "i.closed_seq > " in one and "UNION" not in one]
    assert len(read) == 1  # and not from the beginning
    assert "i.closed_seq > 4 AND i.closed_seq <= 6" in read[0]


def test_how_far_long_sums_are_is_told(store, make, path, reader, monkeypatch):
    monkeypatch.setattr(totals, "_STEP", 2)
    store.write([row for name in "abc" for row in (make.opened(name), make.priced(name, "1"))])
    told = []
    queries.sum_up(reader, lambda done, total: told.append((done, total)))
    assert told == [(2, 6), (4, 6)]
    assert usage_by(reader, "model")[0].cost_usd == "3"
    queries.sum_up(reader, lambda *_: pytest.fail("all is done"))


def test_the_file_is_private_and_may_go(counted, path, reader):
    assert stat.S_IMODE(counted.stat().st_mode) == 0o600
    before = usage_by(reader, "model")
    totals.forget_totals(path)
    with open_reader(path) as again:
        assert usage_by(again, "model") == before
    assert counted.exists()


def test_a_damaged_file_is_made_anew(counted, path):
    counted.write_bytes(b"damaged" * 1000)
    with open_reader(path) as again:
        assert usage_by(again, "model")[0].cost_usd == "0.75"


def test_where_no_file_can_be_written_the_sums_are_the_same(store, make, path, reader):
    store.write([make.opened("a"), make.priced("a", "0.25")])
    path.with_name("records.db.totals").mkdir()
    assert usage_by(reader, "model")[0].cost_usd == "0.25"


def test_a_state_is_asked_of_the_interactions(counted, reader):
    assert usage_by(reader, "model", state=State.FAILED) == []
    assert [msgspec.structs.asdict(row)["interactions"] for row in usage_by(reader, "model", state="complete")] == [2]
