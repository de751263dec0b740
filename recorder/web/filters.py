"""What templates say figures and texts with: the words of the terminal's views, so that both say the same."""

from collections.abc import Callable, Mapping
from typing import Any

from recorder.view import figures
from recorder.view.states import cache_writes, cost_of, is_cost_unknown, model_name, short_model, sign
from recorder.view.text import clean, clean_line, json_text

_SHOWN = 20_000
"""Characters of one text on a page; the rest is a link away."""


def long(text: str, lines: int = 12) -> dict[str, Any]:
    """Cut a text for a page: its beginning, the rest to unfold, and how much is left out altogether."""
    kept = clean(text[:_SHOWN]).strip("\n")
    rows = kept.split("\n")
    head, rest = "\n".join(rows[:lines]), "\n".join(rows[lines:])
    if len(head) > lines * 200:
        head, rest = kept[: lines * 200], kept[lines * 200 :]
    return {"head": head, "rest": rest, "more": max(0, len(text) - _SHOWN)}


FILTERS: Mapping[str, Callable[..., Any]] = {
    "clean": clean,
    "line": lambda text: clean_line(str(text)),
    "long": long,
    "json": lambda value: clean(json_text(value)),
    "cost": figures.cost,
    "cache_writes": cache_writes,
    "cost_of": cost_of,
    "cost_unknown": is_cost_unknown,
    "cost_sum": figures.cost_sum,
    "tokens": figures.tokens,
    "short_tokens": figures.short_tokens,
    "duration": figures.duration,
    "size": figures.size,
    "times": figures.times,
    "local": figures.local_time,
    "short_id": lambda text: (text or "")[:8],
    "model": model_name,
    "short_model": lambda name: short_model(name or figures.NOTHING),
    "sign": sign,
}
