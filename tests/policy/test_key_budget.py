"""What `recorder keys create --budget` takes, and what it does not."""

from decimal import Decimal

import pytest

from recorder.policy.key_budget import parse_key_budget


@pytest.mark.parametrize(
    ("text", "unit", "limit", "window"),
    [
        ("50", "usd", "50", "in total"),
        ("12.50/month", "usd", "12.50", "this month"),
        (" 50 USD / Week ", "usd", "50", "this week"),
        ("0.5usd/24 hours", "usd", "0.5", "in the last 24 hours"),
        ("2000000 tokens/day", "tokens", "2000000", "today"),
        ("2_000_000tokens/7 days", "tokens", "2000000", "in the last 7 days"),
        ("500 output tokens/hour", "output_tokens", "500", "this hour"),
        ("500 input_tokens", "input_tokens", "500", "in total"),
        ("1 request/session", "requests", "1", "in this session"),
    ],
)
def test_budgets(text: str, unit: str, limit: str, window: str) -> None:
    budget = parse_key_budget(text, "abc", "ann")
    assert (budget.unit, budget.limit, str(budget.window)) == (unit, Decimal(limit), window)
    assert (budget.name, budget.scope.when, budget.block) == ("key abc of ann", (("key", ("abc",)),), True)
    assert budget.scope.each == (("session",) if window == "in this session" else ())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "give an amount, of USD or with tokens"),
        ("much", "give an amount"),
        ("50 euros", "give an amount"),
        ("-5", "give an amount"),
        ("0/day", "is not a number"),
        ("1.5 tokens", "is not a whole number"),
        ("50/fortnight", "'fortnight' is no window; give hour, day, week, month, session, total"),
        ("50/", "give an amount"),
        ("9999999999999999", "up to 1,000,000,000,000"),
    ],
)
def test_mistakes(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_key_budget(text)
