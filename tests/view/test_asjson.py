import json

import pytest

from recorder.errors import StoreError
from recorder.ledger.kinds import RecordKind
from recorder.store import queries
from recorder.store.results import Followed
from recorder.view import asjson
from recorder.view.text import json_text
from scripts.sample import HOSTILE, SHOWN

PROMISED = [
    "id",
    "session_id",
    "agent_id",
    "parent_agent_id",
    "protocol",
    "provider",
    "model",
    "state",
    "status",
    "stop_reason",
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "cost_usd",
    "started_utc",
    "ttft_ms",
    "duration_ms",
    "request_bytes",
    "response_bytes",
    "project",
    "tool_calls",
]


def test_an_interaction_has_what_was_promised_first(db):
    for row in queries.list_interactions(db):
        assert list(asjson.interaction(row))[: len(PROMISED)] == PROMISED


def test_values_are_exact_and_unknown_is_null(db):
    values = asjson.interaction(queries.get_interaction(db, SHOWN))
    assert (values["cost_usd"], values["started_utc"]) == ("0.0227", "2026-11-23T09:14:18.540Z")
    assert asjson.interaction(queries.get_interaction(db, "1f76"))["cost_usd"] is None


def test_a_sum_without_any_known_cost_is_null(db):
    costs = {row.key: asjson.usage(row)["cost_usd"] for row in queries.usage_by(db, "model")}
    assert costs["house-model-7b"] is None
    assert costs["claude-opus-4-6"] == "0.13296625"


def test_a_session(db):
    values = [asjson.session(row) for row in queries.list_sessions(db)]
    assert {tuple(value["models"]) for value in values} >= {("us.anthropic.claude-haiku-4-5-20251001-v1:0",)}
    assert json.loads(json_text(values)) == values


def test_an_event(db):
    row = queries.get_interaction(db, SHOWN)
    values = asjson.followed(Followed(9, RecordKind.CLOSED, row))
    assert list(values)[:3] == ["seq", "event", "id"]
    assert values["event"] == "closed"


def test_a_conversation_holds_everything(db):
    values = asjson.conversation(db, SHOWN[:5])
    assert values["interaction"]["id"] == SHOWN
    assert values["request"]["body"] == json.loads(queries.request_body(db, SHOWN))
    assert values["request"]["new"] == {"system": [], "tools": [], "messages": [1, 2]}
    assert values["answer"] == json.loads(queries.answer_body(db, SHOWN))
    assert values["tool_calls"][0]["name"] == "Edit"
    assert values["usage"]["cache_read_tokens"] == 14_210
    assert values["cost"]["table"].startswith("genai-prices ")
    assert values["secrets_removed"] == {"github-pat": 2}
    assert values["error"] is None


def test_a_failure_and_an_open_call(db):
    failed = asjson.conversation(db, "d069")
    assert failed["error"] == {"type": "overloaded_error", "message": "Overloaded"}
    assert failed["answer"] is None
    assert asjson.conversation(db, "d80a")["usage"] is None


def test_hostile_text_is_said_but_not_obeyed(db):
    text = json_text(asjson.conversation(db, "4726"))
    assert not any(character in text for character in "\x1b\x07\x9b\u202e")
    assert HOSTILE in json.loads(text)["request"]["body"]["messages"][2]["content"][0]["content"]


def test_an_unknown_id_is_an_error(db):
    with pytest.raises(StoreError):
        asjson.conversation(db, "zz")
