from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest

from recorder.errors import StoreError
from recorder.model import Finding, FlowClass, Identity, Provider, SafeText, State, Usage
from recorder.store.interactions import follow, get_interaction, list_interactions
from recorder.store.results import InteractionRow
from recorder.store.rows import Limited, Routed


def ids(rows):
    return "".join(row.id for row in rows)


def test_a_whole_row(store, reader, make):
    identity = Identity(
        session_id="s1",
        agent_id="a1",
        parent_agent_id="a0",
        agent_type="Explore",
        request_class="subagent",
        client="claude-cli/2.1.330",
        user="account",
        device="d",
    )
    opened = make.opened(
        "a",
        ["hi"],
        identity=identity,
        team="blue",
        branch="main",
        access_key="0123456789ab",
        routed=Routed(
            policy="00" * 32,
            rule="all",
            upstream="gateway",
            url=SafeText("https://gw/v1/messages"),
            model=SafeText("m"),
            headers=(SafeText("x-team"),),
        ),
        limited=Limited(
            policy="00" * 32,
            usd="0.5",
            input_tokens=10,
            output_tokens=20,
            notes=(SafeText("budget a: 80% of 1 USD spent today"), SafeText("waited 1.0 s for rate b")),
        ),
        findings=(Finding("github-pat", "ff", 2), Finding("x")),
        anomalies=("one",),
    )
    usage = Usage(
        input_tokens=1,
        output_tokens=2,
        cache_read_tokens=3,
        cache_write_5m_tokens=4,
        cache_write_1h_tokens=5,
        thinking_tokens=6,
        web_search_requests=7,
    )
    closed = make.closed(
        "a",
        tools=["t1", "t2"],
        usage=usage,
        provider=Provider.LITELLM,
        reason="why",
        status=200,
        message_id="msg_1",
        stop_reason="tool_use",
        request_id="req_1",
        cost_usd="0.0123",
        cost={"table": "genai-prices 0.2.3", "reason": "approximated", "usd": "0.0123", "rates": {"input": "5"}},
        error_type="odd",
        ttft_us=1_234,
        duration_us=5_678,
        response_bytes=99,
        findings=(Finding("jwt", "aa"),),
        anomalies=("two", "three"),
    )
    store.write([opened, closed])
    assert msgspec.structs.asdict(get_interaction(reader, "a")) == {
        "id": "a",
        "session_id": "s1",
        "agent_id": "a1",
        "parent_agent_id": "a0",
        "agent_type": "Explore",
        "request_class": "subagent",
        "flow_class": "model",
        "protocol": "messages",
        "provider": "litellm",
        "host": "api.anthropic.com:443",
        "path": "/v1/messages?beta=true",
        "model": "claude-opus-4-6",
        "model_answered": "claude-opus-4-6-20260101",
        "state": "complete",
        "state_reason": "why",
        "status": 200,
        "stop_reason": "tool_use",
        "error_type": "odd",
        "input_tokens": 1,
        "output_tokens": 2,
        "cache_read_tokens": 3,
        "cache_write_5m_tokens": 4,
        "cache_write_1h_tokens": 5,
        "thinking_tokens": 6,
        "web_search_requests": 7,
        "cost_usd": "0.0123",
        "price_table": "genai-prices 0.2.3",
        "cost_reason": "approximated",
        "started_utc": "2026-11-23T12:00:00.000Z",
        "ttft_ms": 1.234,
        "duration_ms": 5.678,
        "request_bytes": 100,
        "response_bytes": 99,
        "request_id": "req_1",
        "message_id": "msg_1",
        "retry_of": None,
        "project": "p1",
        "user": "account",
        "tool_calls": 2,
        "findings": 4,
        "anomalies": 3,
        "client": "claude-cli/2.1.330",
        "streaming": True,
        "team": "blue",
        "branch": "main",
        "access_key": "0123456789ab",
        "route": "all",
        "upstream": "gateway",
        "sent_to": "https://gw/v1/messages",
        "model_sent": "m",
        "reserved_usd": "0.5",
        "limit_note": "budget a: 80% of 1 USD spent today; waited 1.0 s for rate b",
        "protocol_sent": None,
    }


def test_an_open_row_knows_little(store, reader, make):
    store.write([make.opened("a", streaming=None, model=None)])
    row = get_interaction(reader, "a")
    assert (row.state, row.status, row.input_tokens, row.cost_usd, row.duration_ms) == ("open", None, None, None, None)
    assert (row.streaming, row.tool_calls, row.findings) == (None, 0, 0)


def test_the_configured_user_goes_before_the_account(store, reader, make):
    store.write([make.opened("a", user="ann", identity=Identity(user="account"))])
    assert get_interaction(reader, "a").user == "ann"


