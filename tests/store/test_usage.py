from datetime import UTC, datetime
from decimal import Decimal

import pytest

from recorder.model import FlowClass, Provider, State, Usage
from recorder.store.usage import usage_by, usage_trend


def costs(rows):
    return {row.key: (row.interactions, row.cost_usd, row.unknown_costs) for row in rows}


def test_sums(store, reader, make):
    usage = Usage(
        input_tokens=1,
        output_tokens=2,
        cache_read_tokens=3,
        cache_write_5m_tokens=4,
        cache_write_1h_tokens=5,
        thinking_tokens=6,
        web_search_requests=7,
    )
    for name in "abc":
        store.write([make.opened(name), make.closed(name, usage=usage, cost_usd="0.1")])
    (row,) = usage_by(reader, "project")
    assert (row.key, row.interactions, row.cost_usd, row.unknown_costs) == ("p1", 3, "0.3", 0)
    assert (row.input_tokens, row.output_tokens, row.cache_read_tokens) == (3, 6, 9)
    assert (row.cache_write_5m_tokens, row.cache_write_1h_tokens) == (12, 15)
    assert (row.thinking_tokens, row.web_search_requests) == (18, 21)


def test_money_is_summed_exactly(store, reader, make):
    amounts = ["0.1", "0.2", "1e-30", "123456789012345678901234567890", "0.000000000000000000000000000000000007"]
    for number, amount in enumerate(amounts):
        store.write([make.opened(str(number)), make.priced(str(number), amount)])
    (row,) = usage_by(reader, "project")
    assert row.cost_usd == "123456789012345678901234567890.300000000000000000000000000001000007"
    assert "E" not in str(Decimal(row.cost_usd))


def test_a_day_is_a_day_of_utc(store, reader, make):
    for name, at_utc in [
        ("a", "2026-11-22T23:59:59.999Z"),
        ("b", "2026-11-23T00:00:00.000Z"),
        ("c", "2026-11-23T23:59:59.999Z"),
    ]:
        store.write([make.opened(name, at_utc=at_utc), make.priced(name, "1")])
    assert costs(usage_by(reader, "day")) == {"2026-11-22": (1, "1", 0), "2026-11-23": (2, "2", 0)}


def test_money_has_no_exponent(store, reader, make):
    store.write([make.opened("a"), make.priced("a", "0.00000010")])
    assert usage_by(reader, "project")[0].cost_usd == "0.00000010"


@pytest.fixture
def filled(store, make):
    store.write([make.opened("a"), make.priced("a", "1")])
    store.write([make.opened("b", session="s2", agent="x", agent_type="Explore"), make.priced("b", "2", model="haiku")])
    store.write(
        [make.opened("c", agent="y", project=None), make.priced("c", None, model=None, provider=Provider.VERTEX)]
    )
    store.write([make.opened("d", session=None), make.closed("d", State.FAILED)])


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("model", {"claude-opus-4-6": (1, "0", 1), "claude-opus-4-6-20260101": (2, "1", 0), "haiku": (1, "2", 0)}),
        ("project", {None: (1, "0", 1), "p1": (3, "3", 0)}),
        ("session", {None: (1, "0", 0), "s1": (2, "1", 1), "s2": (1, "2", 0)}),
        ("provider", {"anthropic": (3, "3", 0), "vertex": (1, "0", 1)}),
        ("agent", {"Explore": (1, "2", 0), "main": (2, "1", 0), "subagent": (1, "0", 1)}),
        ("day", {"2026-11-23": (4, "3", 1)}),
    ],
)
def test_keys(filled, reader, by, expected):
    found = costs(usage_by(reader, by))
    assert found == expected
    assert list(found) == list(expected)


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({"session": "s1"}, 2),
        ({"project": "p1"}, 3),
        ({"model": "haiku"}, 1),
        ({"model": "claude-opus-4-6"}, 1),
        ({"state": State.FAILED}, 1),
        ({"since": datetime(2027, 1, 1, tzinfo=UTC)}, 0),
        ({"flow_class": FlowClass.SUPPORT}, 0),
    ],
)
def test_filters(filled, reader, filters, count):
    assert sum(row.interactions for row in usage_by(reader, "day", **filters)) == count


@pytest.mark.parametrize(
    ("given", "unknown"),
    [
        ((State.COMPLETE, None), 1),
        ((State.ABORTED, None), 1),
        ((State.LOST, None), 1),
        ((State.FAILED, None), 0),
        ((State.FAILED, Usage(output_tokens=1)), 1),
        ((State.FAILED, Usage()), 0),
        ((State.BLOCKED, None), 0),
    ],
)
def test_unknown_costs(store, reader, make, given, unknown):
    state, usage = given
    store.write([make.opened("a"), make.closed("a", state, usage=usage), make.opened("open")])
    assert usage_by(reader, "day")[0].unknown_costs == unknown


def test_support_calls_cost_nothing_unknown(store, reader, make):
    store.write([make.opened("a", flow_class=FlowClass.SUPPORT), make.closed("a")])
    assert usage_by(reader, "day")[0].unknown_costs == 0


def test_nothing(reader):
    assert usage_by(reader, "day") == []


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("team", {None: (1, "4", 0), "blue": (2, "3", 0)}),
        ("user", {"ann": (2, "5", 0), "ben": (1, "2", 0)}),
        ("key", {None: (1, "1", 0), "k1": (2, "6", 0)}),
    ],
)
def test_by_team_and_user_and_key(store, reader, make, by, expected):
    for name, team, user, key, cost in (
        ("a", "blue", "ann", None, "1"),
        ("b", "blue", "ben", "k1", "2"),
        ("c", None, "ann", "k1", "4"),
    ):
        store.write([make.opened(name, team=team, user=user, access_key=key), make.priced(name, cost)])
    assert costs(usage_by(reader, by)) == expected


def test_trend_by_key_and_day(store, reader, make):
    store.write([make.opened("a"), make.priced("a", "0.25"), make.opened("b"), make.priced("b", "0.5")])
    store.write([make.opened("c", project="p2"), make.priced("c", "1")])
    assert usage_trend(reader, "project") == {
        "p1": {"2026-11-23": Decimal("0.75")},
        "p2": {"2026-11-23": Decimal(1)},
    }
    assert usage_trend(reader, "project", model="none") == {}


def test_trend_is_of_tokens_where_no_cost_is_known(store, reader, make):
    store.write([make.opened("a"), make.priced("a", None)])
    assert usage_trend(reader, "model") == {"claude-opus-4-6-20260101": {"2026-11-23": Decimal(18)}}
