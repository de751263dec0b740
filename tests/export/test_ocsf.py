"""Events that OCSF's published schema takes."""

import json
from pathlib import Path

import jsonschema
import pytest

from recorder.export.ocsf import Ocsf
from recorder.store import queries
from scripts.sample import SHOWN

SCHEMA = json.loads((Path(__file__).parent / "schemas" / "ocsf-1.8.0-api_activity.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


@pytest.fixture
def events(db):
    ocsf = Ocsf()
    return {whole.row.id: json.loads(ocsf.add(whole)) for whole in queries.wholes(db, to=queries.last_seq(db))}


def test_the_schema_takes_every_event(events):
    assert len(events) == 14
    for event in events.values():
        assert [f"{list(error.path)}: {error.message}" for error in VALIDATOR.iter_errors(event)] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"class_uid": 6001},
        {"activity_id": 7},
        {"severity_id": "1"},
        {"made_up": 1},
        {"ai_model": {"ai_provider": "anthropic"}},
        {"message_context": {"uid": "s"}},
        {"actor": {}},
        {"api": {"request": {"uid": "1"}}},
    ],
)
def test_the_schema_can_say_no(events, wrong):
    assert list(VALIDATOR.iter_errors(events[SHOWN] | wrong))


def test_an_event_of_a_model_call(events):
    event = events[SHOWN]
    assert (event["class_uid"], event["type_uid"], event["metadata"]["version"]) == (6003, 600301, "1.8.0")
    assert event["metadata"]["profiles"] == ["ai_operation"]
    assert event["ai_model"] == {"ai_provider": "anthropic", "name": "claude-opus-4-6"}
    context = event["message_context"]
    assert (context["prompt_tokens"], context["completion_tokens"]) == (9 + 14_210 + 880, 402)
    assert context["total_tokens"] == 9 + 14_210 + 880 + 402
    assert event["actor"]["user"] == {"name": "ada"}
    assert (event["unmapped"]["tools"], event["unmapped"]["secrets_removed"]) == (["Edit"], 2)


def test_states(events):
    found = {event["unmapped"]["state"]: (event["status_id"], event["severity_id"]) for event in events.values()}
    assert found == {"complete": (1, 1), "open": (0, 1), "failed": (2, 2), "aborted": (2, 2), "blocked": (2, 2)}


def test_nothing_that_was_said_is_in_it(events):
    assert "voucher" not in json.dumps(list(events.values())).lower()
