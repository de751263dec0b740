from decimal import Decimal

from recorder.policy.budget import Budget
from recorder.policy.subject import Scope
from recorder.policy.verdict import Standing
from recorder.policy.window import Window
from recorder.view.budgets import budget_table
from tests.view.rendering import render

MONTH = Budget(
    name="team a month",
    scope=Scope(each=("team",)),
    window=Window(kind="month", zone="Europe/Berlin"),
    unit="usd",
    limit=Decimal(200),
    warn=(Decimal("0.8"),),
)
ROWS = [
    Standing(
        budget=MONTH,
        value=("core",),
        spent=Decimal("170.5"),
        reserved=Decimal("10.25"),
        under_way=2,
        unknown=3,
        resets_us=1_796_079_600_000_000,
    ),
    Standing(budget=MONTH, value=("shop",), spent=Decimal(250)),
]


def test_a_wide_terminal_shows_all():
    text = render(budget_table(ROWS, 140), 140)
    assert "170.50 USD" in text
    assert "10.25 USD" in text
    assert "19.25 USD" in text
    assert "85%" in text
    assert "125%" in text
    assert "Tue 01 Dec 00:00 CET" in text
    assert "░" in text, "what requests under way hold"


def test_a_narrow_one_shows_what_matters():
    text = render(budget_table(ROWS, 80), 80)
    assert "170.50 USD" in text
    assert "85%" in text
    assert max(map(len, text.splitlines())) <= 80
