import pytest

from recorder.model import SafeText, Slot, State
from recorder.store.content import tool_calls
from recorder.store.interactions import get_interaction
from recorder.store.rows import Link


@pytest.mark.parametrize("state", [State.FAILED, State.ABORTED, State.BLOCKED, State.LOST])
def test_a_call_repeated_after_a_failure_is_a_retry(store, reader, make, state):
    store.write([make.opened("a", ["hi"]), make.closed("a", state), make.opened("b", ["hi"])])
    assert get_interaction(reader, "b").retry_of == "a"
    assert get_interaction(reader, "a").retry_of is None


def test_retries_are_linked_one_to_the_next(store, reader, make):
    for before, name in [(None, "a"), ("a", "b"), ("b", "c")]:
        store.write([make.opened(name, ["hi"]), make.closed(name, State.FAILED)])
        assert get_interaction(reader, name).retry_of == before


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"state": State.COMPLETE}, {}),
        ({}, {"messages": ["hi", "more"]}),
        ({}, {"messages": ["ho"]}),
        ({}, {"session": "s2"}),
        ({}, {"agent": "agent1"}),
        ({"session": None}, {"session": None}),
        ({"messages": None}, {"messages": None}),
    ],
)
def test_near_misses_are_no_retries(store, reader, make, first, second):
    first = {"messages": ["hi"]} | first
    state = first.pop("state", State.FAILED)
    store.write(
        [make.opened("a", **first), make.closed("a", state), make.opened("b", **({"messages": ["hi"]} | second))]
    )
    assert get_interaction(reader, "b").retry_of is None


def test_a_call_that_is_still_open_is_not_retried(store, reader, make):
    store.write([make.opened("a", ["hi"]), make.opened("b", ["hi"])])
    assert get_interaction(reader, "b").retry_of is None


def test_a_success_in_between_ends_the_retries(store, reader, make):
    store.write([make.opened("a", ["hi"]), make.closed("a", State.FAILED), make.opened("b", ["hi"]), make.closed("b")])
    store.write([make.opened("c", ["hi"])])
    assert get_interaction(reader, "c").retry_of is None


def call(reader, name, index=0):
    return tool_calls(reader, name)[index]


def test_a_result_finds_its_call(store, reader, db, make):
    store.write([make.opened("a", ["hi"]), make.closed("a", tools=["t1", "t2"])])
    results = (make.result("t2", 2, is_error=True),)
    store.write([make.opened("b", ["hi", "use", "result"], tool_results=results)])
    assert call(reader, "a").result_id is None
    found = call(reader, "a", 1)
    assert (found.result_id, found.is_error, found.duration_ms) == ("b", True, 1000)
    row = db["parts"].get(found.result_part_id)
    assert (row["kind"], row["bytes"]) == ("message", len('"result"'))


def test_results_may_come_apart_and_together(store, reader, make):
    store.write([make.opened("a", ["hi"]), make.closed("a", tools=["t1", "t2", "t3"])])
    both = (make.result("t1", 1), make.result("t3", 1))
    store.write([make.opened("b", ["hi", "r"], tool_results=both)])
    store.write([make.opened("c", ["hi", "r", "s"], tool_results=(*both, make.result("t2", 2)))])
    assert [one.result_id for one in tool_calls(reader, "a")] == ["b", "c", "b"]


def test_the_first_result_counts(store, reader, make):
    store.write([make.opened("a", ["hi"]), make.closed("a", tools=["t1"])])
    for name, messages in [("b", ["hi", "r"]), ("c", ["hi", "r", "more"]), ("d", ["hi", "other", "r"])]:
        store.write([make.opened(name, messages, tool_results=(make.result("t1", 1, is_error=name == "d"),))])
    assert (call(reader, "a").result_id, call(reader, "a").is_error) == ("b", False)


