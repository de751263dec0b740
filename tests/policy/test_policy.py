"""Which rule fires, where a request goes, and what is different between two policies."""

import tomllib

import pytest

from recorder.model import Labels
from recorder.policy.asked import Family, ask
from recorder.policy.policy import changes, decide, obstacles, parse_policy

UPSTREAMS = """
[upstream.a]
url = "https://a.test/base"
[upstream.b]
url = "http://b.test:8080"
protocol = "messages"
model = { "claude-*" = "ours", "claude-opus-4-6" = "big" }
"""


def policy(rules: str, use: str | None = None):
    return parse_policy(tomllib.loads(UPSTREAMS + rules), use)


def asked(path="/v1/messages?beta=true", model="claude-opus-4-6", **headers: str):
    fields = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    body = f'{{"model":"{model}","metadata":{{"user_id":"{{\\"session_id\\":\\"s-1\\"}}"}}}}'.encode()
    return ask("POST", path, fields, body, Labels(user="ann", team="blue", project="shop"))


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


def test_the_switch_goes_before_all_rules_where_the_upstream_speaks_the_protocol() -> None:
    found = policy('[[route]]\nto = "a"\nname = "all"\n', use="b")
    messages, bedrock = decide(found, asked()), decide(found, asked("/model/x/invoke"))
    assert messages
    assert bedrock
    assert (messages.rule, messages.upstream.name) == ("recorder route use", "b")
    assert (bedrock.rule, bedrock.url) == ("all", "https://a.test/base/model/x/invoke")


def test_a_rule_to_another_protocol_is_refused() -> None:
    decision = decide(policy('[[route]]\nto = "b"\n'), asked("/model/x/invoke"))
    assert decision
    assert decision.refusal == "route 1 sends it to b, which speaks messages, not bedrock"


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
