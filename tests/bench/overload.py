"""More than can be written: `python -m tests.bench.overload --seconds 60`.

The proxy's half of the recorder is given several times as many exchanges as its writer process can make durable. What
must hold: what waits stays within its bound, every exchange is recorded or its client was told (`block`) or a gap says
so (`pass`), nothing stays open, and as soon as the load is over records are durable again without anybody's help.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
import uuid
from pathlib import Path

import msgspec

from recorder.capture.client import Capture
from recorder.capture.exchange import Exchange
from recorder.capture.messages import Close, Hello, Open, Target
from recorder.capture.run import now_us
from recorder.demo.events import message
from recorder.store.database import open_reader
from tests.bench.answers import answer
from tests.bench.bodies import MODEL, SMALL_BYTES, dumps, fresh, template
from tests.bench.contestants import RULES
from tests.bench.growth import EVENTS
from tests.bench.machine import memory_mb

TARGET = Target(method="POST", scheme="https", host="api.anthropic.com", port=443, path="/v1/messages")
ANSWER = dumps(message(answer(EVENTS), MODEL, "msg_bench"))
_CONNECTIONS = 16
_PROBES = 160
"""Exchanges that tell how much can be written."""
_BODIES = 200
_TICK_SECONDS = 0.01
_PATIENT_SECONDS = 120.0
_ROWS = """
SELECT
  (SELECT count(*) FROM interactions WHERE state = 'complete'),
  (SELECT count(*) FROM interactions WHERE closed_seq IS NULL),
  (SELECT count(*) FROM (
    SELECT json_extract(body, '$.interaction') FROM records WHERE kind = 'gap'
    UNION SELECT other.key FROM records, json_each(body, '$.others') AS other WHERE kind = 'gap'
  )),
  (SELECT count(*) FROM records WHERE kind = 'gap')
"""


class Overload(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it."""

    policy: str
    seconds: float
    can_write_per_second: float
    offered: int
    answered: int
    """Exchanges whose client got its whole answer."""
    refused: int
    complete_rows: int
    open_rows: int
    gaps_named: int
    """Interactions that a gap names."""
    gap_records: int
    most_pending_bytes: int
    pending_limit_bytes: int
    own_mb: float | None
    writer_mb: float | None
    """The most that the writer held."""
    drained_after_ms: float
    """From the arrival of the last exchange until everyone had an answer or a refusal."""
    recovered_after_ms: float
    """From then on, until a new exchange was durable."""


class Load:
    """Exchanges for one recorder, and what became of them."""

    def __init__(self, capture: Capture, policy: str) -> None:
        self.offered = self.answered = self.refused = self.most_pending = 0
        self._capture = capture
        self._block = policy == "block"
        self._bodies = [fresh(template(SMALL_BYTES)) for _ in range(_BODIES)]

    async def exchange(self) -> bool:
        """Have one exchange recorded; return whether its client got all of the answer."""
        body = self._bodies[self.offered % _BODIES]
        self.offered += 1
        opening = Open(id=uuid.uuid4().hex, at_us=now_us(), target=TARGET, headers=(), wire_bytes=len(body))
        exchange = Exchange(self._capture, opening, body, block=self._block)
        refusal = await exchange.opened() or await exchange.closed(_close(opening), [ANSWER])
        self.most_pending = max(self.most_pending, self._capture.pending_bytes)
        self.answered += refusal is None
        self.refused += refusal is not None
        return refusal is None

    async def capacity(self, count: int) -> float:
        """Return how many exchanges a second become durable when so many are offered by a few connections."""
        before, began = self.offered, time.monotonic()

        async def some() -> None:
            for _ in range(count // _CONNECTIONS):
                assert await self.exchange()

        await asyncio.gather(*(some() for _ in range(_CONNECTIONS)))
        return (self.offered - before) / (time.monotonic() - began)

    async def recover(self) -> None:
        """Return when a new exchange is durable."""
        while not (await self.exchange() and self._capture.healthy):
            pass  # an exchange that fails has waited

    async def offer(self, per_second: float, seconds: float) -> float:
        """Begin so many exchanges a second, whatever becomes of those before; return how long the last ones took."""
        began, count = time.monotonic(), 0
        async with asyncio.TaskGroup() as group:  # which forgets those that are over: memory is to be the recorder's
            while (passed := time.monotonic() - began) < seconds:
                missing = int(passed * per_second) - count
                for _ in range(missing):
                    group.create_task(self.exchange())
                count += missing
                await asyncio.sleep(_TICK_SECONDS)
            ended = time.monotonic()
        return time.monotonic() - ended


def _close(opening: Open) -> Close:
    return Close(
        id=opening.id,
        started_us=opening.at_us,
        target=TARGET,
        outcome="answered",
        status=200,
        headers=(("content-type", "application/json"),),
        duration_us=1,
        wire_bytes=len(ANSWER),
    )


async def overload(
    folder: Path, policy: str, seconds: float, *, times: float = 8, pending_bytes: int = 16_000_000, wait: float = 2.0
) -> Overload:
    """Offer `times` as much as can be written for so many seconds; each may take `wait` seconds to be durable."""
    hello = Hello(
        db=str(folder / "record.db"),
        run_id=uuid.uuid4().hex,
        config_dir=str(folder / "config"),
        cache_dir=str(RULES),
        started_us=now_us(),
        version="bench",
        on_failure=policy,
    )
    capture = Capture(hello, wait_seconds=_PATIENT_SECONDS, pending_bytes=pending_bytes)
    await capture.start()
    load = Load(capture, policy)
    await load.capacity(_CONNECTIONS)  # these wait until the detectors are loaded
    per_second = await load.capacity(_PROBES)
    capture._wait_seconds = wait
    drained = await load.offer(per_second * times, seconds)
    began = time.monotonic()
    await load.recover()
    recovered = time.monotonic() - began
    writer_mb = memory_mb(capture.writer_pid or 0, "VmHWM")
    await capture.stop(_PATIENT_SECONDS)
    with open_reader(Path(hello.db)) as db:
        complete, still_open, gaps, gap_records = db.execute(_ROWS).fetchone()
    return Overload(
        policy=policy,
        seconds=seconds,
        can_write_per_second=per_second,
        offered=load.offered,
        answered=load.answered,
        refused=load.refused,
        complete_rows=complete,
        open_rows=still_open,
        gaps_named=gaps,
        gap_records=gap_records,
        most_pending_bytes=load.most_pending,
        pending_limit_bytes=pending_bytes,
        own_mb=memory_mb(os.getpid(), "VmHWM"),
        writer_mb=writer_mb,
        drained_after_ms=drained * 1000,
        recovered_after_ms=recovered * 1000,
    )


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.overload", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--policy", choices=("block", "pass"), default="block")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="overload-") as folder:
        found = asyncio.run(overload(Path(folder), arguments.policy, arguments.seconds))
    sys.stdout.write(f"{msgspec.json.format(msgspec.json.encode(found), indent=1).decode()}\n")


if __name__ == "__main__":
    main()
