"""A HAR file that the published schema takes."""

import json
from pathlib import Path

import jsonschema
import pytest

from recorder.export.har import Har
from recorder.store import queries
from recorder.view import asjson
from scripts.sample import SHOWN

SCHEMA = json.loads((Path(__file__).parent / "schemas" / "har-1.2.json").read_text())


@pytest.fixture
def file(db):
    har = Har()
    entries = b",\n".join(map(har.add, queries.wholes(db, to=queries.last_seq(db))))
    return json.loads(har.begin() + entries + har.end())


def test_the_schema_takes_it(file):
    validator = jsonschema.Draft6Validator(SCHEMA)
    assert [error.message for error in validator.iter_errors(file)] == []
    assert len(file["log"]["entries"]) == 14
    assert file["log"]["version"] == "1.2"
    # the schema can say no
    del file["log"]["entries"][0]["request"]["method"]
    file["log"]["entries"][1]["timings"]["wait"] = "long"
    assert len(list(validator.iter_errors(file))) == 2


def test_an_empty_one_is_a_har_file(file):
    har = Har()
    assert json.loads(har.begin() + har.end())["log"]["entries"] == []


def test_an_entry_says_what_is_on_record(db, file):
    entry = next(entry for entry in file["log"]["entries"] if entry["_interaction"]["id"] == SHOWN)
    row = queries.get_interaction(db, SHOWN)
    assert entry["_interaction"] == asjson.interaction(row)
    assert entry["time"] == row.duration_ms == sum(entry["timings"].values())
    assert entry["request"]["url"] == "https://api.anthropic.com/v1/messages?beta=true"
    assert entry["request"]["queryString"] == [{"name": "beta", "value": "true"}]
    assert json.loads(entry["request"]["postData"]["text"]) == json.loads(queries.request_body(db, SHOWN))
    assert json.loads(entry["response"]["content"]["text"]) == json.loads(queries.answer_body(db, SHOWN))
    assert "stream of events" in entry["response"]["content"]["comment"]


def test_what_did_not_go_well_says_so(file):
    entries = file["log"]["entries"]
    errors = [entry["response"]["_error"] for entry in entries if "_error" in entry["response"]]
    assert "aborted: client went away" in errors
    still_open = next(entry for entry in entries if entry["_interaction"]["state"] == "open")
    assert (still_open["response"]["status"], still_open["time"], still_open["response"]["bodySize"]) == (0, 0, -1)
