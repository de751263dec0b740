"""How long after the end of an answer its row can be read. It should be there before the end is."""

import asyncio
import contextlib
import sqlite3
import threading
import time
from typing import Self

import msgspec

from tests.bench.answers import stream
from tests.bench.arena import Running, Scene
from tests.bench.bodies import SMALL_BYTES
from tests.bench.contestants import CLOSED, START, recorded
from tests.bench.figures import quantile
from tests.bench.provider import Order
from tests.bench.scenarios import Bodies

PAUSE_SECONDS = 0.0005
"""Between two looks at the database: how late a row may be noticed."""


class Durable(msgspec.Struct, frozen=True):
    """Of how many answers the row was there when the last byte came, and when it was first seen, less the end."""

    answers: int
    readable_at_end: int
    seen_after_end_ms_p50: float
    seen_after_end_ms_max: float


async def durable(scene: Scene, answers: int) -> Durable:
    """Send answers one after the other and look for their rows."""
    async with scene.contest(START, "-durable") as one:
        await scene.provider.order(Order(events=20, interval_ms=5))
        offsets, present = [], 0
        with _Watch(one) as watch:
            for body in Bodies(SMALL_BYTES).take(answers):
                (exchange,) = await one.load.sequence(iter([body]))
                one.sent += 1
                present += recorded(watch.db, CLOSED) >= one.sent
                offsets.append((await watch.seen_ns(one.sent) - exchange.end_ns) / 1e6)
                assert stream(20).plain.count(b"data:") == exchange.body().count(b"data:")
    return Durable(answers, present, quantile(offsets, 0.5), max(offsets))


class _Watch:
    """A thread that looks again and again, and notes when it first saw how many rows."""

    def __init__(self, one: Running) -> None:
        assert one.db
        self.db = one.db
        self._first: dict[int, int] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    async def seen_ns(self, count: int) -> int:
        """Return when that many rows were first seen; AssertionError after ten seconds without."""
        deadline = time.monotonic() + 10
        while count not in self._first:
            assert time.monotonic() < deadline, f"row {count} cannot be read"
            await asyncio.sleep(0.001)
        return self._first[count]

    def _look(self) -> None:
        with contextlib.closing(sqlite3.connect(f"file:{self.db}?mode=ro", uri=True)) as connection:
            while not self._stop.wait(PAUSE_SECONDS):
                (count,) = connection.execute(CLOSED).fetchone()
                self._first.setdefault(count, time.monotonic_ns())
