import pytest

from recorder.cli.upstreams import check_url, find_upstreams, origin
from recorder.errors import ConfigError

# Every set-up of the LLM gateway page of Claude Code's documentation, by what it names.
LITELLM = "https://litellm-server:4000"
BEDROCK = {"ANTHROPIC_BEDROCK_BASE_URL": f"{LITELLM}/bedrock", "CLAUDE_CODE_USE_BEDROCK": "1"}
VERTEX = {"ANTHROPIC_VERTEX_BASE_URL": f"{LITELLM}/vertex_ai/v1", "CLAUDE_CODE_USE_VERTEX": "1"}
DEFAULT = {"ANTHROPIC_BASE_URL": "https://api.anthropic.com"}


def found(env, override=None):
    upstreams = find_upstreams({"HOME": "/nonexistent", **env}, override)
    return {upstream.setup.variable: upstream.urls[0] for upstream in upstreams}


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({}, DEFAULT),
        ({"ANTHROPIC_BASE_URL": LITELLM}, {"ANTHROPIC_BASE_URL": LITELLM}),
        ({"ANTHROPIC_BASE_URL": f"{LITELLM}/anthropic/"}, {"ANTHROPIC_BASE_URL": f"{LITELLM}/anthropic"}),
        (BEDROCK, {**DEFAULT, "ANTHROPIC_BEDROCK_BASE_URL": f"{LITELLM}/bedrock"}),
        (VERTEX, {**DEFAULT, "ANTHROPIC_VERTEX_BASE_URL": f"{LITELLM}/vertex_ai/v1"}),
        # Named but not selected: another process may select it.
        (
            {"ANTHROPIC_BEDROCK_BASE_URL": "http://b:1"},
            {**DEFAULT, "ANTHROPIC_BEDROCK_BASE_URL": "http://b:1"},
        ),
        (
            {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_REGION": "r"},
            {**DEFAULT, "ANTHROPIC_BEDROCK_BASE_URL": "https://bedrock-runtime.r.amazonaws.com"},
        ),
        ({"CLAUDE_CODE_USE_BEDROCK": "0", "ANTHROPIC_BASE_URL": " "}, DEFAULT),
    ],
)
def test_what_the_environment_names(env, expected):
    assert found(env) == expected


@pytest.mark.parametrize(
    ("env", "override", "expected"),
    [
        ({}, "http://x:1", {"ANTHROPIC_BASE_URL": "http://x:1"}),
        # For Messages the override is the whole base URL: the way back from a gateway to the provider.
        ({"ANTHROPIC_BASE_URL": f"{LITELLM}/anthropic"}, "https://a", {"ANTHROPIC_BASE_URL": "https://a"}),
        (
            BEDROCK,
            "http://x:1",
            {"ANTHROPIC_BASE_URL": "http://x:1", "ANTHROPIC_BEDROCK_BASE_URL": "http://x:1/bedrock"},
        ),
        (
            BEDROCK,
            "http://x:1/other",
            {"ANTHROPIC_BASE_URL": "http://x:1/other", "ANTHROPIC_BEDROCK_BASE_URL": "http://x:1/other"},
        ),
        # Not selected: stays what it was.
        (
            {"ANTHROPIC_BEDROCK_BASE_URL": "http://b:1"},
            "http://x:1",
            {"ANTHROPIC_BASE_URL": "http://x:1", "ANTHROPIC_BEDROCK_BASE_URL": "http://b:1"},
        ),
    ],
)
def test_override(env, override, expected):
    assert found(env, override) == expected


@pytest.mark.parametrize("url", ["litellm:4000", "ftp://x", "http://", "http://x:99999", "http://x:0", "https://[::1"])
def test_what_is_no_base_url(url):
    with pytest.raises(ConfigError, match="give http"):
        check_url(url, "ANTHROPIC_BASE_URL")


def test_a_password_in_a_base_url_is_refused_and_not_shown():
    with pytest.raises(ConfigError) as error:
        found({"ANTHROPIC_BASE_URL": "https://me:hidden@gateway/"})
    assert "hidden" not in str(error.value)
    assert "gateway" in str(error.value)


def test_selected_provider_at_an_unknown_place():
    with pytest.raises(ConfigError, match="set ANTHROPIC_GOOGLE_CLOUD_BASE_URL"):
        found({"CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD": "1"})


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a/b?c", "https://a:443"),
        ("http://a", "http://a:80"),
        ("http://A:1/x", "http://a:1"),
        ("http://[::1]:4000/x", "http://[::1]:4000"),
    ],
)
def test_origin(url, expected):
    assert origin(url) == expected
