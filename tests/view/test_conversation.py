import pytest

from recorder.errors import StoreError
from recorder.store.database import open_reader, open_writer
from recorder.store.results import Details
from recorder.view.conversation import anomalies, load_conversation, secrets_removed
from scripts.sample import SHOWN, Sample, cut, part, said


def test_gathers_an_interaction(db):
    conversation = load_conversation(db, SHOWN[:6])
    assert conversation.row.id == SHOWN
    assert conversation.tools == ("Bash", "Read", "Edit", "Grep", "Task", "WebSearch")
    assert [turn.spoken.role for turn in conversation.turns] == ["user", "assistant", "user"]
    assert [turn.new for turn in conversation.turns] == [False, True, True]
    assert len(conversation.system) == 2
    assert not conversation.system_is_new
    assert conversation.settings == {"model": "claude-opus-4-6", "max_tokens": 32000, "stream": True}
    assert conversation.answer.blocks[1].name == "Edit"
    assert conversation.unread_body is None


def test_finds_what_a_later_request_brought(db):
    conversation = load_conversation(db, "76c7")
    assert set(conversation.results) == {"toolu_01", "toolu_02"}
    assert conversation.results["toolu_01"].is_error
    assert {call.result_id for call in conversation.calls} == {SHOWN}


def test_the_pace_of_a_stream(db):
    conversation = load_conversation(db, SHOWN)
    assert conversation.pace.events == 73
    assert conversation.pace.longest_pause_ms == 90
    assert load_conversation(db, "d069").pace is None


def test_an_open_call_has_no_answer(db):
    assert load_conversation(db, "d80a").answer is None


def test_an_unknown_id_is_an_error(db):
    with pytest.raises(StoreError, match="'zz'"):
        load_conversation(db, "zz")


def test_secrets_and_anomalies_of_both_halves():
    details = Details(
        opened={"findings": [{"kind": "b", "count": 2}, {"kind": "a", "count": 1}], "anomalies": ["one"]},
        closed={"findings": [{"kind": "b", "count": 3}], "anomalies": ["two"]},
        request_headers=(),
        response_headers=(),
        error_message=None,
    )
    assert secrets_removed(details) == {"a": 1, "b": 5}
    assert anomalies(details) == ["one", "two"]


@pytest.fixture
def alone(tmp_path):
    """A record of one call, opened with these fields."""

    def load(messages=(), **given):
        path = tmp_path / "alone.db"
        sample = Sample(path)
        call = sample.open(messages, **given)
        sample.close()
        with open_reader(path) as database:
            return load_conversation(database, call)

    return load


def test_a_body_that_is_no_request(alone):
    body = part("body", b"\x1b[2J not json")
    conversation = alone(envelope=None, slots=(), chains={}, body=body)
    assert conversation.unread_body == b"\x1b[2J not json"
    assert conversation.turns == ()


def test_a_system_prompt_that_is_one_string(alone):
    conversation = alone(**cut(b'{"system": "be kind", "messages": [{"role": "user", "content": "hi"}]}'))
    assert [block.text for block in conversation.system] == ["be kind"]
    assert conversation.turns[0].spoken.blocks[0].text == "hi"


def test_the_first_request_is_all_new(alone):
    assert [turn.new for turn in alone([said("user", "hi")]).turns] == [True]


def test_no_body_at_all(alone):
    conversation = alone(envelope=None, slots=(), chains={})
    assert (conversation.turns, conversation.settings, conversation.unread_body) == ((), {}, None)


def test_reads_while_a_writer_is_there(sample_path):
    with open_writer(sample_path), open_reader(sample_path) as database:
        assert load_conversation(database, SHOWN).row.id == SHOWN
