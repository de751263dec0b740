import pytest

from recorder.model import Provider
from recorder.pricing.names import Ref, base, is_global, resolve

HAIKU = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
ARN = "arn:aws:bedrock:us-east-1:123456789012:"


@pytest.mark.parametrize(
    ("provider", "model", "first"),
    [
        (Provider.ANTHROPIC, "claude-opus-5[1m]", Ref("anthropic", "claude-opus-5")),
        (Provider.ANTHROPIC, " claude-opus-5 ", Ref("anthropic", "claude-opus-5")),
        (Provider.GATEWAY, "claude-opus-5", Ref("anthropic", "claude-opus-5")),
        (Provider.FOUNDRY, "claude-opus-5", Ref("anthropic", "claude-opus-5")),
        (Provider.BEDROCK, HAIKU, Ref("aws", HAIKU)),
        (Provider.BEDROCK, ARN + "inference-profile/" + HAIKU, Ref("aws", HAIKU)),
        (Provider.BEDROCK, ARN + "foundation-model/anthropic.claude-opus-5", Ref("aws", "anthropic.claude-opus-5")),
        (Provider.BEDROCK, "arn:aws-us-gov:bedrock:us-gov-west-1::inference-profile/" + HAIKU, Ref("aws", HAIKU)),
        (Provider.MANTLE, "anthropic.claude-haiku-4-5", Ref("aws", "anthropic.claude-haiku-4-5")),
        (Provider.VERTEX, "claude-haiku-4-5@20251001", Ref("google", "claude-haiku-4-5@20251001")),
        (Provider.LITELLM, "bedrock/" + HAIKU, Ref("aws", HAIKU)),
        (Provider.LITELLM, "bedrock/us-east-1/" + HAIKU, Ref("aws", HAIKU)),
        (Provider.LITELLM, "bedrock/converse/" + ARN + "inference-profile/" + HAIKU, Ref("aws", HAIKU)),
        (Provider.LITELLM, "vertex_ai/claude-opus-5@default", Ref("google", "claude-opus-5@default")),
        (Provider.LITELLM, "anthropic/claude-opus-5", Ref("anthropic", "claude-opus-5")),
        (Provider.BEDROCK, "anthropic/claude-opus-5", Ref("anthropic", "claude-opus-5")),
        (Provider.LITELLM, "team/opus", Ref("litellm", "team/opus")),
    ],
)
def test_where_to_look_first(provider: Provider, model: str, first: Ref) -> None:
    assert resolve(model, provider, {})[0] == first


@pytest.mark.parametrize(
    "kind", ["application-inference-profile", "provisioned-model", "custom-model", "imported-model"]
)
def test_an_opaque_arn_tells_nothing(kind: str) -> None:
    assert resolve(f"{ARN}{kind}/abc123", Provider.BEDROCK, {}) == ()


@pytest.mark.parametrize("asked", ["team/opus", "team/opus[1m]", "other/team/opus"])
def test_names_match_with_and_without_decoration(asked: str) -> None:
    names = {"team/opus": "claude-opus-5", "opus": "claude-opus-5"}
    assert resolve(asked, Provider.LITELLM, names)[0] == Ref("anthropic", "claude-opus-5")


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (HAIKU, "claude-haiku-4-5"),
        ("anthropic.claude-3-5-sonnet-20241022-v2:0:200k", "claude-3-5-sonnet"),
        ("us-gov.anthropic.claude-opus-4-6-v1", "claude-opus-4-6"),
        ("claude-opus-5@20260401", "claude-opus-5"),
        ("claude-opus-5@default", "claude-opus-5"),
        ("claude-opus-5-2026-04-01", "claude-opus-5"),
        ("claude-opus-5-20260401", "claude-opus-5"),
        ("claude-3-opus-latest", "claude-3-opus"),
        ("claude-opus-5-5", "claude-opus-5-5"),
    ],
)
def test_base(model: str, name: str) -> None:
    assert base(model) == name


def test_global_is_a_scope_and_no_part_of_a_name() -> None:
    assert is_global("global.anthropic.claude-opus-5")
    assert not is_global("us.anthropic.claude-opus-5")
    assert not is_global("claude-global")
