import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal

import genai_prices
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.model import Iteration, Provider, Usage
from recorder.pricing import Price, price

AT = datetime(2026, 11, 20, tzinfo=UTC)
COUNTS = st.integers(0, 10**7)
USAGES = st.builds(
    Usage,
    input_tokens=COUNTS,
    output_tokens=COUNTS,
    cache_read_tokens=COUNTS,
    cache_write_5m_tokens=COUNTS,
    cache_write_1h_tokens=COUNTS,
    web_search_requests=st.integers(0, 50),
)


def cost(usage: Usage, model: str = "claude-opus-4-6", provider: Provider = Provider.ANTHROPIC) -> Price:
    return price(usage, provider, model, at=AT)


@given(USAGES, st.sampled_from(["claude-opus-4-6", "claude-sonnet-4-5", "claude-haiku-5-5", "claude-fable-5-1"]))
def test_agrees_with_the_table_s_own_arithmetic(usage: Usage, model: str) -> None:
    written = usage.cache_write_5m_tokens + usage.cache_write_1h_tokens
    theirs = genai_prices.Usage(
        input_tokens=usage.input_tokens + usage.cache_read_tokens + written,  # theirs includes cache tokens
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cache_read_tokens,
        cache_write_tokens=written,
        cache_write_5m_tokens=usage.cache_write_5m_tokens,
        cache_write_1h_tokens=usage.cache_write_1h_tokens,
        web_searches=usage.web_search_requests,
    )
    expected = genai_prices.calc_price(theirs, model, provider_id="anthropic", genai_request_timestamp=AT).total_price
    found = cost(usage, model)
    assert found.usd is not None
    assert Decimal(found.usd) == expected


@pytest.mark.parametrize(
    ("counts", "usd"),
    [
        ({"input_tokens": 1_000_000}, "5"),
        ({"output_tokens": 1_000_000}, "25"),
        ({"cache_read_tokens": 1_000_000}, "0.5"),
        ({"cache_write_5m_tokens": 1_000_000}, "6.25"),
        ({"cache_write_1h_tokens": 1_000_000}, "10"),
        ({"web_search_requests": 3}, "0.03"),
        ({"thinking_tokens": 1_000_000}, "0"),  # part of output_tokens already
        ({"cache_read_tokens": 1}, "0.0000005"),
        ({}, "0"),
    ],
)
def test_each_kind_of_token_has_its_rate(counts: dict[str, int], usd: str) -> None:
    assert cost(Usage(**counts)).usd == usd  # type: ignore[arg-type]


def test_the_working_is_kept() -> None:
    found = cost(Usage(input_tokens=10, web_search_requests=1))
    assert found.table == f"genai-prices {genai_prices.__version__}"
    assert found.model == "anthropic/claude-opus-4-6"
    assert found.reason is None
    assert found.rates == {
        "input_mtok": "5",
        "output_mtok": "25",
        "cache_read_mtok": "0.5",
        "cache_write_5m_mtok": "6.25",
        "cache_write_1h_mtok": "10",
        "web_searches_kcount": "10",
    }


@pytest.mark.parametrize("model", ["no-such-model", "", None, "claude-opus-9", "x" * 5000])
def test_unknown_is_none_and_never_zero(model: str | None) -> None:
    found = price(Usage(input_tokens=1), Provider.ANTHROPIC, model, at=AT)
    assert found.usd is None
    assert found.reason
    assert found.table.startswith("genai-prices ")


def test_a_model_s_name_is_not_repeated() -> None:
    assert "hunter2" not in repr(price(Usage(), Provider.LITELLM, "hunter2", at=AT))


def test_negative_counts_are_refused() -> None:
    found = cost(Usage(input_tokens=-5, output_tokens=1))
    assert (found.usd, found.reason) == (None, "a token count is negative")


def test_counts_of_any_size_stay_exact() -> None:
    assert cost(Usage(input_tokens=10**40 + 1)).usd == str(5 * 10**34) + ".000005"


@pytest.mark.parametrize(
    ("provider", "model", "geo", "usd"),
    [
        (Provider.ANTHROPIC, "claude-opus-4-6", "us", "5.51"),  # searches are not tokens: 5 * 1.1 + 0.01
        (Provider.ANTHROPIC, "claude-opus-4-6", "global", "5.01"),
        (Provider.ANTHROPIC, "claude-haiku-4-5", "not_available", "1.01"),
        (Provider.FOUNDRY, "claude-opus-4-6", "us", "5.51"),
        (Provider.VERTEX, "claude-opus-4-6", "us", "5.01"),  # its region is its endpoint
        (Provider.VERTEX, "claude-sonnet-5", "us", "2.01"),  # although the price is borrowed from Anthropic's
        (Provider.BEDROCK, "us.anthropic.claude-opus-4-6-v1", "us", "5.51"),  # the regional rate, not the multiplier
        (Provider.BEDROCK, "global.anthropic.claude-opus-4-6-v1", "us", "5.01"),
    ],
)
def test_us_inference_costs_a_tenth_more_where_that_is_how_it_is_sold(
    provider: Provider, model: str, geo: str, usd: str
) -> None:
    found = cost(Usage(input_tokens=1_000_000, web_search_requests=1, inference_geo=geo), model, provider)
    assert found.usd == usd
    assert ("inference_geo" in found.rates) is (geo == "us" and provider in {Provider.ANTHROPIC, Provider.FOUNDRY})


