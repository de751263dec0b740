"""Prices an answer: tokens times rates, in exact decimals, with everything kept that is needed to work it out again.

    cost = sum over charges (sum (tokens * rate) / 1 000 000) * inference_geo + web searches * rate / 1000

The formula is Claude Code 2.1.330's, whose `total_cost_usd` the end-to-end tests hold it against. Known differences: it
prices every provider at Anthropic's list prices (Bedrock's regional endpoints cost 10 % more: the table knows), it
leaves compaction iterations out, and it guesses a price for a model that it does not know.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Context, Decimal, localcontext
from functools import lru_cache
from types import MappingProxyType

import msgspec

from recorder.model import Provider, Usage
from recorder.pricing import table
from recorder.pricing.charges import TOP, Charge, prompt, split
from recorder.pricing.names import ANTHROPIC, AWS, GOOGLE, resolve
from recorder.pricing.table import Entry, Rate

US_MULTIPLIER = Decimal("1.1")
"""On every token rate when inference was kept in the US.

Anthropic's "Data residency" (platform.claude.com/docs/en/manage-claude/data-residency) and AWS's page of that name for
the Claude Platform on AWS, read in November 2026: Claude 4.6 and later, on Anthropic's own API and where it is resold.
What the answer reports decides, so no list of models is needed. Bedrock and Vertex choose the region by endpoint or
inference profile instead, and the table has rates of their own for those.
"""

WEB_SEARCH_KCOUNT = Decimal(10)
"""USD per 1000 web searches, where the table has no rate: Anthropic's list price, the same on every platform."""

MODEL_CHARACTERS = 2048
"""The longest model id that is looked at: Bedrock's limit for an ARN."""

_EXACT = Context(prec=100)  # far beyond any sum of token counts times rates, so that nothing is ever rounded
_REGIONAL = frozenset({Provider.BEDROCK, Provider.MANTLE, Provider.VERTEX})
_TABLES = frozenset({ANTHROPIC, AWS, GOOGLE})
_NO_NAMES: Mapping[str, str] = MappingProxyType({})


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """A cost with its working.

    `rates` are USD per million tokens (`…_mtok`), USD per 1000 (`web_searches_kcount`) and the factor on token rates
    (`inference_geo`), as decimal strings. A key under `iterations.N.` belongs to that entry of `usage.iterations`, one
    without to the top-level usage. Nothing here repeats what came over the wire: a model's name could be a secret.
    """

    usd: str | None
    """Exact decimal without an exponent; None when unknown."""
    table: str
    """The price table and its version, `genai-prices 0.2.3`."""
    model: str | None = None
    """The table's id, `anthropic/claude-opus-4-6`; None when the table does not know the model."""
    rates: dict[str, str] = msgspec.field(default_factory=dict)
    reason: str | None = None
    """Why the cost is unknown, or what was approximated."""


class _UnknownError(Exception):
    """The cost cannot be known; the message says why."""


def price(
    usage: Usage, provider: Provider, model: str | None, *, at: datetime, names: Mapping[str, str] = _NO_NAMES
) -> Price:
    """Price one answer of `model` (as named on the wire) by the rates that held `at` that time (UTC when naive).

    `names` maps aliases, such as a gateway's or an application inference profile's id or ARN, to model ids. Never
    raises, never says 0 for what it does not know.
    """
    working = _Working(usage, provider, at, names)
    try:
        with localcontext(_EXACT):
            usd = working.total(model)
    except _UnknownError as error:
        return Price(usd=None, table=table.version(), model=working.model, reason=str(error))
    reason = "; ".join(dict.fromkeys(working.notes)) or None
    return Price(usd=_plain(usd), table=table.version(), model=working.model, rates=working.rates, reason=reason)


