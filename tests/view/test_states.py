import msgspec
import pytest

from recorder.model import State
from recorder.store import queries
from recorder.view import states


@pytest.fixture
def row(db):
    return queries.list_interactions(db)[0]


def changed(row, **values):
    return msgspec.structs.replace(row, **values)


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("claude-opus-4-6", "opus-4-6"),
        ("claude-sonnet-4-5-20250929", "sonnet-4-5"),
        ("claude-haiku-4-5@20251001", "haiku-4-5"),
        ("us.anthropic.claude-haiku-4-5-20251001-v1:0", "haiku-4-5"),
        ("anthropic.claude-haiku-4-5", "haiku-4-5"),
        ("house-model-20250101", "house-model-20250101"),
        ("claude-", "claude-"),
        ("-", "-"),
    ],
)
def test_short_model(name, short):
    assert states.short_model(name) == short


@pytest.mark.parametrize("state", list(State))
def test_every_state_has_a_sign_of_its_own_and_a_colour(state):
    assert len(states.sign(state)) == 1
    assert states.colour(state)
    assert [states.sign(other) for other in State].count(states.sign(state)) == 1


@pytest.mark.parametrize(
    ("state", "usd", "tokens", "shown"),
    [
        ("complete", "0.5", 10, "$0.5000"),
        ("complete", None, 10, "unknown"),
        ("complete", None, None, "unknown"),
        ("aborted", None, None, "unknown"),
        ("lost", None, None, "unknown"),
        ("failed", None, None, "-"),
        ("failed", None, 10, "unknown"),
        ("blocked", None, None, "-"),
        ("open", None, None, "-"),
    ],
)
def test_an_unknown_cost_is_never_nothing(row, state, usd, tokens, shown):
    row = changed(row, state=state, cost_usd=usd, input_tokens=tokens, output_tokens=tokens)
    assert states.cost_of(row) == shown
    assert states.is_cost_unknown(row) == (shown == "unknown")


def test_agrees_with_the_store_about_what_is_unknown(db):
    rows = queries.list_interactions(db)
    (total,) = [sum(row.unknown_costs for row in queries.usage_by(db, "day"))]
    assert sum(map(states.is_cost_unknown, rows)) == total == 2


def test_support_calls_have_no_cost(row):
    assert states.cost_of(changed(row, flow_class="support", cost_usd=None)) == "-"


def test_indent(row):
    assert states.indent(changed(row, agent_id=None)) == ""
    assert states.indent(changed(row, agent_id="a", parent_agent_id=None)) == "└ "
    assert states.indent(changed(row, agent_id="a", parent_agent_id="b")) == "  └ "


def test_cache_writes(row):
    assert states.cache_writes(changed(row, cache_write_5m_tokens=2, cache_write_1h_tokens=3)) == 5
    assert states.cache_writes(changed(row, cache_write_5m_tokens=None, cache_write_1h_tokens=None)) is None
