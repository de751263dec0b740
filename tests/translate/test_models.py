"""Names of models, there and back: the catalogue of the client, and near misses."""

import pytest

from recorder.translate.models import at_bedrock, at_messages, at_vertex, is_before_4_5, scope_of

CATALOGUE = [
    ("claude-3-5-haiku-20241022", "us.anthropic.claude-3-5-haiku-20241022-v1:0", "claude-3-5-haiku@20241022"),
    ("claude-3-5-sonnet-20241022", "us.anthropic.claude-3-5-sonnet-20241022-v2:0", "claude-3-5-sonnet-v2@20241022"),
    ("claude-3-7-sonnet-20250219", "us.anthropic.claude-3-7-sonnet-20250219-v1:0", "claude-3-7-sonnet@20250219"),
    ("claude-haiku-4-5-20251001", "us.anthropic.claude-haiku-4-5-20251001-v1:0", "claude-haiku-4-5@20251001"),
    ("claude-opus-4-20250514", "us.anthropic.claude-opus-4-20250514-v1:0", "claude-opus-4@20250514"),
    ("claude-opus-4-1-20250805", "us.anthropic.claude-opus-4-1-20250805-v1:0", "claude-opus-4-1@20250805"),
    ("claude-opus-4-5-20251101", "us.anthropic.claude-opus-4-5-20251101-v1:0", "claude-opus-4-5@20251101"),
    ("claude-opus-4-6", "us.anthropic.claude-opus-4-6-v1", "claude-opus-4-6"),
    ("claude-opus-4-7", "us.anthropic.claude-opus-4-7", "claude-opus-4-7"),
    ("claude-sonnet-4-6", "us.anthropic.claude-sonnet-4-6", "claude-sonnet-4-6"),
    ("claude-sonnet-4-20250514", "us.anthropic.claude-sonnet-4-20250514-v1:0", "claude-sonnet-4@20250514"),
    ("claude-fable-5", "us.anthropic.claude-fable-5", "claude-fable-5"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "bedrock", "vertex"), CATALOGUE)
def test_the_clients_catalogue(name: str, bedrock: str, vertex: str) -> None:
    assert (at_bedrock(name, "us"), at_vertex(name)) == (bedrock, vertex)
    assert at_messages(bedrock) == at_messages(vertex) == at_messages(name) == name


@pytest.mark.parametrize(
    ("short", "dated"),
    [
        ("claude-haiku-4-5", "claude-haiku-4-5-20251001"),
        ("claude-3-7-sonnet-latest", "claude-3-7-sonnet-20250219"),
        ("claude-opus-4-0", "claude-opus-4-20250514"),
        ("claude-sonnet-5", "claude-sonnet-5"),
    ],
)
def test_short_names(short: str, dated: str) -> None:
    assert at_bedrock(short, "eu") == at_bedrock(dated, "eu")
    assert at_vertex(short) == at_vertex(dated)


@pytest.mark.parametrize("alias", ["our-opus", "bedrock/claude", "claude", "Claude-X", "gpt-5", "claude-x[1m]"])
def test_a_gateways_names_stay(alias: str) -> None:
    assert at_bedrock(alias, "us") == at_vertex(alias) == at_messages(alias) == alias


@pytest.mark.parametrize(
    ("id_", "name"),
    [
        ("anthropic.claude-opus-4-7", "claude-opus-4-7"),
        ("us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5-20250929"),
        ("anthropic.claude-3-sonnet-20240229-v1:0:200k", "claude-3-sonnet-20240229"),
        ("arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-opus-4-7", "claude-opus-4-7"),
        ("arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/anthropic.claude-opus-4-7", "claude-opus-4-7"),
        ("arn:aws:bedrock:us-east-1:1:application-inference-profile/abc", None),
        ("arn:aws:bedrock:us-east-1:1:provisioned-model/abc", None),
        ("claude-sonnet-5@default", "claude-sonnet-5"),
        ("meta.llama3-70b-instruct-v1:0", "meta.llama3-70b-instruct-v1:0"),
    ],
)
def test_ids_of_clouds(id_: str, name: str | None) -> None:
    assert at_messages(id_) == name


def test_scopes() -> None:
    found = {region: scope_of(region) for region in ("us-east-1", "ca-central-1", "us-gov-west-1", "eu-west-3")}
    assert list(found.values()) == ["us", "us", "us-gov", "eu"]
    assert [scope_of(name) for name in ("ap-northeast-1", "ap-southeast-2", "ap-south-1", None)] == [
        "jp", "au", "global", "us",
    ]  # fmt: skip
    assert at_bedrock("claude-opus-4-7", "") == "anthropic.claude-opus-4-7"


def test_which_models_take_no_lifetime() -> None:
    old = [
        "claude-3-5-haiku-20241022",
        "claude-opus-4-1",
        "claude-opus-4",
        "claude-sonnet-4-20250514",
        "claude-opus-4-0",
    ]
    new = ["claude-opus-4-5", "claude-haiku-4-5-20251001", "claude-sonnet-5", "claude-opus-4-10", "our-alias"]
    assert [name for name in old + new if is_before_4_5(name)] == old
