import re

import pytest

from recorder.cli.providers import HOST_PATTERNS, PROVIDERS, aws_region, is_on

BY_NAME = {setup.name: setup for setup in PROVIDERS}


@pytest.mark.parametrize(("value", "expected"), [("1", True), ("TRUE ", True), ("on", True), ("0", False), ("", False)])
def test_switches(value, expected):
    assert is_on({"A": value}, "A") is expected


@pytest.mark.parametrize(
    ("name", "env", "urls"),
    [
        ("Anthropic", {}, ("https://api.anthropic.com",)),
        ("Bedrock", {"AWS_REGION": "eu-west-1"}, ("https://bedrock-runtime.eu-west-1.amazonaws.com",)),
        ("Bedrock", {"AWS_DEFAULT_REGION": "eu-west-2"}, ("https://bedrock-runtime.eu-west-2.amazonaws.com",)),
        (
            "Bedrock",
            {"AWS_REGION": "a", "ANTHROPIC_SMALL_FAST_MODEL_AWS_REGION": "b"},
            ("https://bedrock-runtime.a.amazonaws.com", "https://bedrock-runtime.b.amazonaws.com"),
        ),
        (
            "Bedrock",
            {"AWS_REGION": "a", "ANTHROPIC_SMALL_FAST_MODEL_AWS_REGION": "a"},
            ("https://bedrock-runtime.a.amazonaws.com",),
        ),
        ("Bedrock Mantle", {"AWS_REGION": "a"}, ("https://bedrock-mantle.a.api.aws/anthropic",)),
        ("Vertex", {}, ("https://us-east5-aiplatform.googleapis.com/v1",)),
        ("Vertex", {"CLOUD_ML_REGION": "global"}, ("https://aiplatform.googleapis.com/v1",)),
        ("Vertex", {"CLOUD_ML_REGION": "eu"}, ("https://aiplatform.eu.rep.googleapis.com/v1",)),
        (
            "Vertex",
            {"CLOUD_ML_REGION": "global", "VERTEX_REGION_CLAUDE_HAIKU_4_5": "us-east5"},
            ("https://aiplatform.googleapis.com/v1", "https://us-east5-aiplatform.googleapis.com/v1"),
        ),
        (
            "Vertex",
            {"CLOUD_ML_REGION": "global", "VERTEX_REGION_CLAUDE_HAIKU_4_5": "global"},
            ("https://aiplatform.googleapis.com/v1",),
        ),
        ("Foundry", {"ANTHROPIC_FOUNDRY_RESOURCE": "res"}, ("https://res.services.ai.azure.com/anthropic",)),
        ("Foundry", {}, ()),
        ("Claude Platform on AWS", {"AWS_REGION": "a"}, ("https://aws-external-anthropic.a.api.aws",)),
        ("Claude Platform on Google Cloud", {}, ()),
        ("Claude Platform on Google Cloud", {"ANTHROPIC_GOOGLE_CLOUD_PROJECT": "p"}, ()),
        (
            "Claude Platform on Google Cloud",
            {"GOOGLE_CLOUD_PROJECT": "p", "ANTHROPIC_GOOGLE_CLOUD_WORKSPACE_ID": "w"},
            ("https://claude.googleapis.com/v1/projects/p/locations/global/workspaces/w/invoke",),
        ),
    ],
)
def test_defaults(name, env, urls, tmp_path):
    assert BY_NAME[name].defaults({"HOME": str(tmp_path), **env}) == urls


def test_region_of_the_profile(tmp_path):
    (tmp_path / "config").write_text("[default]\nregion = a\n[profile work]\nregion = b\n[profile empty]\n")
    env = {"AWS_CONFIG_FILE": str(tmp_path / "config")}
    assert aws_region(env) == "a"
    assert aws_region({**env, "AWS_PROFILE": "work"}) == "b"
    assert aws_region({**env, "AWS_PROFILE": "empty"}) == "us-east-1"
    assert aws_region({**env, "AWS_REGION": "c"}) == "c"
    (tmp_path / "config").write_text("no section")
    assert aws_region(env) == "us-east-1"


@pytest.mark.parametrize(
    ("name", "env", "signed"),
    [
        ("Anthropic", {}, False),
        ("Vertex", {}, False),
        ("Bedrock", {}, True),
        ("Bedrock", {"CLAUDE_CODE_SKIP_BEDROCK_AUTH": "1"}, False),
        ("Bedrock", {"CLAUDE_CODE_SKIP_BEDROCK_AUTH": "0"}, True),
        ("Bedrock", {"AWS_BEARER_TOKEN_BEDROCK": "made-up"}, False),
        ("Bedrock Mantle", {"CLAUDE_CODE_SKIP_BEDROCK_AUTH": "1"}, True),
        ("Bedrock Mantle", {"CLAUDE_CODE_SKIP_MANTLE_AUTH": "1"}, False),
        ("Claude Platform on AWS", {}, True),
        ("Claude Platform on AWS", {"ANTHROPIC_AWS_API_KEY": "made-up"}, False),
    ],
)
def test_is_signed(name, env, signed):
    assert BY_NAME[name].is_signed(env) is signed


@pytest.mark.parametrize(
    ("host", "read"),
    [
        ("api.anthropic.com:443", True),
        ("bedrock-runtime.us-east-1.amazonaws.com:443", True),
        ("bedrock-runtime-fips.us-east-1.amazonaws.com:443", True),
        ("bedrock.us-east-1.amazonaws.com:443", True),
        ("bedrock-mantle.us-east-1.api.aws:443", True),
        ("vpce-1-2.bedrock-runtime.us-east-1.vpce.amazonaws.com:443", True),
        ("aws-external-anthropic.us-east-1.api.aws:443", True),
        ("aiplatform.googleapis.com:443", True),
        ("us-east5-aiplatform.googleapis.com:443", True),
        ("aiplatform.eu.rep.googleapis.com:443", True),
        ("aiplatform.asia.rep.googleapis.com:443", True),
        ("claude.googleapis.com:443", True),
        ("claude.eu.rep.googleapis.com:443", True),
        ("res.services.ai.azure.com:443", True),
        ("res.openai.azure.com:443", True),
        ("res.cognitiveservices.azure.us:443", True),
        ("s3.us-east-1.amazonaws.com:443", False),
        ("sts.us-east-1.amazonaws.com:443", False),
        ("oauth2.googleapis.com:443", False),
        ("notclaude.googleapis.com:443", False),
        ("login.azure.com:443", False),
        ("github.com:443", False),
        ("api.anthropic.com.example.org:443", False),
        ("xapi.anthropic.com:443", False),
    ],
)
def test_hosts_that_are_decrypted(host, read):
    assert any(re.search(pattern, host) for pattern in HOST_PATTERNS) is read
