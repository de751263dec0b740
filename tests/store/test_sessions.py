import msgspec
import pytest

from recorder.errors import StoreError
from recorder.model import Finding, Identity, State
from recorder.store import sessions
from recorder.store.sessions import get_session, list_sessions


def test_a_whole_row(store, reader, make):
    store.write(
        [make.opened("a", user="old", project="old", findings=(Finding("x", count=2),)), make.priced("a", "0.1")]
    )
    store.write([make.opened("b", agent="x"), make.priced("b", "0.2", model="haiku", tools=["t1", "t2"])])
    store.write([make.opened("c", agent="x", model="sonnet"), make.closed("c", State.ABORTED, model=None)])
    last = make.opened("d", agent="y", user="ann", project="new", model=None)
    store.write([last, make.opened("other", session="s2")])
    row = list_sessions(reader)[1]
    assert msgspec.structs.asdict(row) == {
        "id": "s1",
        "project": "new",
        "user": "ann",
        "client": "claude-cli/2.1.330",
        "models": ("claude-opus-4-6-20260101", "haiku", "sonnet"),
        "started_utc": "2026-11-23T12:00:00.000Z",
        "last_utc": last.at_utc,
        "interactions": 4,
        "failed": 1,
        "agents": 2,
        "tool_calls": 2,
        "findings": 2,
        "input_tokens": 20,
        "output_tokens": 10,
        "cache_read_tokens": 6,
        "cache_write_5m_tokens": 4,
        "cache_write_1h_tokens": 0,
        "cost_usd": "0.3",
        "unknown_costs": 1,
    }


def test_the_newest_first(store, reader, make):
    for name, session in [("a", "s1"), ("b", "s2"), ("c", None), ("d", "s1")]:
        store.write([make.opened(name, session=session)])
    assert [row.id for row in list_sessions(reader)] == ["s1", None, "s2"]
    assert [row.id for row in list_sessions(reader, limit=1)] == ["s1"]


def test_filters(store, reader, make):
    store.write([make.opened("a"), make.opened("b", project="p2"), make.opened("c", session="s2")])
    (row,) = list_sessions(reader, project="p2")
    assert (row.id, row.interactions) == ("s1", 1)


def test_words_that_look_like_the_packing(store, reader, make):
    odd = '","x]\u2028\0'
    store.write([make.opened("a", user=odd, project=odd, identity=Identity(session_id="s1", client=None))])
    (row,) = list_sessions(reader)
    assert (row.user, row.project, row.client) == (odd, odd, None)


def test_get_by_prefix(store, reader, make):
    store.write([make.opened(name, session=name) for name in ("abc", "abd", "ab", "x")])
    assert get_session(reader, "abc").id == "abc"
    assert get_session(reader, "ab").id == "ab"
    assert get_session(reader, "x").interactions == 1
    with pytest.raises(StoreError, match="several sessions"):
        get_session(reader, "a")
    for missing in ("abcd", ""):
        with pytest.raises(StoreError, match="no session"):
            get_session(reader, missing)


def test_one_query(store, reader, make):
    store.write([make.opened("a"), make.opened("b", session="s2")])
    list_sessions(reader)  # what has ended is added to the totals once
    statements = []
    reader.conn.set_trace_callback(statements.append)
    assert len(list_sessions(reader)) == 2
    assert sum("FROM interactions" in statement for statement in statements) == 1


@pytest.mark.parametrize("sums", [1, 8])
def test_the_newest_of_many_are_those_of_the_whole_list(store, reader, make, monkeypatch, sums):
    monkeypatch.setattr(sessions, "_SUMS_OF_A_SESSION", sums)
    for number in range(24):  # the newest sums are of few sessions: each agent has its own
        session = None if number % 5 == 4 else f"s{min(number, 18 + number % 3) % 7}"
        call = make.opened(f"c{number}", session=session, agent=f"a{number}" if number % 2 else None)
        store.write([call, make.priced(f"c{number}", "0.1")])
    every = list_sessions(reader)
    assert len(every) == 8
    for limit in range(10):
        assert list_sessions(reader, limit=limit) == every[:limit]
        assert list_sessions(reader, limit=limit, project="none of them") == []