def test_results_in_old_messages_are_not_looked_at(store, reader, db, make):
    messages = make.messages("hi", "r")
    store.write([make.opened("a", chains=messages), make.opened("x", ["x"]), make.closed("x", tools=["t1"])])
    # As if `t1` had been answered long ago, in a message that is no news.
    longer = {Slot.MESSAGES: (*messages[Slot.MESSAGES], *make.messages("new")[Slot.MESSAGES])}
    store.write([make.opened("b", chains=longer, tool_results=(make.result("t1", 1),))])
    assert call(reader, "x").result_id is None
    store.write([make.opened("c", ["hi", "r", "newer"], tool_results=(make.result("t1", 2),))])
    assert call(reader, "x").result_id == "c"


def test_a_session_answers_its_own_calls(store, reader, make):
    for session in ("s1", "s2"):
        store.write([make.opened(session, [session], session=session), make.closed(session, tools=["t1"])])
    store.write([make.opened("b", ["b", "r"], session="s1", tool_results=(make.result("t1", 1),))])
    assert call(reader, "s1").result_id == "b"
    assert call(reader, "s2").result_id is None


def test_the_latest_call_of_that_id_is_meant(store, reader, make):
    for name in ("a", "b"):
        store.write([make.opened(name, [name]), make.closed(name, tools=["t1"])])
    store.write([make.opened("c", ["c"], tool_results=(make.result("t1", 0),))])
    assert (call(reader, "a").result_id, call(reader, "b").result_id) == (None, "c")


def test_clocks_that_disagree_give_no_negative_time(store, reader, make):
    store.write([make.opened("a", ["hi"]), make.closed("a", tools=["t1"], at_utc="2026-11-23T12:00:10.000Z")])
    early = make.opened("b", ["hi", "r"], tool_results=(make.result("t1", 1),), at_utc="2026-11-23T12:00:09.000Z")
    store.write([early])
    assert call(reader, "a").duration_ms == 0


def test_a_result_of_an_unknown_call_is_no_error(store, reader, make):
    store.write([make.opened("a", ["hi"], tool_results=(make.result("t9", 0), make.result(SafeText("t\ud800"), 0)))])
    assert get_interaction(reader, "a").state == "open"


def test_links_in_one_batch(store, reader, make):
    links = make.messages("hi")[Slot.MESSAGES]
    result = Link(make.part("message", "r", "user"))
    store.write(
        [
            make.opened("a", chains={Slot.MESSAGES: links}),
            make.closed("a", State.FAILED),
            make.opened("b", chains={Slot.MESSAGES: links}),
            make.closed("b", tools=["t1"]),
            make.opened("c", chains={Slot.MESSAGES: (*links, result)}, tool_results=(make.result("t1", 1),)),
        ]
    )
    assert get_interaction(reader, "b").retry_of == "a"
    assert call(reader, "b").result_id == "c"


def test_of_calls_that_wait_under_one_id_the_last_is_answered_first(store, reader, make):
    for name in ("a", "b"):
        store.write([make.opened(name, ["hi"]), make.closed(name, tools=["t1"])])
    store.write([make.opened("c", ["hi", "r"], tool_results=(make.result("t1", 1),))])
    assert [call(reader, name).result_id for name in ("a", "b")] == [None, "c"]
    store.write([make.opened("d", ["hi", "s"], tool_results=(make.result("t1", 1),))])
    assert [call(reader, name).result_id for name in ("a", "b")] == ["d", "c"]


def test_two_results_of_one_id_answer_two_calls(store, reader, make):
    for name in ("a", "b"):
        store.write([make.opened(name, ["hi"]), make.closed(name, tools=["t1"])])
    both = (make.result("t1", 1), make.result("t1", 1, is_error=True))
    store.write([make.opened("c", ["hi", "r"], tool_results=both)])
    found = [call(reader, name) for name in ("a", "b")]
    assert [(one.result_id, one.is_error) for one in found] == [("c", True), ("c", False)]
