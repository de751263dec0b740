"""Rates out of genai-prices' bundled table, and the few that it lacks, each with its source.

genai-prices 0.2.3's own arithmetic is not used: its `input_tokens` include cache tokens, its `price_context` ignores
what it does not know in silence, and an answer here may span several models. Its data and its matching of ids are.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import msgspec

from recorder.pricing.names import ANTHROPIC, AWS, GOOGLE, Ref, base, is_global

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice, TieredPrices

_CLAUDE_TABLES = frozenset({ANTHROPIC, AWS, GOOGLE})
_NUMBER_GOES_ON = re.compile(r"\d|-\d+(?:$|[-.@:])")

type Rate = Decimal | TieredPrices

# Fast mode of Opus 4.6 and 4.7, which the table leaves out: 30/150 USD per million tokens, the caching multipliers
# (1.25, 2, 0.1) on top. Anthropic's fast mode pricing; the same figures in Claude Code 2.1.197 and 2.1.330.
_FAST = {
    "input_mtok": Decimal(30),
    "output_mtok": Decimal(150),
    "cache_read_mtok": Decimal(3),
    "cache_write_mtok": Decimal("37.5"),
    "cache_write_1h_mtok": Decimal(60),
}
_FAST_MODELS: Mapping[str, Mapping[str, Decimal]] = {"claude-opus-4-6": _FAST, "claude-opus-4-7": _FAST}


class Entry(msgspec.Struct, frozen=True):
    """A model of the table: its provider and id there, its rates by the table's keys, the modes it has no rates for."""

    table: str
    model: str
    rates: Mapping[str, Rate]
    lacks: tuple[str, ...] = ()

    @property
    def tiered(self) -> bool:
        """Whether long prompts cost more."""
        return any(not isinstance(rate, Decimal) for rate in self.rates.values())


def load() -> None:
    """Read the table now: the first to price something would wait for a tenth of a second and more."""
    from genai_prices.data_snapshot import get_snapshot  # noqa: PLC0415 - heavy, see version()

    get_snapshot()


def version() -> str:
    """The table's name and version, as it is stored with every price."""
    import genai_prices  # noqa: PLC0415 - heavy (pydantic and 30000 lines of data); only when something is priced

    return f"genai-prices {genai_prices.__version__}"


def find(ref: Ref, at: datetime, *, fast: bool = False, batch: bool = False) -> Entry | None:
    """The rates that held at a time (UTC when naive) for a model in a mode; None when the table does not know it."""
    found = _find_model(ref)
    if found is None:
        return None
    provider, model = found
    lacks = []
    context: dict[str, str] = {}
    if batch:
        context["processing"] = "batch"
    if fast and not batch:
        context["speed"] = "fast"
    rates = dict(_rates(model.get_prices(at, context)))
    if batch and not _knows(model, "processing", "batch", at):
        lacks.append("batch")
    if "speed" in context and not _knows(model, "speed", "fast", at):
        own = _FAST_MODELS.get(model.id) if provider == ANTHROPIC else None
        rates |= own or {}
        lacks += [] if own else ["fast"]
    return Entry(provider, model.id, rates, tuple(lacks))


def _rates(prices: "ModelPrice") -> dict[str, Rate]:
    return {key: rate for key, rate in prices.__dict__.items() if rate is not None}


def _knows(model: "ModelInfo", key: str, value: str, at: datetime) -> bool:
    """Whether the table has a variant for this context: it ignores, in silence, a context that it does not know."""
    return any(
        variant.when.get(key) == value and (variant.constraint is None or variant.constraint.active(at))
        for variant in model.price_variants or ()
    )


@lru_cache(maxsize=512)  # model ids come off the wire
def _find_model(ref: Ref) -> "tuple[str, ModelInfo] | None":
    from genai_prices.data_snapshot import get_snapshot  # noqa: PLC0415 - heavy, see version()

    try:
        provider, model = get_snapshot().find_provider_model(ref.model, None, ref.table, None)
    except LookupError:
        return _by_base(ref)
    if not _same_model(ref.model, model.id):
        return None
    # Google's part of the table borrows from Anthropic's what it lacks: the price is Anthropic's then.
    return (provider.id if any(model is own for own in provider.models) else ANTHROPIC), model


def _by_base(ref: Ref) -> "tuple[str, ModelInfo] | None":
    """Mantle's `anthropic.claude-haiku-4-5` has no date, the table's id has: compare what is left of either."""
    wanted = base(ref.model)
    if ref.table not in _CLAUDE_TABLES or "-" not in wanted:
        return None
    for name, model in _models(ref.table).items():
        same_scope = ref.table != AWS or is_global(ref.model) == name.startswith("global.")
        if same_scope and base(_unscoped(name)) == wanted:
            return ref.table, model
    return None


@cache
def _models(table: str) -> "Mapping[str, ModelInfo]":
    from genai_prices.data_snapshot import get_snapshot  # noqa: PLC0415 - heavy, see version()

    provider = get_snapshot().find_provider(None, table, None)
    return {model.id: model for model in provider.models}


def _unscoped(model: str) -> str:
    return model.removeprefix("regional.").removeprefix("global.")


def _same_model(asked: str, found: str) -> bool:
    """False where the table's match is too generous: a `claude-opus-4-10` is no `claude-opus-4-1`."""
    name = base(_unscoped(found))
    rest = base(asked).removeprefix(name)
    return rest == base(asked) or not _NUMBER_GOES_ON.match(rest)
