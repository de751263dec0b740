"""A wire tap: relays TCP connections and keeps the bytes of both ways, to see what a client really sent and got."""

import asyncio
import contextlib
import hashlib
from types import TracebackType
from typing import Self

import h11

from recorder.demo.reception import MAX_LINE_BYTES, read_request
from recorder.demo.requests import SeenRequest


class Tapped:
    """One exchange as it crossed the tap; without a status when the client left before the end of the answer."""

    def __init__(self, request: SeenRequest, status: int | None, body: bytes) -> None:
        self.request = request
        self.status = status
        self.body: bytes | bytearray = body

    @property
    def sha256(self) -> str:
        """Hash of the answer's body, hex."""
        return hashlib.sha256(self.body).hexdigest()


class Tap:
    """Listens on a free port and relays to another port of the loopback."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._wires: list[tuple[bytearray, bytearray]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def exchanges(self) -> list[Tapped]:
        """Read what was tapped as HTTP, connection by connection."""
        return [exchange for sent, received in self._wires for exchange in await _read(bytes(sent), bytes(received))]

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        wire = (bytearray(), bytearray())
        self._wires.append(wire)
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await relay((reader, writer), await asyncio.open_connection("127.0.0.1", self._target), wire)
        writer.close()
        self._tasks.discard(task)


type Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def relay(left: Ends, right: Ends, kept: tuple[bytearray, bytearray]) -> None:
    """Copy both ways until both have ended."""
    try:
        await asyncio.gather(_copy(left[0], right[1], kept[0]), _copy(right[0], left[1], kept[1]))
    finally:
        left[1].close()
        right[1].close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, kept: bytearray) -> None:
    while data := await reader.read(65536):
        kept += data
        writer.write(data)
        await writer.drain()
    writer.close()


async def _read(sent: bytes, received: bytes) -> list[Tapped]:
    reader = asyncio.StreamReader(limit=MAX_LINE_BYTES)
    reader.feed_data(sent)
    reader.feed_eof()
    tapped = []
    while request := await read_request(reader):
        status, body, received = _read_answer(request, received)
        tapped.append(Tapped(request, status, body))
    return tapped


def _read_answer(request: SeenRequest, received: bytes) -> tuple[int | None, bytes, bytes]:
    """Give status and body of the first answer, and what comes after it."""
    http = h11.Connection(h11.CLIENT)
    http.send(h11.Request(method=request.method, target="/", headers=[("Host", "tap")]))
    http.send(h11.EndOfMessage())
    http.receive_data(received)
    status, body = 0, b""
    while not isinstance(event := http.next_event(), h11.EndOfMessage):
        if event is h11.NEED_DATA:
            return None, body, b""
        if isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            body += event.data
    return status, body, http.trailing_data[0]
