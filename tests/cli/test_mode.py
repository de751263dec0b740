import pytest

from recorder.cli.mode import choose_mode
from recorder.cli.upstreams import find_upstreams
from recorder.errors import ConfigError

SIGNED = {"CLAUDE_CODE_USE_BEDROCK": "1"}
REGIONS = {"CLAUDE_CODE_USE_VERTEX": "1", "VERTEX_REGION_CLAUDE_HAIKU_4_5": "europe-west1"}
MANAGED = {"ANTHROPIC_BASE_URL": "https://gateway"}


def choose(asked, env, managed=None):
    env = {"HOME": "/nonexistent", **env, **(managed or {})}
    return choose_mode(asked, find_upstreams(env), env, managed or {})


@pytest.mark.parametrize(
    "env",
    [
        {},
        SIGNED | {"CLAUDE_CODE_SKIP_BEDROCK_AUTH": "1"},
        SIGNED | {"AWS_BEARER_TOKEN_BEDROCK": "made-up"},
        {"ANTHROPIC_BEDROCK_BASE_URL": "http://named-but-not-selected"},
        {"VERTEX_REGION_CLAUDE_HAIKU_4_5": "europe-west1"},
        REGIONS | {"ANTHROPIC_VERTEX_BASE_URL": "https://one/v1"},
    ],
)
def test_reverse_without_obstacle(env):
    assert choose(None, env) == ("reverse", None)
    assert choose("reverse", env) == ("reverse", None)
    assert choose("proxy", env) == ("proxy", None)


@pytest.mark.parametrize(
    ("env", "managed", "word"),
    [
        (SIGNED, None, "SigV4"),
        (SIGNED | {"ANTHROPIC_BEDROCK_BASE_URL": "https://vpce"}, None, "SigV4"),
        (REGIONS, None, "several regions"),
        ({}, MANAGED, "bypasses the recorder"),
    ],
)
def test_obstacles_choose_the_proxy_and_refuse_reverse(env, managed, word):
    mode, notice = choose(None, env, managed)
    assert mode == "proxy"
    assert word in notice
    with pytest.raises(ConfigError, match=word):
        choose("reverse", env, managed)
    assert choose("proxy", env, managed) == ("proxy", None)
