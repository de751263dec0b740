"""Paired rounds: in each, every scenario is given to every contestant in turn; the order of turns alternates."""

import gc
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

from tests.bench import scenarios
from tests.bench.arena import Provider, Running
from tests.bench.bodies import HUGE_BYTES, LARGE_BYTES, MEDIUM_BYTES, SMALL_BYTES
from tests.bench.contestants import FAILURES, Contestant
from tests.bench.scenarios import Effort, Figures

type Turn = Callable[[Running, Provider, Effort], Awaitable[Figures]]
type Samples = dict[str, dict[str, dict[str, list[float]]]]
"""Scenario, figure, contestant: a value for each round."""

SLOW = f"provider that takes {scenarios.THINKING_MS:.0f} ms, body"
SCENARIOS: Mapping[str, Turn] = {
    **{
        f"{SLOW} {words}": partial(scenarios.first_bytes, size=size, connections=1, thinking_ms=scenarios.THINKING_MS)
        for words, size in (("20 KB", SMALL_BYTES), ("1 MB", MEDIUM_BYTES), ("20 MB", LARGE_BYTES))
    },
    **{f"body 20 KB, {n} at once": partial(scenarios.first_bytes, size=SMALL_BYTES, connections=n) for n in (1, 8)},
    **{f"body 1 MB, {n} at once": partial(scenarios.first_bytes, size=MEDIUM_BYTES, connections=n) for n in (1, 8)},
    "body 20 MB": partial(scenarios.first_bytes, size=LARGE_BYTES, connections=1),
    **{f"streams, {n} at once": partial(scenarios.streams, connections=n) for n in (1, 8, 64)},
    "streams beside 1 MB bodies": partial(scenarios.mixed, large=4),
    **{
        f"stalls beside one body of {words}": partial(scenarios.stalls, size=size)
        for words, size in (("1 MB", MEDIUM_BYTES), ("13 MB", HUGE_BYTES))
    },
    **{f"rate, {n} connections": partial(scenarios.rate, connections=n) for n in (1, 8, 64)},
}
VARIANTS_IN = ("body 20 KB, 1", "streams, 1", "rate")
"""Beginnings of the scenarios in which a variant can differ."""


class Rounds:
    """Plays round after round; `samples` can be kept in between, and given to another run that goes on."""

    def __init__(self, running: Sequence[Running], provider: Provider, effort: Effort, only: str) -> None:
        self._running = list(running)
        self._provider = provider
        self._effort = effort
        self._chosen = {name: turn for name, turn in SCENARIOS.items() if only in name}
        self.notes: list[str] = []

    async def play(self, number: int, samples: Samples) -> Samples:
        """Return the samples with those of round `number`; a peer that fails is left out from there on."""
        figures: Samples = defaultdict(lambda: defaultdict(dict))
        for scenario, turn in self._chosen.items():
            for one in order(self._running, number):
                if one.contestant.is_variant and not scenario.startswith(VARIANTS_IN):
                    continue
                for figure, value in (await self._turn(turn, one, scenario)).items():
                    figures[scenario][figure][one.name] = [value]
        names = {one.name for one in self._running}
        return {
            scenario: {
                figure: {
                    name: [*samples.get(scenario, {}).get(figure, {}).get(name, ()), *values]
                    for name, values in by_name.items()
                    if name in names
                }
                for figure, by_name in by_figure.items()
            }
            for scenario, by_figure in figures.items()
        }

    async def _turn(self, turn: Turn, one: Running, scenario: str) -> Figures:
        try:
            return await _quietly(turn, one, self._provider, self._effort)
        except FAILURES as error:
            if not one.contestant.is_peer:
                raise
            self._running.remove(one)
            self.notes.append(f"{one.name} is left out, it failed in '{scenario}': {type(error).__name__}")
            return {}


def order[T](running: Sequence[T], number: int) -> list[T]:
    """Return who comes when in a round: another one begins each time, forward and backward in turn."""
    start = number // 2 % len(running)
    turned = [*running[start:], *running[:start]]
    return turned if number % 2 == 0 else turned[::-1]


def present(chosen: Sequence[Contestant], samples: Samples) -> list[Contestant]:
    """Return who takes part in a run that goes on: a peer that was left out before has no values to be paired with."""
    seen = {name for figures in samples.values() for by_name in figures.values() for name in by_name}
    return [one for one in chosen if not (one.is_peer and seen) or one.name in seen]


async def _quietly(turn: Turn, one: Running, provider: Provider, effort: Effort) -> Figures:
    gc.collect()
    gc.disable()
    try:
        return await turn(one, provider, effort)
    finally:
        gc.enable()
