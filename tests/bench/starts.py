"""Fresh processes: how soon they listen and record, and what they hold in memory after much traffic."""

from collections.abc import Callable, Sequence

import msgspec

from tests.bench.answers import stream
from tests.bench.arena import Running, Scene
from tests.bench.bodies import LARGE_BYTES, SMALL_BYTES
from tests.bench.contestants import FAILURES, Contestant, LeaveOut
from tests.bench.machine import memory_mb
from tests.bench.provider import Order
from tests.bench.scenarios import Bodies, Effort

SAMPLES = 5
CONNECTIONS = 8
SLOW_INTERACTIONS = 1000
"""Enough of a peer that rewrites streams, which is ten times slower."""


class Memory(msgspec.Struct, frozen=True):
    """Megabytes: of a contestant's own process, and of those that it started."""

    after: str
    own: float
    others: float
    own_peak: float


class Fresh(msgspec.Struct, frozen=True):
    """One contestant's starts."""

    listening_ms: list[float] = []
    first_answer_ms: list[float] = []
    memory: list[Memory] = []


async def fresh_starts(
    scene: Scene, chosen: Sequence[Contestant], effort: Effort, say: Callable[[str], None], leave_out: LeaveOut
) -> dict[str, Fresh]:
    """Start each several times; once of these it is kept and loaded. A first start warms caches and is not counted."""
    starting = [one for one in chosen if one.plan and not one.is_variant]
    found = {one.name: Fresh() for one in starting}
    for number in range(effort.starts + 1):
        for contestant in [one for one in starting if one.name in found]:
            try:
                await _start(scene, contestant, effort, number, found[contestant.name])
            except FAILURES as error:
                leave_out(contestant, "starts and memory", error)
                del found[contestant.name]
            else:
                if number == 1:
                    say(f"memory of {contestant.name} is measured")
    return found


async def _start(scene: Scene, contestant: Contestant, effort: Effort, number: int, found: Fresh) -> None:
    async with scene.contest(contestant, f"-{number}") as one:
        if number:
            found.listening_ms.append(one.listening_ms)
            found.first_answer_ms.append(one.first_answer_ms)
        if number == 1:
            found.memory.extend(await _memory(one, scene, effort))


async def _memory(one: Running, scene: Scene, effort: Effort) -> list[Memory]:
    wanted = effort.interactions if one.contestant.is_transparent else min(SLOW_INTERACTIONS, effort.interactions)
    found = [_held(one, "start")]
    for sample in range(SAMPLES):
        await _send(one, scene, SMALL_BYTES, wanted // SAMPLES // CONNECTIONS, CONNECTIONS)
        found.append(_held(one, f"{wanted // SAMPLES * (sample + 1)} interactions"))
    await _send(one, scene, LARGE_BYTES, effort.large_bodies, 1)
    return [*found, _held(one, f"{effort.large_bodies} bodies of 20 MB")]


async def _send(one: Running, scene: Scene, size: int, count: int, connections: int) -> None:
    await scene.provider.order(Order(events=6))
    bodies = Bodies(size)
    # One at a time: a list of large bodies would be the load's memory, which is nobody's business here, but slow.
    exchanges = await one.load.crowd(connections, lambda: (bodies.take(1)[0] for _ in range(max(1, count))), stagger=0)
    await one.check(exchanges, await scene.provider.order(Order()), stream(6).plain)


def _held(one: Running, after: str) -> Memory:
    own, *others = one.pids
    return Memory(
        after=after,
        own=memory_mb(own) or 0.0,
        others=sum(memory_mb(pid) or 0.0 for pid in others),
        own_peak=memory_mb(own, "VmHWM") or 0.0,
    )
