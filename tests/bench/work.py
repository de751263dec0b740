"""What the writer does with an exchange, step by step: its own code in this process, without socket and scheduler."""

import secrets
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import msgspec

from recorder.capture.desk import Desk
from recorder.capture.frames import Frame
from recorder.capture.messages import Chunks, Close, Message, Open, Target
from recorder.wire.answer import Chunk
from tests.bench.answers import STAMP, stream
from tests.bench.bodies import MEDIUM_BYTES, NONCE, SMALL_BYTES, dumps, fresh, messages, request, template
from tests.bench.contestants import RULES
from tests.bench.load import KEY
from tests.bench.shares import clocked
from tests.support.desk import greeting, seated

EVENTS = 205
BATCH = 16
"""Exchanges to a transaction, as they are when several connections are busy."""
_TARGET = Target(method="POST", scheme="http", host="127.0.0.1", port=9, path="/v1/messages?beta=true")
_REQUEST_HEADERS = (
    ("host", "127.0.0.1:9"),
    ("content-type", "application/json"),
    ("anthropic-version", "2023-06-01"),
    ("authorization", f"Bearer {KEY}"),
    ("user-agent", "claude-cli/2.1.0 (external, cli)"),
    ("x-claude-code-session-id", "00000000-0000-4000-8000-00000000000b"),
)

type Exchange = tuple[tuple[Message, bytes], tuple[Message, bytes]]


class Work(msgspec.Struct, frozen=True):
    """Milliseconds of processor and by the clock for one exchange, medians; of the two halves where they are apart."""

    name: str
    cpu_ms: float
    wall_ms: float
    opened_ms: float | None = None
    closed_ms: float | None = None
    shares_ms: dict[str, float] = {}
    """Processor time by room, of other exchanges of the same kind, since a clock takes time too; means."""


def work(folder: Path, exchanges: int) -> list[Work]:
    """Have a desk of its own record exchanges of several kinds."""
    home = folder / "work"
    home.mkdir()
    desk = seated(greeting(home, started_us=time.time_ns() // 1000, cache_dir=str(RULES / "recorder")))
    few = max(6, exchanges // 10)
    _one_by_one(desk, "", _small(20))
    return [
        _one_by_one(desk, "20 KB, nothing known, 205 events", _small(2 * exchanges)),
        _in_batches(desk, f"the same, {BATCH} to a transaction", _small(exchanges - exchanges % BATCH)),
        _one_by_one(desk, "1 MB, nothing known", [_exchange(fresh(template(MEDIUM_BYTES))) for _ in range(2 * few)]),
        _one_by_one(desk, "1 MB, all but the last message known", list(_turns(2 * few + 1))[1:]),
    ]


def _small(count: int) -> list[Exchange]:
    return [_exchange(fresh(template(SMALL_BYTES))) for _ in range(count)]


def _turns(count: int) -> Iterator[Exchange]:
    """Yield the last turns of a conversation of 1 MB: each brings two messages."""
    everything = messages(MEDIUM_BYTES // 2300)
    nonce = secrets.token_hex(len(NONCE) // 2)
    for left in range(count, 0, -1):
        content = everything[: len(everything) - 2 * left]
        yield _exchange(dumps(request(content)).replace(NONCE.encode(), nonce.encode()))


def _exchange(body: bytes) -> Exchange:
    at_us = time.time_ns() // 1000
    interaction = secrets.token_hex(16)
    answer = stream(EVENTS).plain.replace(STAMP, b"%020d" % time.monotonic_ns())
    opening = Open(id=interaction, at_us=at_us, target=_TARGET, headers=_REQUEST_HEADERS, wire_bytes=len(body))
    closing = Close(
        id=interaction,
        started_us=at_us,
        target=_TARGET,
        outcome="answered",
        status=200,
        headers=(("content-type", "text/event-stream; charset=utf-8"), ("request-id", f"req_{interaction}")),
        chunks=Chunks.of(Chunk(3000, len(answer))),
        ttft_us=3000,
        duration_us=5000,
        wire_bytes=len(answer),
    )
    return (opening, body), (closing, answer)


def _one_by_one(desk: Desk, name: str, exchanges: Sequence[Exchange]) -> Work:
    opened, closed = [], []
    half = len(exchanges) // 2
    for opening, closing in exchanges[:half]:
        opened.append(_timed(partial(_take, desk, [opening])))
        closed.append(_timed(partial(_take, desk, [closing])))
    cpu_ms, wall_ms = ([a[at] + b[at] for a, b in zip(opened, closed, strict=True)] for at in (0, 1))
    halves = (statistics.median(wall for _, wall in each) for each in (opened, closed))
    with clocked() as clock:
        for opening, closing in exchanges[half:]:
            _take(desk, [opening], [closing])
    shares = {room: busy_ns / 1e6 / (len(exchanges) - half) for room, busy_ns in clock.busy_ns.items()}
    return Work(name, statistics.median(cpu_ms), statistics.median(wall_ms), *halves, shares_ms=shares)


def _in_batches(desk: Desk, name: str, exchanges: Sequence[Exchange]) -> Work:
    taken = []
    for at in range(0, len(exchanges), BATCH):
        requests, answers = zip(*exchanges[at : at + BATCH], strict=True)
        taken.append(_timed(partial(_take, desk, requests, answers)))
    cpu_ms, wall_ms = (statistics.median(values) / BATCH for values in zip(*taken, strict=True))
    return Work(name, cpu_ms, wall_ms)


def _take(desk: Desk, *batches: Sequence[tuple[Message, bytes]]) -> None:
    for halves in batches:
        acks = desk.take([Frame(number, message, body) for number, (message, body) in enumerate(halves)])
        assert not any(ack.error for ack in acks), acks


def _timed(job: Callable[[], object]) -> tuple[float, float]:
    """Return how long a job took, in ms: of processor, by the clock."""
    wall, cpu = time.perf_counter_ns(), time.process_time_ns()
    job()
    return (time.process_time_ns() - cpu) / 1e6, (time.perf_counter_ns() - wall) / 1e6
