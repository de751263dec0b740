import pytest

from recorder.store import queries
from recorder.store.database import open_reader
from recorder.view.misses import Cause, explain, explain_session, lost_usd, miss_json
from tests.view.conversations import EPHEMERAL, Talk


@pytest.fixture
def path(tmp_path):
    return tmp_path / "records.db"


@pytest.fixture
def talk(path):
    talk = Talk(path)
    yield talk
    talk.sample.close()


@pytest.fixture
def why(path):
    def explained(call):
        with open_reader(path) as db:
            return explain(db, queries.get_interaction(db, call))

    return explained


def messages(*texts):
    return [{"role": "user" if at % 2 == 0 else "assistant", "content": text} for at, text in enumerate(texts)]


def system(text, **mark):
    return [{"type": "text", "text": text, "cache_control": EPHEMERAL | mark}]


def tools(*names):
    return [{"name": name, "description": f"{name} it."} for name in names]


CHANGES = [
    ({"tools": tools("Bash", "Edit")}, Cause.TOOLS, "tool 0 (Bash)"),
    ({"system": system("You are careless.")}, Cause.SYSTEM, "system block 0"),
    ({"tool_choice": {"type": "any"}}, Cause.PARAMETERS, "tool_choice"),
    ({"thinking": {"type": "enabled", "budget_tokens": 9}}, Cause.PARAMETERS, "thinking"),
    ({"messages": messages("other", "ok", "two")}, Cause.MESSAGES, "message 0 (user)"),
    ({"max_tokens": 7, "messages": messages("one", "ok")}, Cause.UNSEEN, ""),
    ({"system": [{"type": "text", "text": "You are careful."}]}, Cause.NO_MARKS, "no cache_control in the request"),
    ({"model": "claude-sonnet-4-6"}, Cause.MODEL, "claude-opus-4-6 → claude-sonnet-4-6"),
]


@pytest.mark.parametrize(("changed", "cause", "where"), CHANGES, ids=[str(cause) for _, cause, _ in CHANGES])
def test_what_changed_is_named(talk, why, changed, cause, where):
    talk.ask(write=1000)
    miss = why(talk.ask(read=0, write=1000, **changed))
    assert (miss.cause, miss.where) == (cause, where)
    assert (miss.could_read_tokens, miss.lost_tokens) == (1000, 1000)


def test_the_first_in_the_order_of_the_cache_counts(talk, why):
    talk.ask(write=1000)
    assert why(talk.ask(messages=messages("2"), system=system("2"), tools=tools("2"), write=9)).cause is Cause.TOOLS
    assert why(talk.ask(messages=messages("3"), system=system("3"), tools=tools("2"), write=9)).cause is Cause.SYSTEM
    last = why(talk.ask(messages=messages("4"), system=system("3"), tools=tools("2"), tool_choice={"type": "any"}))
    assert last.cause is Cause.PARAMETERS


def test_a_conversation_that_goes_on_is_a_hit(talk, why):
    assert why(talk.ask(write=1000)).cause is Cause.FIRST
    second = why(talk.ask(read=1000, write=50, messages=messages("one", "ok", "two")))
    assert (second.cause, second.lost_tokens, second.lost_usd) == (Cause.HIT, 0, None)
    third = why(talk.ask(read=1050, messages=messages("one", "ok", "two", "ok", "three")))
    assert (third.cause, third.could_read_tokens) == (Cause.HIT, 1050)


def test_nothing_was_cached_before(talk, why):
    talk.ask()
    assert why(talk.ask(write=1000)).cause is Cause.NOT_CACHED


@pytest.mark.parametrize(
    ("written", "mark", "seconds", "cause"),
    [
        ({"write": 1000}, {}, 299, Cause.UNSEEN),
        ({"write": 1000}, {}, 301, Cause.EXPIRED_5M),
        ({"write_1h": 1000}, {"ttl": "1h"}, 301, Cause.UNSEEN),
        ({"write_1h": 1000}, {"ttl": "1h"}, 3601, Cause.EXPIRED_1H),
        ({"read": 1000}, {"ttl": "1h"}, 301, Cause.UNSEEN),
        ({"read": 1000}, {"ttl": "1h"}, 3601, Cause.EXPIRED_1H),
        ({"read": 1000}, {}, 3601, Cause.EXPIRED_5M),
    ],
)
def test_expiry_is_told_apart_from_change(talk, why, written, mark, seconds, cause):
    marked = system("You are careful.", **mark)
    talk.ask(**written, system=marked)
    talk.wait(seconds)
    assert why(talk.ask(system=marked)).cause is cause


def test_what_is_still_read_shows_that_the_entry_lives(talk, why):
    talk.ask(write=1000)
    talk.wait(400)
    assert why(talk.ask(read=400, messages=messages("other"))).cause is Cause.MESSAGES
    talk.wait(400)
    expired = why(talk.ask(read=0, messages=messages("third")))
    assert (expired.cause, expired.where) == (Cause.EXPIRED_5M, "and message 0 (user) differs")


def test_another_agent_is_another_conversation(talk, why):
    talk.ask(write=1000)
    assert why(talk.ask(agent="a")).cause is Cause.FIRST


def test_a_failed_request_is_not_what_it_goes_on_from(talk, why):
    first = talk.ask(write=1000)
    failed = talk.ask(used=False)
    assert why(failed).cause is Cause.NOT_TOLD
    miss = why(talk.ask(read=1000))
    assert (miss.cause, miss.before.id) == (Cause.HIT, first)


def test_the_loss_is_priced_by_the_calls_own_rates(talk, why):
    talk.ask(write=1000)
    # Opus 4.6: 5 USD in, 6.25 written for 5 minutes, 10 for an hour, 0.5 read, each for a million.
    assert why(talk.ask(write=1000, system=system("2"))).lost_usd == "0.00575"
    assert why(talk.ask(write_1h=1000, system=system("3"))).lost_usd == "0.0095"
    assert why(talk.ask(write_1h=400, write=100, system=system("4"))).lost_usd == "0.006625"
    unknown = why(talk.ask(write=500, system=system("5"), answered="house-model-7b"))
    assert (unknown.lost_tokens, unknown.lost_usd) == (500, None)


def test_a_session(talk, path):
    talk.ask(write=1000)
    talk.ask(write=1000, system=system("other"))
    talk.ask(read=1000, system=system("other"))
    with open_reader(path) as db:
        misses = explain_session(db, "s")
    assert [miss.cause for miss in misses] == [Cause.FIRST, Cause.SYSTEM, Cause.HIT]
    assert lost_usd(misses) == ("0.00575", 0)
    assert misses[1].lines == ("@@ -1 +1 @@", "-You are careful.", "+other")
    value = miss_json(misses[1])
    assert (value["cause"], value["lost_tokens"], value["read_tokens"]) == ("system prompt changed", 1000, 0)
    assert value["before"] == misses[0].row.id
