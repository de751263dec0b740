"""Which rule fires, where a request goes, and what is different between two policies."""

import tomllib

import pytest

from recorder.model import Family, Labels
from recorder.policy.asked import ask
from recorder.policy.policy import changes, decide, obstacles, parse_policy

UPSTREAMS = """
[upstream.a]
url = "https://a.test/base"
[upstream.b]
url = "http://b.test:8080"
protocol = "messages"
model = { "claude-*" = "ours", "claude-opus-4-6" = "big" }
"""

INVOKE = "/model/x/invoke"


def policy(rules: str, use: str | None = None):
    return parse_policy(tomllib.loads(UPSTREAMS + rules), use)


def asked(path="/v1/messages?beta=true", model="claude-opus-4-6", **headers: str):
    fields = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    body = f'{{"model":"{model}","metadata":{{"user_id":"{{\\"session_id\\":\\"s-1\\"}}"}}}}'.encode()
    return ask("POST", path, fields, body, Labels(user="ann", team="blue", project="shop", key="k1"))


@pytest.mark.parametrize(
    ("when", "fires"),
    [
        ("{}", True),
        ('{ path = "/v1" }', True),
        ('{ path = "/v" }', False),
        ('{ protocol = "messages" }', True),
        ('{ protocol = "bedrock" }', False),
        ('{ model = "claude-opus-*" }', True),
        ('{ model = ["gpt-*", "*-4-6"] }', True),
        ('{ model = "Claude-*" }', False),
        ('{ user = "ann", team = "bl*", project = "shop" }', True),
        ('{ user = "ann", team = "red" }', False),
        ('{ key = "k1" }', True),
        ('{ key = ["k2", "(none)"] }', False),
        ('{ session = "s-*" }', True),
        ('{ agent = "main" }', True),
        ('{ agent = "Explore" }', False),
        ('{ request_class = "subagent" }', False),
        ('{ header = { X-App = "cli" } }', True),
        ('{ header = { x-app = ["bg", "desk*"] } }', False),
        ('{ header = { x-none = "*" } }', False),
    ],
)
def test_conditions(when: str, fires: bool) -> None:
    found = policy(f'[[route]]\nto = "a"\nwhen = {when}\n')
    assert (decide(found, asked(x_app="cli")) is not None) is fires


def test_a_subagent_is_known_by_id_and_type() -> None:
    found = policy('[[route]]\nto = "a"\nwhen = { agent = "Explore", request_class = "subagent" }\n')
    fields = {"x_claude_code_agent_type": "Explore", "x_claude_code_request_class": "subagent"}
    assert decide(found, asked(**fields, x_claude_code_agent_id="1"))
    assert not decide(found, asked(x_claude_code_agent_id="1"))


def test_the_first_that_fits_fires_and_the_others_say_why_not() -> None:
    rules = (
        '[[route]]\nto = "b"\nwhen = { model = "x" }\n' + '[[route]]\nname = "rest"\nto = "a"\n[[route]]\nto = "b"\n'
    )
    found = [(rule.name, obstacle) for rule, obstacle in obstacles(policy(rules), asked())]
    assert found == [("route 1", "model is claude-opus-4-6, not x"), ("rest", None)]


def test_a_headers_value_is_not_told() -> None:
    found = policy('[[route]]\nto = "a"\nwhen = { header = { x-key = "other" } }\n')
    ((_, obstacle),) = obstacles(found, asked(x_key="hush"))
    assert obstacle == "header x-key is another"


@pytest.mark.parametrize(
    ("model", "name"),
    [("claude-opus-4-6", "big"), ("claude-haiku-4-5", "ours"), ("ours", None), ("gpt", None)],
)
def test_an_exact_name_goes_before_a_pattern(model: str, name: str | None) -> None:
    decision = decide(policy('[[route]]\nto = "b"\n'), asked(model=model))
    assert decision
    assert (decision.model, decision.url) == (name, "http://b.test:8080/v1/messages?beta=true")


def test_a_rules_mapping_goes_before_its_upstreams() -> None:
    decision = decide(policy('[[route]]\nto = "b"\nmodel = { "claude-opus-*" = "rule" }\n'), asked())
    assert decision
    assert decision.model == "rule"


def test_the_switch_goes_before_all_rules_where_the_upstream_can_be_asked() -> None:
    found = policy('[[route]]\nto = "a"\nname = "all"\n', use="b")
    same, translated, profiles = (
        decide(found, asked(path)) for path in ("/v1/messages", INVOKE, "/inference-profiles")
    )
    assert same
    assert translated
    assert profiles
    assert (same.rule, same.upstream.name, same.translation) == ("recorder route use", "b", None)
    assert (translated.rule, translated.url) == ("recorder route use", "http://b.test:8080/v1/messages?beta=true")
    assert (profiles.rule, profiles.url) == ("all", "https://a.test/base/inference-profiles")
    ((_, obstacle), (_, none)) = obstacles(found, asked("/inference-profiles"))
    assert "there is nothing like /inference-profiles" in (obstacle or "")
    assert none is None


@pytest.mark.parametrize(
    ("path", "model", "why"),
    [
        ("/model/x/converse", "x", "there is nothing like /model/x/converse"),
        ("/v1/complete", "x", None),
        ("/inference-profiles?type=SYSTEM_DEFINED", "x", "there is nothing like /inference-profiles"),
        ("/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aapplication-inference-profile%2Fz/invoke", "x", "map it with"),
    ],
)
def test_what_is_not_translated_is_refused(path: str, model: str, why: str | None) -> None:
    decision = decide(policy('[[route]]\nto = "b"\n'), asked(path, model))
    assert decision
    said = f"route 1 sends it to b, which speaks messages, not bedrock: {why}"
    assert decision.refusal is None if why is None else str(decision.refusal).startswith(said[: len(said) - len(why)])
    assert (why or "") in (decision.refusal or "")


