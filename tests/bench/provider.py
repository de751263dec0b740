"""The provider: a process that answers with rendered bytes, at once or an event at a time.

`python -m tests.bench.provider CPU...` says its port on standard output, then takes an order (`Order`) a line on its
standard input and answers each with what it has seen since the one before (`Seen`).
"""

import asyncio
import gc
import os
import re
import sys
import time
import zlib

import msgspec

from tests.bench.answers import HEAD, LAST_CHUNK, STAMP, stream

LARGE_FROM = 200_000
EARLY_SECONDS = 0.003
"""How long before it is due an answer is waited for without sleep."""
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Order(msgspec.Struct, frozen=True):
    """How to answer from now on."""

    events: int = 205
    interval_ms: float = 0
    """Between two events; 0: all at once."""
    thinking_ms: float = 0
    """From the end of a request to the first byte of its answer, exactly."""
    large_at_once: bool = False
    """Whether a body above `LARGE_FROM` bytes gets a short answer at once, beside others' paced ones."""
    check: bool = True
    """Whether to keep the bodies until the next order, to say what they were."""


class Seen(msgspec.Struct, frozen=True):
    """What came: how many requests, and the sum of their bodies' CRC-32."""

    requests: int
    crc_sum: int


class State:
    """What the connections share."""

    def __init__(self) -> None:
        self.requests = 0
        self.bodies: list[bytes] = []
        self.obey(Order())

    def obey(self, order: Order) -> None:
        """Answer as ordered from the next request on."""
        self.order = order
        chunks = stream(order.events).chunks
        self.whole = HEAD + b"".join(chunks) + LAST_CHUNK
        self.parts = [tuple(chunk.split(STAMP, 1)) for chunk in chunks]
        self.quick = HEAD + stream(6).framed

    def seen(self) -> Seen:
        """Sum up, and begin anew."""
        result = Seen(self.requests, sum(map(zlib.crc32, self.bodies)))
        self.requests, self.bodies = 0, []
        return result


class Connection(asyncio.Protocol):
    """One client's connection: requests one after the other, bodies with a length or in chunks."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._pieces: list[bytes] = []
        self._missing: int | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._loop = asyncio.get_running_loop()

    def data_received(self, data: bytes) -> None:
        self._pieces.append(data)
        if self._missing is None:
            self._read_head()
        else:
            self._missing -= len(data)
        if self._missing is not None and self._missing <= 0:
            body = b"".join(self._pieces)
            self._pieces, self._missing = [], None
            self._answer(body)

    def _read_head(self) -> None:
        head, found, body = b"".join(self._pieces).partition(b"\r\n\r\n")
        if not found:
            return
        if (length := _LENGTH.search(head)) is None:
            self._transport.write(HEAD.replace(b"200 OK", b"411 Length Required") + LAST_CHUNK)
            self._pieces = []
            return
        self._pieces = [body]
        self._missing = int(length[1]) - len(body)

    def _answer(self, body: bytes) -> None:
        state = self._state
        state.requests += 1
        if state.order.check:
            state.bodies.append(body)
        if state.order.thinking_ms:
            due = time.monotonic() + state.order.thinking_ms / 1000
            self._loop.call_later(state.order.thinking_ms / 1000 - EARLY_SECONDS, self._think, due, body)
        else:
            self._speak(body)

    def _think(self, due: float, body: bytes) -> None:
        while time.monotonic() < due:
            pass  # a timer of the event loop is late by up to a millisecond, which is what is to be measured
        self._speak(body)

    def _speak(self, body: bytes) -> None:
        state = self._state
        if self._transport.is_closing():
            return
        if not state.order.interval_ms:
            self._transport.write(state.whole)
        elif len(body) > LARGE_FROM and state.order.large_at_once:
            self._transport.write(state.quick)
        else:
            self._transport.write(HEAD)
            self._pace(0, self._loop.time(), state.parts, state.order.interval_ms / 1000)

    def _pace(self, number: int, due: float, parts: list[tuple[bytes, ...]], interval: float) -> None:
        if self._transport.is_closing():
            return
        if number == len(parts):
            self._transport.write(LAST_CHUNK)
            return
        self._transport.write((b"%020d" % time.monotonic_ns()).join(parts[number]))
        self._loop.call_at(due + interval, self._pace, number + 1, due + interval, parts, interval)


async def main() -> None:
    """Serve until standard input ends."""
    if cpus := {int(word) for word in sys.argv[1:]}:
        os.sched_setaffinity(0, cpus)
    gc.disable()
    state = State()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(state), "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 -- the program's word to its parent
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while line := await orders.readline():
        seen = state.seen()
        state.obey(msgspec.json.decode(line, type=Order))
        gc.collect()
        print(msgspec.json.encode(seen).decode(), flush=True)  # noqa: T201 -- the program's word to its parent


if __name__ == "__main__":
    asyncio.run(main())
