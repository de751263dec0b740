"""What a request will use, before it is sent: at most, to be safe, and as expected, from what was seen before.

At most: `max_tokens` of output, and a prompt that is written to the cache. Expected: the bytes per token and the cached
beginning of the turn before it in the same session, and the output that its model gave on average.
"""

from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

import msgspec

from recorder.model import Provider, Usage
from recorder.policy.spending import Amounts, Spent
from recorder.pricing import price

BYTES_PER_TOKEN = 3.5
"""Of JSON with English and code, where nothing is known of a conversation; tokens that come out are about right."""
FEWEST_BYTES_PER_TOKEN = 2.0
"""Of what is the densest, short of other scripts: for the most that a prompt can be."""
MARGIN = 1.1
"""How much more than expected a prompt may have whose conversation is known."""
OUTPUT_TOKENS = 1000
"""Of a model of which no answer was seen."""
MOST_OUTPUT_TOKENS = 32_000
"""Of a request without `max_tokens`."""
_WEIGHT = 0.1
"""Of the last answer in the average."""
_MOST_KNOWN = 4096
CACHED_US = 300_000_000
"""How long a prompt stays in the cache."""


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """A request, as far as an estimate needs it."""

    at_us: int
    session: str | None
    agent_id: str | None
    model: str | None
    priced_as: str | None
    """The model that is asked where it goes, by its name there; priced, unless `model_names` has the client's name."""
    provider: Provider
    bytes: int
    max_tokens: int | None = None
    is_cached: bool = False
    """It asks for the prompt to be cached."""
    for_an_hour: bool = False


class Estimate(msgspec.Struct, frozen=True):
    """What it can be at most, and what is expected; `usd` None: the model has no known price."""

    most: Amounts
    expected: Amounts


class _Turn(msgspec.Struct, frozen=True):
    at_us: int
    bytes: int
    prompt_tokens: int


class Learned:
    """What past interactions tell; bounded."""

    def __init__(self) -> None:
        self._turns: OrderedDict[tuple[str | None, str | None], _Turn] = OrderedDict()
        self._outputs: OrderedDict[str | None, float] = OrderedDict()

    def learn(self, spent: Spent) -> None:
        """Take an interaction into account."""
        subject = spent.subject
        if spent.output_tokens:
            before = self._outputs.get(subject.model, float(spent.output_tokens))
            _keep(self._outputs, subject.model, before + _WEIGHT * (spent.output_tokens - before))
        if spent.prompt_tokens and spent.request_bytes:
            turn = _Turn(spent.at_us, spent.request_bytes, spent.prompt_tokens)
            if subject.session is not None:  # requests that name none are no conversation
                _keep(self._turns, (subject.session, subject.agent_id), turn)

    def estimate(self, asking: Asking, names: Mapping[str, str]) -> Estimate:
        """Return what a request will use."""
        most_output = asking.max_tokens or MOST_OUTPUT_TOKENS
        output = min(most_output, round(self._outputs.get(asking.model, OUTPUT_TOKENS)))
        turn = self._turns.get((asking.session, asking.agent_id))
        prompt, most_prompt = _prompt(asking.bytes, turn)
        is_warm = turn is not None and asking.is_cached and asking.at_us - turn.at_us < CACHED_US
        read = min(turn.prompt_tokens, prompt) if turn and is_warm else 0
        return Estimate(
            most=_amounts(asking, most_prompt, 0, max(most_output, output), names),
            expected=_amounts(asking, prompt, read, output, names),
        )


def _prompt(size: int, turn: _Turn | None) -> tuple[int, int]:
    if turn is None:
        return round(size / BYTES_PER_TOKEN), round(size / FEWEST_BYTES_PER_TOKEN)
    added = size - turn.bytes
    ratio = turn.prompt_tokens / turn.bytes
    # What is added may be of another kind than what was there: never taken for less than text.
    expected = round(turn.prompt_tokens + added / BYTES_PER_TOKEN) if added > 0 else round(size * ratio)
    return expected, max(round(expected * MARGIN), round(turn.prompt_tokens + max(added, 0) / FEWEST_BYTES_PER_TOKEN))


def _amounts(asking: Asking, prompt: int, read: int, output: int, names: Mapping[str, str]) -> Amounts:
    rest = prompt - read
    name = "input_tokens"
    if asking.is_cached:
        name = "cache_write_1h_tokens" if asking.for_an_hour else "cache_write_5m_tokens"
    usage = msgspec.convert({name: rest, "cache_read_tokens": read, "output_tokens": output}, Usage)
    at = datetime.fromtimestamp(asking.at_us / 1e6, UTC)
    model = asking.model if asking.model in names else asking.priced_as  # as the answer will be
    usd = price(usage, asking.provider, model, at=at, names=names).usd
    return Amounts(usd=None if usd is None else Decimal(usd), input_tokens=prompt, output_tokens=output)


def _keep[K, V](known: OrderedDict[K, V], key: K, value: V) -> None:
    known[key] = value
    known.move_to_end(key)
    if len(known) > _MOST_KNOWN:
        known.popitem(last=False)