@pytest.fixture
def filled(store, make):
    """a..f, one a second."""
    store.write([make.opened("a", at_utc="2026-11-23T10:00:00.000Z"), make.closed("a")])
    store.write([make.opened("b", session="s2", at_utc="2026-11-23T11:00:00.000Z")])
    store.write([make.opened("c", project=None, at_utc="2026-11-23T12:00:00.000Z"), make.closed("c", State.FAILED)])
    store.write([make.opened("d", model=SafeText("opus"), at_utc="2026-11-23T13:00:00.000Z"), make.closed("d")])
    answered = make.closed("e", model=SafeText("opus"))
    store.write([make.opened("e", at_utc="2026-11-23T14:00:00.000Z"), answered])
    support = {"flow_class": FlowClass.SUPPORT, "session": None}
    store.write([make.opened("f", at_utc="2026-11-23T09:00:00.000Z", **support)])


NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, "edcbaf"),
        ({"limit": 2}, "ed"),
        ({"limit": 0}, ""),
        ({"session": "s1"}, "edca"),
        ({"session": "s"}, ""),
        ({"project": "p1"}, "edbaf"),
        ({"project": None, "session": None}, "edcbaf"),
        ({"model": "opus"}, "ed"),
        ({"model": "opus", "limit": 1}, "e"),
        ({"model": "opus", "until": NOON + timedelta(hours=2)}, "d"),
        ({"model": "claude-opus-4-6", "limit": 3}, "ecb"),
        ({"since": NOON}, "edc"),
        ({"until": NOON}, "baf"),
        ({"since": NOON, "until": NOON + timedelta(milliseconds=1)}, "c"),
        ({"since": datetime(2026, 11, 23, 17, tzinfo=timezone(timedelta(hours=5)))}, "edc"),
        ({"state": State.FAILED}, "c"),
        ({"state": "open"}, "bf"),
        ({"flow_class": FlowClass.SUPPORT}, "f"),
        ({"session": "s1", "state": "complete", "project": "p1", "limit": 2}, "ed"),
        ({"session": "s1' OR 1=1 --"}, ""),
    ],
)
def test_filters(filled, reader, filters, expected):
    assert ids(list_interactions(reader, **filters)) == expected


def test_a_time_needs_its_zone(reader):
    with pytest.raises(ValueError, match="zone"):
        list_interactions(reader, since=datetime(2026, 1, 1))  # noqa: DTZ001 — that is the point


@pytest.mark.parametrize("filters", [{}, {"model": "opus", "session": "s1"}, {"limit": 3}])
def test_a_list_is_one_query(filled, reader, filters):
    statements = []
    reader.conn.set_trace_callback(statements.append)
    assert list_interactions(reader, **filters)
    assert len(statements) == 1


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        ({}, "interactions_started"),
        ({"since": NOON}, "interactions_started"),
        ({"project": "p1"}, "interactions_project"),
        ({"state": "failed"}, "interactions_failed"),
        ({"state": "open"}, "(closed_seq=?)"),
        ({"session": "s1"}, "interactions_session"),
        ({"model": "opus"}, "interactions_model_answered"),
    ],
)
def test_a_list_has_its_index(reader, filters, index):
    seen = []
    with reader.tracer(lambda sql, parameters: seen.append((sql, parameters))):
        list_interactions(reader, limit=10, **filters)
    ((sql, parameters),) = seen
    plan = [row[3] for row in reader.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)]
    assert any(index in step for step in plan), plan
    if filters.keys().isdisjoint({"session", "model"}) and filters.get("state") != "open":  # which are few
        assert not any("B-TREE FOR ORDER BY" in step for step in plan), plan


def test_get_by_prefix(store, reader, make):
    store.write([make.opened(name) for name in ("abc", "abd", "ab", "x_1", "x%1", "xa1")])
    assert get_interaction(reader, "abc").id == "abc"
    assert get_interaction(reader, "ab").id == "ab"
    assert get_interaction(reader, "x_").id == "x_1"
    assert get_interaction(reader, "x%").id == "x%1"
    with pytest.raises(StoreError, match=r"several.*ab, abc, abd"):
        get_interaction(reader, "a")
    for missing in ("abcd", "b", "", "%", "'"):
        with pytest.raises(StoreError, match="no interaction"):
            get_interaction(reader, missing)


def test_follow(store, reader, make):
    store.write([make.opened("a"), make.opened("b"), make.closed("a")])
    assert [(each.seq, each.kind, each.row.id) for each in follow(reader, 0)] == [
        (1, "opened", "a"),
        (2, "opened", "b"),
        (3, "closed", "a"),
    ]
    assert follow(reader, 0)[0].row.state == "complete"
    assert [each.seq for each in follow(reader, 1, limit=1)] == [2]
    store.write([make.closed("b")])
    assert [(each.seq, each.kind, each.row.id) for each in follow(reader, 3)] == [(4, "closed", "b")]
    assert follow(reader, 4) == []


def test_rows_are_json(store, reader, make):
    store.write([make.opened("a")])
    row = msgspec.json.decode(msgspec.json.encode(get_interaction(reader, "a")))
    assert tuple(row) == InteractionRow.__struct_fields__