class _Working:
    """One calculation: what it found on its way (`model`, `rates`, `notes`)."""

    def __init__(self, usage: Usage, provider: Provider, at: datetime, names: Mapping[str, str]) -> None:
        self.model: str | None = None
        self.rates: dict[str, str] = {}
        self.notes: list[str] = []
        self._usage = usage
        self._provider = provider
        self._at = at
        self._names = names
        self._batch = usage.service_tier == "batch"

    def total(self, model: str | None) -> Decimal:
        """The cost in USD; raises _UnknownError."""
        main = self._entry(model, fast=False, where="")
        self.model = f"{main.table}/{main.model}"
        charges = split(self._usage, tiered=main.tiered)
        if charges.unknown_types:
            self.notes.append(f"{charges.unknown_types} usage iteration(s) of an unknown type were left out")
        if self._usage.service_tier == "priority":
            self.notes.append("priority tier priced at standard rates; its discount is in the contract")
        tokens = sum((self._charge(charge, model, main) for charge in charges.billed), Decimal(0))
        return tokens * self._geo(main) + self._searches(main)

    def _entry(self, model: str | None, *, fast: bool, where: str) -> Entry:
        """The first place that knows the model; a later one than the first is an approximation."""
        if not model or len(model) > MODEL_CHARACTERS:
            raise _UnknownError(f"{where}no model named, or in more than {MODEL_CHARACTERS} characters")
        refs = resolve(model, self._provider, self._names)
        if not refs:
            raise _UnknownError(f"{where}the ARN does not tell the model; give it a name in model_names")
        for ref in refs:
            if entry := table.find(ref, self._at, fast=fast, batch=self._batch):
                if entry.table != refs[0].table and refs[0].table in _TABLES:
                    self.notes.append(f"{where}no price for this provider; Anthropic's list price")
                return entry
        raise _UnknownError(f"{where}the price table does not know the model; an alias can be named in model_names")

    def _charge(self, charge: Charge, model: str | None, main: Entry) -> Decimal:
        where = f"{charge.key}: " if charge.key != TOP else ""
        is_main = charge.key == TOP and not charge.fast and charge.model in {None, model}
        entry = main if is_main else self._entry(charge.model or model, fast=charge.fast, where=where)
        self.notes += [f"{where}no {mode} rate for the model; standard rates" for mode in entry.lacks]
        rates = self._token_rates(entry, prompt(charge.usage), where, charge.usage)
        prefix = f"{charge.key}." if charge.key != TOP else ""
        self.rates |= {prefix + key: _plain(rate) for key, (rate, _) in rates.items()}
        return sum((rate * count for rate, count in rates.values()), Decimal(0)) / 1_000_000

    def _token_rates(
        self, entry: Entry, prompt_tokens: int, where: str, usage: Usage
    ) -> dict[str, tuple[Decimal, int]]:
        """Each kind of tokens with its rate; a missing cache rate falls back as the table's own arithmetic does."""
        counts = _counts(usage)
        if min(counts.values()) < 0:
            raise _UnknownError(f"{where}a token count is negative")
        result = {}
        for key, count in counts.items():
            own, guesses = _KEYS[key]
            used = next((name for name in own + guesses if name in entry.rates), None)
            if used is None:
                raise _UnknownError(f"{where}the price table has no {key} rate for the model")
            if count and used in guesses:
                self.notes.append(f"{where}no {key} rate for the model; its {used} rate")
            result[key] = (_tier(entry.rates[used], prompt_tokens), count)
        return result

    def _geo(self, main: Entry) -> Decimal:
        if self._usage.inference_geo != "us" or main.table != ANTHROPIC or self._provider in _REGIONAL:
            return Decimal(1)
        self.rates["inference_geo"] = _plain(US_MULTIPLIER)
        return US_MULTIPLIER

    def _searches(self, main: Entry) -> Decimal:
        searches = self._usage.web_search_requests
        if searches <= 0:
            return Decimal(0)
        rate = _tier(main.rates.get("web_searches_kcount", WEB_SEARCH_KCOUNT), 0)
        self.rates["web_searches_kcount"] = _plain(rate)
        return rate * searches / 1000


# The table's keys for a kind of tokens: those that are its rate, and those that its own arithmetic would fall back on.
_KEYS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "input_mtok": (("input_mtok",), ()),
    "output_mtok": (("output_mtok",), ()),
    "cache_read_mtok": (("cache_read_mtok",), ("input_mtok",)),
    "cache_write_5m_mtok": (("cache_write_5m_mtok", "cache_write_mtok"), ("input_mtok",)),
    "cache_write_1h_mtok": (("cache_write_1h_mtok",), ("cache_write_mtok", "input_mtok")),
}


def _counts(usage: Usage) -> dict[str, int]:
    """Tokens by kind of rate, each token once: `input_tokens` excludes cache tokens, unlike in the table's terms."""
    return {
        "input_mtok": usage.input_tokens,
        "output_mtok": usage.output_tokens,
        "cache_read_mtok": usage.cache_read_tokens,
        "cache_write_5m_mtok": usage.cache_write_5m_tokens,
        "cache_write_1h_mtok": usage.cache_write_1h_tokens,
    }


def _tier(rate: Rate, prompt_tokens: int) -> Decimal:
    """The one rate that holds for all tokens of a prompt of this length (a cliff, not a marginal rate)."""
    if isinstance(rate, Decimal):
        return rate
    passed = [tier.price for tier in rate.tiers if prompt_tokens > tier.start]
    return passed[-1] if passed else rate.base


@lru_cache(maxsize=512)  # the same rates, answer after answer
def _plain(value: Decimal) -> str:
    """Without exponent and trailing zeros."""
    if value == 0:
        return "0"
    return format(_EXACT.create_decimal(value).normalize(_EXACT), "f")
