"""How a state looks: a sign and a colour. The word always stands beside it, so that nothing is said by colour alone."""

import re

from recorder.model import State
from recorder.store.results import InteractionRow
from recorder.view import figures

_LOOKS = {
    State.OPEN: ("…", "cyan"),
    State.COMPLETE: ("✓", "green"),
    State.ABORTED: ("✂", "yellow"),
    State.FAILED: ("✗", "red"),
    State.BLOCKED: ("⊘", "magenta"),
    State.LOST: ("?", "red"),
}
_UNBILLED = {State.FAILED, State.BLOCKED}

_VENDOR = re.compile(r"^(?:[a-z]{2,6}\.)?(?:anthropic\.)?(?:claude-)(?=[a-z0-9])")
_VERSION = re.compile(r"(?:[-@]20\d{6})?(?:-v\d+(?::\d+)?)?$")


def sign(state: str) -> str:
    """Give a state's sign, one cell wide."""
    return _LOOKS.get(State(state), ("?", ""))[0]


def colour(state: str) -> str:
    """Give a state's rich style."""
    return _LOOKS.get(State(state), ("?", ""))[1]


def model_name(row: InteractionRow) -> str:
    """Name the model that answered, else the one asked for."""
    return row.model_answered or row.model or figures.NOTHING


def short_model(name: str) -> str:
    """Shorten Claude's names for narrow tables: `us.anthropic.claude-haiku-4-5-20251001-v1:0` → `haiku-4-5`."""
    shorter = _VENDOR.sub("", name)
    return _VERSION.sub("", shorter) if shorter != name else name


def cost_of(row: InteractionRow) -> str:
    """Show an interaction's cost: `unknown` when it may have cost something, `-` when nothing was used, or not yet."""
    if row.cost_usd is not None:
        return figures.cost(row.cost_usd)
    used = bool((row.input_tokens or 0) + (row.output_tokens or 0))
    is_call = row.flow_class == "model" and row.state != State.OPEN
    return figures.UNKNOWN if is_call and (used or row.state not in _UNBILLED) else figures.NOTHING


def is_cost_unknown(row: InteractionRow) -> bool:
    """Tell whether a sum must say that this interaction is missing from it."""
    return cost_of(row) == figures.UNKNOWN


def cache_writes(row: InteractionRow) -> int | None:
    """Sum the cache writes of both lifetimes; None when not known."""
    if row.cache_write_5m_tokens is None and row.cache_write_1h_tokens is None:
        return None
    return (row.cache_write_5m_tokens or 0) + (row.cache_write_1h_tokens or 0)


def indent(row: InteractionRow) -> str:
    """Give what stands before a subagent's calls: a branch, further in for a subagent's subagent (or deeper)."""
    if row.agent_id is None:
        return ""
    return "  └ " if row.parent_agent_id else "└ "