CLOUD = """
[upstream.aws]
url = "https://bedrock-runtime.eu-west-1.amazonaws.com"
protocol = "bedrock"
model = { "claude-opus-*" = "arn:aws:bedrock:eu-west-1:1:application-inference-profile/o" }
[upstream.gcp]
url = "https://us-east5-aiplatform.googleapis.com/v1"
protocol = "vertex"
project = "p-1"
[upstream.bare]
url = "https://gateway.test/vertex_ai/v1"
protocol = "vertex"
[upstream.global]
url = "https://gateway.test/bedrock"
protocol = "bedrock"
inference_profiles = "global"
[upstream.none]
url = "https://gateway.test/bedrock"
protocol = "bedrock"
inference_profiles = "none"
"""
AWS, GATEWAY = "https://bedrock-runtime.eu-west-1.amazonaws.com", "https://gateway.test/bedrock"
GCP = "https://us-east5-aiplatform.googleapis.com/v1/projects/p-1/locations/us-east5/publishers/anthropic/models"
HAIKU = "anthropic.claude-haiku-4-5-20251001-v1%3A0"


@pytest.mark.parametrize(
    ("to", "path", "model", "stream", "url"),
    [
        ("aws", "/v1/messages", "claude-haiku-4-5", False, f"{AWS}/model/eu.{HAIKU}/invoke"),
        ("aws", "/v1/messages?beta=true", "claude-sonnet-5", True,
         f"{AWS}/model/eu.anthropic.claude-sonnet-5/invoke-with-response-stream"),
        ("aws", "/v1/messages", "claude-opus-4-6", False,
         f"{AWS}/model/arn%3Aaws%3Abedrock%3Aeu-west-1%3A1%3Aapplication-inference-profile%2Fo/invoke"),
        ("aws", "/x/v1/messages/count_tokens", "claude-haiku-4-5", False, f"{AWS}/model/{HAIKU}/count-tokens"),
        ("global", "/v1/messages", "claude-haiku-4-5", False, f"{GATEWAY}/model/global.{HAIKU}/invoke"),
        ("none", "/v1/messages", "claude-haiku-4-5", False, f"{GATEWAY}/model/{HAIKU}/invoke"),
        ("gcp", "/v1/messages", "claude-haiku-4-5", True, f"{GCP}/claude-haiku-4-5@20251001:streamRawPredict"),
        ("gcp", "/v1/messages", "claude-sonnet-5", False, f"{GCP}/claude-sonnet-5:rawPredict"),
        ("gcp", "/v1/messages/count_tokens", "claude-sonnet-5", False, f"{GCP}/count-tokens:rawPredict"),
        ("gcp", "/bedrock/model/us.anthropic.claude-opus-4-6-v1/invoke-with-response-stream", "", False,
         f"{GCP}/claude-opus-4-6:streamRawPredict"),
        ("b", "/v1/projects/p/locations/l/publishers/anthropic/models/claude-x@20250101:rawPredict", "", False,
         "http://b.test:8080/v1/messages?beta=true"),
        ("b", "/v1/projects/p/locations/l/publishers/anthropic/models/count-tokens:rawPredict", "claude-x@20250101",
         False, "http://b.test:8080/v1/messages/count_tokens?beta=true"),
        ("bare", "/v1/messages", "claude-sonnet-5", False, None),
    ],
)  # fmt: skip
def test_where_a_translated_request_goes(to: str, path: str, model: str, stream: bool, url: str | None) -> None:
    found = parse_policy(tomllib.loads(UPSTREAMS + CLOUD + f'[[route]]\nto = "{to}"\n'))
    body = f'{{"model":"{model}","stream":{str(stream).lower()}}}'.encode()
    decision = decide(found, ask("POST", path, (), body, Labels()))
    assert found.reads_body
    assert decision
    if url is None:
        assert "its path needs `project` and `region` in the upstream" in (decision.refusal or "")
    else:
        assert (decision.refusal, decision.url) == (None, url)


@pytest.mark.parametrize(
    ("path", "family"),
    [
        ("/v1/messages", Family.MESSAGES),
        ("/x/v1/models", Family.MESSAGES),
        ("/bedrock/inference-profiles?type=SYSTEM_DEFINED", Family.BEDROCK),
        ("/model/x/count-tokens", Family.BEDROCK),
        ("/v1/projects/p/locations/l/publishers/anthropic/models/count-tokens:rawPredict", Family.VERTEX),
        ("/api/hello", None),
    ],
)
def test_families(path: str, family: Family | None) -> None:
    assert asked(path).family is family


def test_changes_are_told_by_name() -> None:
    one, two = '[[route]]\nto = "a"\nname = "one"\n', '[[route]]\nto = "b"\nname = "two"\n'
    before = policy(one + two)
    assert changes(before, policy(two + one)) == ["order of routes"]
    assert changes(before, policy(one)) == ["two"]
    assert changes(before, policy(one + two, use="a")) == ["use a"]
    assert changes(policy(one, use="a"), policy(one)) == ["use --default"]
    other = parse_policy(tomllib.loads(UPSTREAMS.replace("/base", "/other") + one + two + "[labels]\nheaders = false"))
    assert changes(before, other) == ["upstream a", "labels"]
    assert len({before.digest, policy(two + one).digest, policy(one + two, use="a").digest}) == 3
    assert policy(one + two).digest == before.digest