@pytest.mark.parametrize(
    ("model", "usd", "approximated"),
    [
        ("claude-opus-4-6", "30", False),  # not in the table
        ("claude-opus-4-7", "30", False),
        ("claude-opus-4-8", "10", False),
        ("claude-opus-5-5", "8", False),
        ("claude-sonnet-4-6", "3", True),
    ],
)
def test_fast_mode(model: str, usd: str, *, approximated: bool) -> None:
    found = cost(Usage(input_tokens=1_000_000, speed="fast"), model)
    assert found.usd == usd
    assert (found.reason is not None) is approximated
    assert cost(Usage(input_tokens=1_000_000, speed="standard"), model).usd != "30"


def test_fast_mode_has_its_own_cache_rates() -> None:
    usage = Usage(cache_read_tokens=10**6, cache_write_5m_tokens=10**6, cache_write_1h_tokens=10**6, speed="fast")
    assert cost(usage).usd == "100.5"  # 3 + 37.5 + 60


def test_batch_is_half_price() -> None:
    assert cost(Usage(input_tokens=1_000_000, service_tier="batch")).usd == "2.5"


def test_priority_says_what_it_cannot_know() -> None:
    assert "priority" in (cost(Usage(input_tokens=1, service_tier="priority")).reason or "")


@pytest.mark.parametrize(
    ("counts", "rate"),
    [
        ({"input_tokens": 200_000}, "3"),
        ({"input_tokens": 200_001}, "6"),
        ({"input_tokens": 1, "cache_read_tokens": 200_000}, "6"),
        ({"input_tokens": 1, "cache_write_5m_tokens": 200_000}, "6"),
        ({"input_tokens": 1, "cache_write_1h_tokens": 200_000}, "6"),
        ({"input_tokens": 1, "output_tokens": 400_000}, "3"),
    ],
)
def test_the_long_prompt_tier_counts_the_whole_prompt(counts: dict[str, int], rate: str) -> None:
    found = cost(Usage(**counts), "claude-sonnet-4-5")  # type: ignore[arg-type]
    assert found.rates["input_mtok"] == rate


def test_rates_are_those_of_the_day() -> None:
    usage = Usage(input_tokens=300_000)
    before = price(usage, Provider.ANTHROPIC, "claude-opus-4-6", at=datetime(2026, 3, 1, tzinfo=UTC))
    assert (before.rates["input_mtok"], cost(usage).rates["input_mtok"]) == ("10", "5")


def test_compaction_is_added_and_an_advisor_has_its_own_rates() -> None:
    usage = Usage(
        input_tokens=1_000_000,
        iterations=(
            Iteration(type="compaction", usage=Usage(input_tokens=2_000_000)),
            Iteration(type="message", usage=Usage(input_tokens=1_000_000)),
            Iteration(type="advisor_message", model="claude-haiku-4-5", usage=Usage(output_tokens=1_000_000)),
        ),
    )
    found = cost(usage)
    assert found.usd == "20"  # 5 + 10 + 5
    assert found.rates["iterations.2.output_mtok"] == "5"
    assert "iterations.1.input_mtok" not in found.rates


def test_an_advisor_without_a_price_makes_the_whole_unknown() -> None:
    advisor = Iteration(type="advisor_message", model="no-such-model", usage=Usage(output_tokens=1))
    found = cost(Usage(input_tokens=1, iterations=(advisor,)))
    assert found.usd is None
    assert (found.reason or "").startswith("iterations.0: ")


def test_unknown_iterations_are_left_out_aloud() -> None:
    found = cost(Usage(input_tokens=1_000_000, iterations=(Iteration(type="dream", usage=Usage(input_tokens=9)),)))
    assert found.usd == "5"
    assert "unknown type" in (found.reason or "")


def test_a_missing_cache_rate_is_said_only_when_it_matters() -> None:
    model = "anthropic.claude-sonnet-4-20250514-v1:0"  # the table has no rate for its 1-hour writes
    assert cost(Usage(input_tokens=1), model, Provider.BEDROCK).reason is None
    assert "cache_write_1h_mtok" in (cost(Usage(cache_write_1h_tokens=1), model, Provider.BEDROCK).reason or "")


def test_bedrock_web_search_has_anthropic_s_price() -> None:
    assert cost(Usage(web_search_requests=2), "us.anthropic.claude-opus-4-6-v1", Provider.BEDROCK).usd == "0.02"


def test_the_user_s_names_win() -> None:
    arn = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123"
    usage = Usage(input_tokens=1_000_000)
    assert price(usage, Provider.BEDROCK, arn, at=AT).usd is None
    for alias in (arn, "abc123"):
        named = price(usage, Provider.BEDROCK, arn, at=AT, names={alias: "us.anthropic.claude-opus-4-6-v1"})
        assert named.usd == "5.5"
    fast = {"claude-opus-4-6": "claude-haiku-4-5"}
    assert price(usage, Provider.ANTHROPIC, "claude-opus-4-6", at=AT, names=fast).usd == "1"


def run(program: str) -> str:
    return subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.strip()


def test_works_offline() -> None:
    program = """
import sys
def audit(event, args):
    if event.startswith(("socket.", "urllib.", "http.")):
        print("opened", event)
        sys.exit(1)
sys.addaudithook(audit)
from datetime import datetime
from recorder.model import Provider, Usage
from recorder.pricing import price
print(price(Usage(input_tokens=1000000), Provider.ANTHROPIC, "claude-opus-4-6", at=datetime(2026, 11, 20)).usd)
"""
    assert run(program) == "5"


def test_the_heavy_table_waits_for_the_first_price() -> None:
    assert run("import sys, recorder.pricing; print('genai_prices' in sys.modules, 'pydantic' in sys.modules)") == (
        "False False"
    )
