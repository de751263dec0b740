from datetime import UTC, datetime
from decimal import Decimal

import pytest

from recorder.pricing.names import Ref
from recorder.pricing.table import find

AT = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("table", "model", "found"),
    [
        ("anthropic", "claude-opus-4-6-20260205", "anthropic/claude-opus-4-6"),
        ("anthropic", "claude-sonnet-5-latest", "anthropic/claude-sonnet-5"),
        ("aws", "us.anthropic.claude-opus-4-6-v1", "aws/regional.anthropic.claude-opus-4-6-v1:0"),
        ("aws", "global.anthropic.claude-opus-4-6-v1", "aws/global.anthropic.claude-opus-4-6-v1:0"),
        ("aws", "anthropic.claude-haiku-4-5", "aws/regional.anthropic.claude-haiku-4-5-20251001-v1:0"),
        ("aws", "global.anthropic.claude-haiku-4-5", "aws/global.anthropic.claude-haiku-4-5-20251001-v1:0"),
        ("aws", "apac.anthropic.claude-opus-5", "aws/regional.anthropic.claude-opus-5"),
        ("google", "claude-haiku-4-5@20251001", "google/claude-haiku-4-5"),
        ("google", "claude-sonnet-5@20260101", "anthropic/claude-sonnet-5"),
        ("litellm", "openai/gpt-5", "openai/gpt-5"),
    ],
)
def test_finds(table: str, model: str, found: str) -> None:
    entry = find(Ref(table, model), AT)
    assert entry is not None
    assert f"{entry.table}/{entry.model}" == found


@pytest.mark.parametrize(
    ("table", "model"),
    [
        ("anthropic", "claude-opus-4-10"),  # the table's own match takes it for an opus-4-1
        ("anthropic", "claude-opus-4-50"),
        ("anthropic", "claude-opus-4-5-7"),
        ("anthropic", "claude-v3"),
        ("anthropic", "claude-opus"),
        ("aws", "anthropic.claude-opus-4-10-v1:0"),
        ("google", "claude-haiku-4-51@20270101"),
        ("litellm", "my-alias"),
        ("no-such-table", "claude-opus-5"),
    ],
)
def test_does_not_guess(table: str, model: str) -> None:
    assert find(Ref(table, model), AT) is None


def test_a_mode_without_rates_is_told() -> None:
    opus = Ref("anthropic", "claude-opus-4-8")
    sonnet = Ref("anthropic", "claude-sonnet-4-6")
    for ref, fast, batch, lacks, rate in (
        (opus, False, False, (), 5),
        (opus, True, False, (), 10),
        (opus, False, True, (), "2.5"),
        (sonnet, True, False, ("fast",), 3),
        (Ref("aws", "us.anthropic.claude-opus-4-6-v1"), True, False, ("fast",), "5.5"),
        (Ref("google", "claude-opus-4-6"), False, True, ("batch",), 5),
    ):
        entry = find(ref, AT, fast=fast, batch=batch)
        assert entry is not None
        assert (entry.lacks, entry.rates["input_mtok"]) == (lacks, Decimal(rate))


def test_tiered() -> None:
    long, flat = (find(Ref("anthropic", model), AT) for model in ("claude-haiku-5-5", "claude-opus-5"))
    assert long is not None
    assert long.tiered
    assert flat is not None
    assert not flat.tiered
