import enum
import json
from decimal import Decimal

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from recorder.ledger.leaf import canonical, canonical_of
from recorder.model import Finding, Iteration, Slot, Usage
from recorder.store.bodies import clean
from recorder.store.records import records


class Flag(enum.IntEnum):
    SET = 1


def bodies(reader):
    return [record.body for record in records(reader)]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": None, "b": [], "c": {}, "d": {"e": None}}, {}),
        ({"a": 0, "b": False, "c": ""}, {"a": 0, "b": False, "c": ""}),
        ({"a": 0.5, "b": 1e300}, {"a": "0.5", "b": "1e+300"}),
        ({"a": 2**53 - 1, "b": 2**53, "c": -(2**53)}, {"a": 2**53 - 1, "b": str(2**53), "c": str(-(2**53))}),
        ({"a": (1, [None, {"b": None, "c": 1}])}, {"a": [1, [None, {"c": 1}]]}),
        ({"\ud800": "\udfff"}, {"\ufffd": "\ufffd"}),
        ({"slot": Slot.TOOLS}, {"slot": "tools"}),
    ],
)
def test_clean(value, expected):
    assert clean(value) == expected
    canonical(clean(value))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([Slot.TOOLS, Flag.SET]),
    lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), anything))
def test_what_is_clean_needs_not_be_looked_through(value):
    body = clean(value)
    assert canonical_of(body) == canonical(body) == rfc8785.dumps(body)


@pytest.mark.parametrize("value", [b"x", Decimal(1), object()])
def test_what_a_record_cannot_hold(value):
    with pytest.raises(ValueError, match="cannot hold"):
        clean({"x": [value]})


def test_opened_commits_to_its_content(store, reader, db, make):
    store.write([make.cut("a", b'{"x":1,"system":["s"],"messages":["1","2"]}', headers=(("X-App", "cli"),))])
    (body,) = bodies(reader)
    commitments = {row["kind"]: row["commitment"].hex() for row in db["parts"].rows}
    assert body["request_headers"] == commitments["headers"]
    assert body["envelope"] == commitments["envelope"]
    assert body["layout"] == commitments["layout"]
    assert {part["commitment"]: (part["kind"], part["bytes"]) for part in body["parts"]} == {
        row["commitment"].hex(): (row["kind"], row["bytes"]) for row in db["parts"].rows
    }
    assert body["chains"]["messages"]["length"] == 2
    heads = {row["digest"].hex() for row in db["chains"].rows}
    assert {chain["head"] for chain in body["chains"].values()} < heads


def test_a_later_request_commits_to_what_is_new(store, reader, make):
    store.write([make.cut("a", b'{"messages":["1","2"]}'), make.cut("b", b'{"messages":["1","2" ,"3"]}')])
    first, second = bodies(reader)
    assert "envelope" in second
    assert [part["kind"] for part in second["parts"]] == ["message"]
    assert [part["kind"] for part in first["parts"]] == ["layout", "envelope", "message", "message"]
    chain = second["chains"]["messages"]
    assert chain["length"] == 3
    assert chain["new"] == [{"part": second["parts"][0]["commitment"], "lead": " ,"}]


def test_only_results_that_are_new_are_named(store, reader, make):
    old, new = make.result("t1", 1), make.result("t2", 3, is_error=True)
    store.write([make.opened("a", ["1", "2"], tool_results=(old,))])
    store.write([make.opened("b", ["1", "2", "3", "4"], tool_results=(old, new))])
    first, second = bodies(reader)
    assert first["tool_results"] == [{"tool_use_id": "t1", "is_error": False, "position": 1}]
    assert second["tool_results"] == [{"tool_use_id": "t2", "is_error": True, "position": 3}]


def test_closed_keeps_usage_as_the_provider_gave_it(store, reader, make):
    raw = {"input_tokens": 5, "ratio": 0.25, "nothing": None, "deep": {"n": 2**60}}
    iteration = Iteration(type="compaction", model="haiku", usage=Usage(input_tokens=1))
    usage = Usage(input_tokens=5, service_tier="standard", iterations=(iteration,), raw=raw)
    cost = {"table": "genai-prices 0.2.3", "rates": {"input_mtok": "5"}}
    store.write([make.opened("a"), make.closed("a", usage=usage, cost=cost, findings=(Finding("jwt"),))])
    body = bodies(reader)[1]
    assert body["usage"]["raw"] == {"input_tokens": 5, "ratio": "0.25", "deep": {"n": str(2**60)}}
    assert body["usage"]["service_tier"] == "standard"
    assert body["usage"]["iterations"][0]["model"] == "haiku"
    assert body["cost"] == cost
    assert body["findings"] == [{"kind": "jwt", "count": 1}]


def test_stored_bodies_are_canonical(store, db, make):
    store.write([make.opened("a", ["hi"], project="ünï"), make.closed("a")])
    for row in db["records"].rows:
        assert canonical(json.loads(row["body"])).decode() == row["body"]
