"""Paired rounds: in each, every scenario is given to every contestant in turn; the order of turns alternates."""

import gc
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

from tests.bench import scenarios
from tests.bench.arena import Provider, Running
from tests.bench.bodies import LARGE_BYTES, MEDIUM_BYTES, SMALL_BYTES
from tests.bench.scenarios import Effort, Figures

type Turn = Callable[[Running, Provider, Effort], Awaitable[Figures]]
type Samples = dict[str, dict[str, dict[str, list[float]]]]
"""Scenario, figure, contestant: a value for each round."""

SCENARIOS: Mapping[str, Turn] = {
    **{f"body 20 KB, {n} at once": partial(scenarios.first_bytes, size=SMALL_BYTES, connections=n) for n in (1, 8)},
    **{f"body 1 MB, {n} at once": partial(scenarios.first_bytes, size=MEDIUM_BYTES, connections=n) for n in (1, 8)},
    "body 20 MB": partial(scenarios.first_bytes, size=LARGE_BYTES, connections=1),
    **{f"streams, {n} at once": partial(scenarios.streams, connections=n) for n in (1, 8, 64)},
    "streams beside 1 MB bodies": partial(scenarios.mixed, large=4),
    **{f"rate, {n} connections": partial(scenarios.rate, connections=n) for n in (1, 8, 64)},
}


async def play(
    running: Sequence[Running], provider: Provider, effort: Effort, only: str, say: Callable[[str], None]
) -> Samples:
    """Return the figures of all rounds."""
    samples: Samples = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    chosen = {name: turn for name, turn in SCENARIOS.items() if only in name}
    for number in range(effort.rounds):
        for name, turn in chosen.items():
            for one in order(running, number):
                figures = await _quietly(turn, one, provider, effort)
                for figure, value in figures.items():
                    samples[name][figure][one.name].append(value)
        say(f"round {number + 1} of {effort.rounds} is done")
    return samples


def order[T](running: Sequence[T], number: int) -> list[T]:
    """Return who comes when in a round: another one begins each time, forward and backward in turn."""
    start = number // 2 % len(running)
    turned = [*running[start:], *running[:start]]
    return turned if number % 2 == 0 else turned[::-1]


async def _quietly(turn: Turn, one: Running, provider: Provider, effort: Effort) -> Figures:
    gc.collect()
    gc.disable()
    try:
        return await turn(one, provider, effort)
    finally:
        gc.enable()
