"""What is measured again and again: paced streams, requests per second, bodies. One call is one contestant's turn."""

import asyncio
import itertools
import time
import zlib
from collections.abc import Iterator

import msgspec

from tests.bench.answers import delays_ms, stream
from tests.bench.arena import QUICK, Provider, Running
from tests.bench.bodies import HUGE_BYTES, MEDIUM_BYTES, SMALL_BYTES, fresh, template
from tests.bench.figures import summary
from tests.bench.load import Exchange, together
from tests.bench.provider import Order

type Figures = dict[str, float]
RATE_EVENTS = 205
INTERVAL_MS = 25.0
STALL_INTERVAL_MS = 5.0
"""So that a stall of the four-fold is seen by some event, whenever it comes."""
STALL_LEAD_SECONDS = 0.2
STALL_EVENTS = {MEDIUM_BYTES: 200, HUGE_BYTES: 500}
"""How long the stream beside a body of that size goes on: until it is on the record."""
THINKING_MS = 250.0
"""What a provider takes to its first byte at the least: see docs/performance.md."""


class Effort(msgspec.Struct, frozen=True):
    """How long everything is done for."""

    rounds: int
    rate_seconds: float
    stream_events: int
    mixed_seconds: float
    requests: int
    """Of the small bodies; larger ones are sent less often."""
    starts: int
    interactions: int
    """That a process sees before its memory is asked for again."""
    large_bodies: int
    turns: int = 200


class Bodies:
    """Makes bodies before they are needed, and remembers the sum of their CRC-32."""

    def __init__(self, size: int) -> None:
        self._size = size
        self.crc_sum = 0

    def take(self, count: int) -> list[bytes]:
        """Return `count` bodies that are like none before."""
        made = [fresh(template(self._size)) for _ in range(count)]
        self.crc_sum += sum(map(zlib.crc32, made))
        return made

    def until(self, deadline: float) -> Iterator[bytes]:
        """Yield bodies until the monotonic clock shows `deadline`."""
        while time.monotonic() < deadline:
            yield self.take(1)[0]


async def rate(one: Running, provider: Provider, effort: Effort, connections: int) -> Figures:
    """Send one request after the other on each connection; answers come at once, an event to a chunk."""
    check = one.pid is not None
    await provider.order(Order(RATE_EVENTS, check=check))
    bodies = Bodies(SMALL_BYTES)
    before, began = one.cpu(), time.monotonic()
    deadline = began + effort.rate_seconds
    exchanges = await one.load.crowd(connections, lambda: bodies.until(deadline), stagger=0)
    seconds = max(exchange.end_ns for exchange in exchanges) / 1e9 - began
    after = one.cpu()
    await _check(one, provider, exchanges, RATE_EVENTS, bodies if check else None)
    own, others = (late - early for late, early in zip(after, before, strict=True))
    return {
        "per_second": len(exchanges) / seconds,
        "cpu_ms": own / len(exchanges),
        "cpu_ms_others": others / len(exchanges),
    }


async def streams(one: Running, provider: Provider, effort: Effort, connections: int) -> Figures:
    """Read paced streams, so many at once."""
    await provider.order(Order(effort.stream_events, INTERVAL_MS))
    bodies = Bodies(SMALL_BYTES)
    ready = iter([bodies.take(1) for _ in range(connections)])
    exchanges = await one.load.crowd(connections, lambda: iter(next(ready)), stagger=INTERVAL_MS / 1000)
    await _check(one, provider, exchanges, effort.stream_events, bodies)
    return _smoothness(exchanges)


async def mixed(one: Running, provider: Provider, effort: Effort, large: int) -> Figures:
    """Read four paced streams while `large` bodies of 1 MB a second are sent and recorded."""
    events = int(effort.mixed_seconds * 1000 / INTERVAL_MS)
    await provider.order(Order(events, INTERVAL_MS, large_at_once=True))
    small, medium = Bodies(SMALL_BYTES), Bodies(MEDIUM_BYTES)
    ready = iter([small.take(1) for _ in range(4)])
    waiting = medium.take(int(effort.mixed_seconds * large))
    beside = one.load.sequence(iter(waiting), pause=0.8 / large)
    paced = one.load.crowd(4, lambda: iter(next(ready)), stagger=INTERVAL_MS / 1000)
    exchanges, others = await together(iter([paced, beside]))
    small.crc_sum += medium.crc_sum
    await _check(one, provider, exchanges, events, small, others)
    return _smoothness(exchanges)


async def stalls(one: Running, provider: Provider, _effort: Effort, size: int) -> Figures:
    """Read one stream of an event every 5 ms while a single body of `size` is sent and recorded."""
    events = STALL_EVENTS[size]
    await provider.order(Order(events, STALL_INTERVAL_MS, large_at_once=True))
    small, large = Bodies(SMALL_BYTES), Bodies(size)
    stream_body, beside = small.take(1), large.take(1)

    async def late() -> list[Exchange]:
        await asyncio.sleep(STALL_LEAD_SECONDS)
        return await one.load.sequence(iter(beside))

    exchanges, others = await together(iter([one.load.sequence(iter(stream_body)), late()]))
    small.crc_sum += large.crc_sum
    await _check(one, provider, exchanges, events, small, others)
    return summary(_delays(exchanges), "delay_ms")


async def first_bytes(
    one: Running, provider: Provider, effort: Effort, size: int, connections: int, thinking_ms: float = 0
) -> Figures:
    """Send bodies of a size, and take the time until the answer begins; `thinking_ms`: the provider's own share."""
    await provider.order(msgspec.structs.replace(QUICK, thinking_ms=thinking_ms))
    wanted = effort.requests * (SMALL_BYTES / size) ** 0.5 / connections
    share = max(2 if connections == 1 else 1, round(wanted / 10 if thinking_ms else wanted))
    bodies = Bodies(size)
    ready = iter([bodies.take(share) for _ in range(connections)])
    exchanges = await one.load.crowd(connections, lambda: iter(next(ready)), stagger=0.01)
    await _check(one, provider, exchanges, QUICK.events, bodies)
    return summary([exchange.first_ms for exchange in exchanges], "first_ms")


def _smoothness(exchanges: list[Exchange]) -> Figures:
    return summary(_delays(exchanges), "delay_ms") | summary([exchange.first_ms for exchange in exchanges], "first_ms")


def _delays(exchanges: list[Exchange]) -> list[float]:
    return list(itertools.chain.from_iterable(delays_ms(exchange.arrivals) for exchange in exchanges))


async def _check(
    one: Running,
    provider: Provider,
    exchanges: list[Exchange],
    events: int,
    bodies: Bodies | None,
    beside: list[Exchange] | None = None,
) -> None:
    """Hold what arrived on either side against what was sent."""
    seen = await provider.order(QUICK)
    if bodies and one.contestant.is_transparent:
        assert seen.crc_sum == bodies.crc_sum, f"{one.name}: a request was changed on its way"
    if beside:
        seen_here = msgspec.structs.replace(seen, requests=seen.requests - len(beside))
        one.sent += len(beside)
        for exchange in beside:
            exchange.body()
        await one.check(exchanges, seen_here, stream(events).plain)
    else:
        await one.check(exchanges, seen, stream(events).plain)
