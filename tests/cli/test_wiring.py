from pathlib import Path

import pytest

from recorder.cli.providers import HOST_PATTERNS
from recorder.cli.upstreams import find_upstreams
from recorder.cli.wiring import find_pinned, wire
from recorder.errors import ConfigError

CA = Path("/ca.pem")
LITELLM = {
    "ANTHROPIC_BASE_URL": "http://litellm:4000",
    "ANTHROPIC_BEDROCK_BASE_URL": "http://litellm:4000/bedrock",
    "ANTHROPIC_VERTEX_BASE_URL": "https://vertex.example/v1",
}


def make(mode, env, override=None):
    return wire(mode, find_upstreams(env, override), env)


def test_one_listener_for_each_origin():
    wiring = make("reverse", LITELLM)
    assert wiring.specs == ("reverse:http://litellm:4000", "reverse:https://vertex.example:443")


def test_base_urls_keep_their_path():
    addresses = {"reverse:http://litellm:4000": "127.0.0.1:1", "reverse:https://vertex.example:443": "127.0.0.1:2"}
    assert make("reverse", LITELLM).environment(addresses, LITELLM, CA) == {
        "ANTHROPIC_BASE_URL": "http://127.0.0.1:1",
        "ANTHROPIC_BEDROCK_BASE_URL": "http://127.0.0.1:1/bedrock",
        "ANTHROPIC_VERTEX_BASE_URL": "http://127.0.0.1:2/v1",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }


def test_reverse_takes_away_what_the_client_refuses_beside_a_base_url():
    env = {"CLAUDE_CODE_USE_FOUNDRY": "1", "ANTHROPIC_FOUNDRY_RESOURCE": "res"}
    wiring = make("reverse", env)
    changes = wiring.environment(dict.fromkeys(wiring.specs, "127.0.0.1:1"), env, CA)
    assert changes["ANTHROPIC_FOUNDRY_BASE_URL"] == "http://127.0.0.1:1/anthropic"
    assert changes["ANTHROPIC_FOUNDRY_RESOURCE"] == ""


def test_reverse_keeps_exceptions_in_force():
    env = {"no_proxy": ".corp", "NO_PROXY": "hidden by the other"}
    wiring = make("reverse", env)
    changes = wiring.environment(dict.fromkeys(wiring.specs, "127.0.0.1:1"), env, CA)
    assert changes["NO_PROXY"] == changes["no_proxy"] == ".corp,127.0.0.1"


def test_proxy_mode():
    env = {"NO_PROXY": "localhost,.anthropic.com", "ANTHROPIC_BEDROCK_BASE_URL": "http://b.example:4000/x"}
    wiring = make("proxy", env)
    assert wiring.specs == ("regular",)
    assert wiring.allow_hosts[: len(HOST_PATTERNS)] == HOST_PATTERNS
    assert r"^b\.example:4000$" in wiring.allow_hosts
    assert wiring.environment({"regular": "127.0.0.1:9"}, env, CA) == {
        **dict.fromkeys(("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"), "http://127.0.0.1:9"),
        "NODE_EXTRA_CA_CERTS": "/ca.pem",
        "NO_PROXY": "localhost",
        "no_proxy": "localhost",
    }


def test_proxy_mode_reaches_an_upstream_named_on_the_command_line():
    changes = make("proxy", {}, "http://gw:1/a").environment({"regular": "127.0.0.1:9"}, {}, CA)
    assert changes["ANTHROPIC_BASE_URL"] == "http://gw:1/a"


def test_reverse_through_a_corporate_proxy():
    wiring = make("reverse", {"HTTPS_PROXY": "http://proxy.corp:3128"})
    assert (wiring.via, wiring.direct, wiring.proxy_auth) == ("http://proxy.corp:3128", (), None)
    assert wiring.specs == ("reverse:https://api.anthropic.com:443",)


def test_forward_through_a_corporate_proxy():
    wiring = make("proxy", {"https_proxy": "http://proxy.corp:3128"})
    assert (wiring.specs, wiring.via) == (("upstream:http://proxy.corp:3128",), None)


@pytest.mark.parametrize("mode", ["reverse", "proxy"])
def test_credentials_of_a_proxy_are_kept_apart(mode):
    wiring = make(mode, {"HTTPS_PROXY": "http://me:p%40ss@proxy:3128/"})
    assert wiring.proxy_auth == "me:p@ss"
    assert "p%40ss" not in f"{wiring.via}{wiring.specs}"
    assert (wiring.via or wiring.specs[0]).endswith("http://proxy:3128")


def test_no_chain_when_everything_is_excepted():
    env = {"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "litellm", "ANTHROPIC_BASE_URL": "http://litellm:4000"}
    assert make("reverse", env).via is None
    assert make("proxy", env).specs == ("regular",)


def test_hosts_that_are_excepted_are_reached_directly():
    env = {**LITELLM, "HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "litellm"}
    for mode in ("reverse", "proxy"):
        assert make(mode, env).direct == ("litellm",)


@pytest.mark.parametrize("proxy", ["socks5://proxy:1080", "http://:3128", "http://proxy:port"])
def test_a_proxy_that_cannot_be_chained(proxy):
    with pytest.raises(ConfigError, match="HTTPS_PROXY or HTTP_PROXY"):
        make("reverse", {"HTTPS_PROXY": proxy})


def test_what_policy_pins():
    changes = {"A": "ours", "B": "ours", "C": "ours"}
    assert find_pinned(changes, {"A": "theirs", "B": "ours", "D": "theirs"}) == ["A"]
