"""The load: requests over kept connections, with the time of everything that arrives; it is checked afterwards."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence

import msgspec

from recorder.demo.secret import made_up_api_key
from tests.bench.answers import LAST_CHUNK, dechunk, unstamped

REQUEST_SECONDS = 120
KEY = made_up_api_key("bench")


class Exchange(msgspec.Struct):
    """One request and its answer; times in nanoseconds of the monotonic clock."""

    sent_ns: int
    arrivals: list[tuple[int, bytes]] = []
    """When what came, head and framing included."""

    @property
    def first_ms(self) -> float:
        """From the request to the first byte of the answer."""
        return (self.arrivals[0][0] - self.sent_ns) / 1e6

    @property
    def end_ns(self) -> int:
        """When the last byte came."""
        return self.arrivals[-1][0]

    def body(self) -> bytes:
        """Return the answer's body without framing; AssertionError when it is no success."""
        head, _, framed = b"".join(data for _, data in self.arrivals).partition(b"\r\n\r\n")
        assert b" 200 " in head[:14], f"{head[:300]!r} {framed[:300]!r}"
        return dechunk(framed)


class Connection(asyncio.Protocol):
    """One connection; one request at a time."""

    _done: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    async def send(self, request: bytes) -> Exchange:
        """Send a request (head and body); return once its answer has ended."""
        self._done = asyncio.get_running_loop().create_future()
        self._tail = b""
        self._exchange = Exchange(time.monotonic_ns(), [])
        self.transport.write(request)
        async with asyncio.timeout(REQUEST_SECONDS):
            await self._done
        return self._exchange

    def data_received(self, data: bytes) -> None:
        now = time.monotonic_ns()
        self._exchange.arrivals.append((now, data))
        self._tail = (self._tail + data)[-7:]
        # A chunk's end and the last chunk: a head cannot end like that.
        if self._tail == b"\r\n" + LAST_CHUNK and self._done and not self._done.done():
            self._done.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._done and not self._done.done():
            said = b"".join(data for _, data in self._exchange.arrivals)
            self._done.set_exception(ConnectionError(f"the connection ended within an answer: {said[:500]!r} {exc}"))


class Load:
    """Connections to one port."""

    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._token = token

    async def connect(self) -> Connection:
        """Open a connection."""
        loop = asyncio.get_running_loop()
        return (await loop.create_connection(Connection, "127.0.0.1", self._port))[1]

    async def sequence(self, bodies: Iterator[bytes], pause: float = 0) -> list[Exchange]:
        """Send bodies one after the other over one connection, `pause` seconds apart."""
        connection = await self.connect()
        done = []
        for body in bodies:
            done.append(await connection.send(self.framed(body)))
            if pause:
                await asyncio.sleep(pause)
        connection.transport.close()
        return done

    async def crowd(self, connections: int, bodies: Callable[[], Iterator[bytes]], stagger: float) -> list[Exchange]:
        """Run `sequence` on so many connections, which begin one after the other within `stagger` seconds."""

        async def one(number: int) -> list[Exchange]:
            await asyncio.sleep(stagger * number / connections)
            return await self.sequence(bodies())

        return [exchange for some in await together(one(number) for number in range(connections)) for exchange in some]

    def framed(self, body: bytes) -> bytes:
        """Return a request with the headers that matter of Claude Code's."""
        head = (
            "POST /v1/messages?beta=true HTTP/1.1\r\n"
            f"host: 127.0.0.1:{self._port}\r\naccept: application/json\r\ncontent-type: application/json\r\n"
            f"anthropic-version: 2023-06-01\r\nauthorization: Bearer {self._token}\r\n"
            "user-agent: claude-cli/2.1.0 (external, cli)\r\nx-app: cli\r\n"
            f"x-claude-code-session-id: 00000000-0000-4000-8000-00000000000b\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


async def together[T](jobs: Iterator[Awaitable[T]]) -> list[T]:
    """Run jobs at the same time; the first failure is everyone's."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_awaiting(job)) for job in jobs]
    return [task.result() for task in tasks]


async def _awaiting[T](job: Awaitable[T]) -> T:
    return await job


def check_bodies(exchanges: Sequence[Exchange], expected: bytes) -> None:
    """Raise AssertionError when an answer is not `expected`, times aside."""
    for exchange in exchanges:
        body = exchange.body()
        if body != expected and unstamped(body) != expected:
            raise AssertionError(f"an answer was changed: {len(body)} bytes for {len(expected)}: {body[:200]!r}")
