"""Splits an answer's usage into what is billed as one: so many tokens of one model.

Usually that is the top-level usage. `usage.iterations` changes it (read in November 2026 from the anthropic wheel's
`BetaUsage` and from Claude Code 2.1.330's cost functions):

- `compaction` tokens are billed and are not in the top-level figures: they are added.
- `advisor_message` entries were answered by a model of their own, outside the top-level figures: they are added.
- `fallback_message` entries mean that another model served the turn: they are billed in place of the top-level figures,
  with the serving model's own earlier `message` entries; attempts that declined are not billed.
- `message` entries repeat what the top-level figures sum up. They matter where a long prompt costs more: each one is a
  prompt of its own, so the tier is chosen for each; but only if they do add up to the top-level figures.
"""

from collections.abc import Iterable

import msgspec

from recorder.model import Iteration, Usage

TOP = ""
"""The key of the charge for the top-level usage."""

_INSIDE = frozenset({"message"})
_OUTSIDE = frozenset({"compaction", "advisor_message"})


class Charge(msgspec.Struct, frozen=True):
    """Tokens of one model: `key` is `TOP` or `iterations.N`; `model` None means the answer's own model."""

    key: str
    model: str | None
    usage: Usage
    fast: bool


class Charges(msgspec.Struct, frozen=True):
    """What is billed, and the types of iterations of which it is not known whether they are."""

    billed: tuple[Charge, ...]
    unknown_types: int


def split(usage: Usage, *, tiered: bool) -> Charges:
    """Split a usage into charges; `tiered` says that the answer's model has a price for long prompts."""
    fast = usage.speed == "fast"
    numbered = [(f"iterations.{number}", entry) for number, entry in enumerate(usage.iterations)]
    extra = [
        Charge(key, entry.model, entry.usage, fast and entry.type == "compaction")
        for key, entry in numbered
        if entry.type in _OUTSIDE
    ]
    known = _INSIDE | _OUTSIDE | {"fallback_message"}
    unknown = sum(entry.type not in known for entry in usage.iterations)
    return Charges((*_main(usage, numbered, fast=fast, tiered=tiered), *extra), unknown)


def _main(usage: Usage, numbered: list[tuple[str, Iteration]], *, fast: bool, tiered: bool) -> list[Charge]:
    served = {entry.model for _, entry in numbered if entry.type == "fallback_message"}
    if served:
        return [
            Charge(key, entry.model, entry.usage, fast)
            for key, entry in numbered
            if entry.type == "fallback_message" or (entry.type == "message" and entry.model in served - {None})
        ]
    messages = [(key, entry) for key, entry in numbered if entry.type == "message"]
    if tiered and len(messages) > 1 and _adds_up(usage, [entry.usage for _, entry in messages]):
        parts = _with_hours(usage, [entry.usage for _, entry in messages])
        return [Charge(key, None, part, fast) for (key, _), part in zip(messages, parts, strict=True)]
    return [Charge(TOP, None, usage, fast)]


def _adds_up(usage: Usage, parts: list[Usage]) -> bool:
    return _figures([usage]) == _figures(parts)


def _figures(usages: Iterable[Usage]) -> tuple[int, ...]:
    rows = [(u.input_tokens, u.output_tokens, u.cache_read_tokens, written(u)) for u in usages]
    return tuple(map(sum, zip(*rows, strict=True)))


def _with_hours(usage: Usage, parts: list[Usage]) -> list[Usage]:
    """Hand the 1-hour cache writes that only the top-level usage tells apart to the iterations, first come first."""
    missing = max(0, usage.cache_write_1h_tokens - sum(part.cache_write_1h_tokens for part in parts))
    result = []
    for part in parts:
        moved = min(missing, part.cache_write_5m_tokens)
        missing -= moved
        result.append(
            msgspec.structs.replace(
                part,
                cache_write_5m_tokens=part.cache_write_5m_tokens - moved,
                cache_write_1h_tokens=part.cache_write_1h_tokens + moved,
            )
        )
    return result


def written(usage: Usage) -> int:
    """All cache writes, whatever their lifetime."""
    return usage.cache_write_5m_tokens + usage.cache_write_1h_tokens


def prompt(usage: Usage) -> int:
    """The tokens of the prompt: what the tier for long prompts is chosen on."""
    return usage.input_tokens + usage.cache_read_tokens + written(usage)
