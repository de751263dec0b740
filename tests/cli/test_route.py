import json
import os

import pytest
from click.testing import CliRunner

from recorder.cli import main
from recorder.routing.health import Seen, health_path, write_health
from recorder.routing.switch import read_switch, switch_path

CONFIG = """
[upstream.gateway]
url = "https://gateway.test/anthropic"
protocol = "messages"
headers = { authorization = "Bearer env:GATEWAY_TOKEN", x-api-key = false, x-team = "blue" }
model = { "claude-opus-*" = "our-opus" }

[upstream.direct]
url = "https://api.anthropic.com"

[[route]]
name = "opus"
when = { model = "claude-opus-*", team = "blue" }
to = "gateway"

[[route]]
when = { path = "/eu" }
to = "direct"
"""


@pytest.fixture
def route(clean_env, tmp_path, monkeypatch):
    """Run `recorder route ...` in a folder with a configuration, without the secret that it refers to."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "recorder.toml").write_text(CONFIG)

    def run(*words, code=0):
        result = CliRunner().invoke(main, ["route", *words, "--db", str(tmp_path / "r.db")])
        assert result.exit_code == code, result.output
        return result.output

    return run


def test_list(route):
    lines = route("list").splitlines()
    assert lines[1] == (
        "  gateway: https://gateway.test/anthropic (messages) authorization=Bearer env:GATEWAY_TOKEN "
        "x-api-key=(taken out) x-team=blue claude-opus-*→our-opus"
    )
    assert lines[4] == "  1. opus: model=claude-opus-* team=blue → gateway"
    assert json.loads(route("list", "--json"))["rules"][1]["when"] == {"path": "/eu"}


def test_a_dry_run_says_which_rule_fires_and_why_not_the_others(route):
    words = ("test", "--model", "claude-opus-4-6", "--header", "x-recorder-team: blue")
    assert route(*words).splitlines() == [
        "opus: fires",
        "→ gateway: POST https://gateway.test/anthropic/v1/messages",
        "  model: our-opus (asked for: claude-opus-4-6)",
        "  header authorization: Bearer env:GATEWAY_TOKEN",
        "  header x-api-key: (taken out)",
        "  header x-team: blue",
    ]
    found = json.loads(route("test", "--path", "/eu/v1/messages?beta=true", "--key", "k1", "--json"))
    assert found["labels"]["key"] == "k1"
    assert found["url"] == "https://api.anthropic.com/v1/messages?beta=true"
    assert found["rules"][0]["obstacle"] == "model is not known, not claude-opus-*"


def test_exit_codes_of_a_dry_run(route, tmp_path):
    assert "where it would go without the recorder" in route("test", code=1)
    assert "speaks messages, not bedrock: there is nothing like /model/claude-opus-4-6/converse" in route(
        "test", "--path", "/model/claude-opus-4-6/converse", "--team", "blue", code=1
    )
    assert "give NAME:VALUE" in route("test", "--header", "x", code=2)
    (tmp_path / "recorder.toml").write_text("[[route]]\nto = 'x'\n")
    assert "recorder.toml:2: [[route]] number 1 to:" in route("test", code=2)


def test_a_dry_run_of_a_translation(route, tmp_path):
    text = "[upstream.aws]\nurl = 'https://bedrock-runtime.us-west-2.amazonaws.com'\nprotocol = 'bedrock'\n"
    (tmp_path / "recorder.toml").write_text(f"{text}headers = {{ x-team = 'blue' }}\n[[route]]\nto = 'aws'\n")
    words = ("--model", "claude-opus-4-6", "--stream", "--header", "anthropic-beta: of-tomorrow")
    id_ = "us.anthropic.claude-opus-4-6-v1"
    assert route("test", *words).splitlines() == [
        "route 1: fires",
        f"→ aws: POST https://bedrock-runtime.us-west-2.amazonaws.com/model/{id_}/invoke-with-response-stream",
        f"  model: {id_} (asked for: claude-opus-4-6)",
        "  translated: messages → bedrock",
        "  left out: beta of-tomorrow, bedrock refuses betas that it does not know",
        "  header anthropic-beta: (taken out)",
        "  header accept-encoding: identity",
        "  header content-type: application/json",
        "  header accept: application/json",
        "  header x-team: blue",
    ]
    body = tmp_path / "body.json"
    body.write_text('{"model":"claude-opus-4-6","messages":[],"speed":"fast"}')
    found = json.loads(route("test", "--body", str(body), "--json"))
    assert found["translated_to"] == "bedrock"
    assert found["left_out"] == [{"what": "speed", "why": "fast mode is sold by Anthropic alone", "count": 1}]
    body.write_text("[]")
    assert "refused: its body is no JSON object of a request" in route(
        "test",
        "--path",
        "/v1/projects/p/locations/l/publishers/anthropic/models/claude-x:rawPredict",
        "--body",
        str(body),
        code=1,
    )


def test_use_and_back(route, tmp_path):
    path = switch_path(tmp_path / "r.db")
    assert route("use", "direct") == "in use: direct\n"
    assert read_switch(path) == "direct"
    assert "in use: direct" in route("list")
    assert "recorder route use: fires" in route("test")
    assert "did you mean direct?" in route("use", "dierct", code=2)
    assert route("use", "--default") == "in use: what the rules say\n"
    assert read_switch(path) is None
    assert "give the name of an upstream, or --default" in route("use", code=2)
    assert [file.name for file in tmp_path.glob(".*route*")] == []


def test_a_switch_to_what_is_gone_can_be_taken_back(route, tmp_path):
    route("use", "direct")
    (tmp_path / "recorder.toml").write_text("")
    assert "`recorder route use` chose 'direct', which is not there" in route("list", code=2)
    route("use", "--default")
    assert "requests go where they would go without the recorder" in route("list")


def test_a_switch_that_is_none(route, tmp_path):
    switch_path(tmp_path / "r.db").write_text("nonsense")
    assert "is not what `recorder route use` writes; remove it" in route("list", code=2)


def test_list_tells_what_a_recorder_has_set_aside(route, tmp_path):
    write_health(
        health_path(tmp_path / "r.db", os.getpid()), [Seen(upstream="direct", reason="it answered 529", until_utc=0.0)]
    )
    assert "set aside: direct, it answered 529; to be tried" in route("list")
    (seen,) = json.loads(route("list", "--json"))["set_aside"]
    assert seen == {"upstream": "direct", "reason": "it answered 529", "until_utc": "1970-01-01T00:00:00Z"}


def test_a_dry_run_of_a_body_that_one_of_several_cannot_take(route, tmp_path):
    text = "[upstream.aws]\nurl = 'https://bedrock-runtime.us-west-2.amazonaws.com'\nprotocol = 'bedrock'\n"
    text += "[upstream.direct]\nurl = 'https://api.anthropic.com'\n[[route]]\nto = ['aws', 'direct']\n"
    (tmp_path / "recorder.toml").write_text(text)
    body = tmp_path / "body.json"
    body.write_text('{"model":"claude-opus-4-6","thread":{"type":"continue","previous_message_id":"m"},"messages":[]}')
    why = "it goes on with a conversation that only its provider has (`thread`)"
    assert route("test", "--body", str(body)).splitlines() == [
        "route 1: fires",
        f"aws: passed over, {why}",
        "→ direct: POST https://api.anthropic.com/v1/messages",
    ]
    found = json.loads(route("test", "--body", str(body), "--json"))
    assert (found["passed_over"], found["upstream"]) == ([{"upstream": "aws", "why": why}], "direct")
    (tmp_path / "recorder.toml").write_text(text.replace("['aws', 'direct']", "'aws'"))
    assert f"→ refused: {why}" in route("test", "--body", str(body), code=1)
