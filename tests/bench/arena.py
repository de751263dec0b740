"""Provider and contestants as running processes, each on its processors."""

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec

from tests.bench.answers import stream, unstamped
from tests.bench.bodies import SMALL_BYTES, fresh, template
from tests.bench.contestants import Contestant, recorded
from tests.bench.load import Exchange, Load, check_bodies
from tests.bench.machine import Layout, cpu_ms, family, pin
from tests.bench.provider import Order, Seen
from tests.e2e.installs import CHECKOUT
from tests.e2e.processes import accepts, free_port, running

SETTLE_SECONDS = 20
QUICK = Order(events=8, interval_ms=1)
"""A short answer whose first byte comes at once and whose end does not come with it."""


class Provider:
    """The provider's process."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self._process = process
        self.port = port

    async def order(self, order: Order) -> Seen:
        """Say how to answer; return what has come since the last order."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(msgspec.json.encode(order) + b"\n")
        return msgspec.json.decode(await self._process.stdout.readline(), type=Seen)


@contextlib.asynccontextmanager
async def running_provider(place: Layout) -> AsyncIterator[Provider]:
    """Run the provider beside the load."""
    words = [sys.executable, "-m", "tests.bench.provider", *map(str, place.load)]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*words, stdin=pipe, stdout=pipe, cwd=CHECKOUT)
    try:
        assert process.stdout
        yield Provider(process, int(await process.stdout.readline()))
    finally:
        assert process.stdin
        process.stdin.close()
        await process.wait()


class Scene(msgspec.Struct, frozen=True):
    """Where contestants are started."""

    provider: Provider
    place: Layout
    folder: Path

    def contest(self, contestant: Contestant, label: object = "") -> contextlib.AbstractAsyncContextManager["Running"]:
        """Start a contestant in a folder of its own; `label` tells several of one contestant apart."""
        return contest(contestant, self.folder / f"{contestant.name}{label}".replace(", ", "-").replace(" ", "-"), self)


class Running:
    """A contestant that listens."""

    def __init__(self, contestant: Contestant, port: int, pid: int | None, db: Path | None) -> None:
        self.contestant = contestant
        self.name = contestant.name
        self.load = Load(port, contestant.token)
        self.pid = pid
        self.db = db
        self.sent = 0
        self.listening_ms = 0.0
        self.first_answer_ms = 0.0

    @property
    def pids(self) -> list[int]:
        """Its own process, then those that it started."""
        return [self.pid, *family(self.pid)] if self.pid else []

    def cpu(self) -> tuple[float, float]:
        """Return the processor time so far in ms: of its own process, of the others."""
        own, *others = [cpu_ms(pid) or 0.0 for pid in self.pids] or [0.0]
        return own, sum(others)

    async def check(self, exchanges: Sequence[Exchange], seen: Seen, plain: bytes) -> None:
        """Raise AssertionError unless every answer came unchanged, every request arrived, and all is recorded."""
        self.sent += len(exchanges)
        if self.contestant.is_transparent:
            check_bodies(exchanges, unstamped(plain))
            assert seen.requests == len(exchanges), f"{self.name}: {seen.requests} of {len(exchanges)} arrived"
        else:
            for exchange in exchanges:
                assert exchange.body().count(b"event: content_block_delta") == plain.count(
                    b"event: content_block_delta"
                )
        if self.contestant.count:
            await self._settled()

    async def _settled(self) -> None:
        assert self.db
        deadline = time.monotonic() + SETTLE_SECONDS
        while (count := recorded(self.db, self.contestant.count)) != self.sent:
            assert time.monotonic() < deadline, f"{self.name}: {count} of {self.sent} exchanges are on the record"
            await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def contest(contestant: Contestant, folder: Path, scene: Scene) -> AsyncIterator[Running]:
    """Start a contestant in an empty folder and have it answer once; stop it at the end."""
    provider, place = scene.provider, scene.place
    if contestant.plan is None:
        yield Running(contestant, provider.port, None, None)
        return
    folder.mkdir()
    port = free_port()
    plan = contestant.plan(folder, port, provider.port)
    began = time.monotonic_ns()
    async with running(plan.words, plan.env, folder / "output.log") as process:
        pin(process.pid, place.proxy)
        one = Running(contestant, port, process.pid, plan.db)
        try:
            async with asyncio.timeout(contestant.start_seconds):
                while not await accepts(port):
                    assert process.returncode is None, f"{one.name} ended: {(folder / 'output.log').read_text()}"
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"{one.name} did not start: {(folder / 'output.log').read_text()}") from None
        one.listening_ms = (time.monotonic_ns() - began) / 1e6
        await provider.order(QUICK)
        exchanges = await one.load.sequence(iter([fresh(template(SMALL_BYTES))]))
        one.first_answer_ms = (exchanges[0].end_ns - began) / 1e6
        await one.check(exchanges, await provider.order(QUICK), stream(QUICK.events).plain)
        for pid in family(process.pid):
            pin(pid, place.writer)
        yield one
