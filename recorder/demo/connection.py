"""One connection of the synthetic provider: requests read whole, answers written piece by piece, all bytes kept."""

import asyncio
import contextlib
import hashlib
from types import TracebackType
from typing import Self

from recorder.demo.reception import MAX_LINE_BYTES, read_request
from recorder.demo.requests import SeenRequest
from recorder.model import Headers

READ_BYTES = 64 * 1024


class Exchange:
    """A request and what was sent back for it."""

    def __init__(self, request: SeenRequest) -> None:
        self.request = request
        self.status: int | None = None
        self.head = b""
        """Status line and headers as sent."""
        self.body = bytearray()
        """The answer's body as sent, content coding on it, without the chunks' framing."""
        self.pieces: list[int] = []
        """The size of every piece of the body, in the order sent."""
        self.complete = False
        """The whole answer was written. Whether it arrived, only the client can tell."""
        self.aborted = False
        self.over = asyncio.Event()
        """Set when nothing more will be sent."""

    @property
    def sha256(self) -> str:
        """Hash of the answer's body as sent, hex."""
        return hashlib.sha256(self.body).hexdigest()


class Connection:
    """Reads ahead all the time, so that it knows at once when the client has gone."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._outer = reader
        self._writer = writer
        self._reader = asyncio.StreamReader(limit=MAX_LINE_BYTES)
        self._gone = asyncio.Event()
        self._pump: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin to read."""
        self._pump = asyncio.create_task(self._read_ahead())
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        """Close the connection."""
        assert self._pump is not None
        self._pump.cancel()
        self._writer.close()
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await self._pump

    async def _read_ahead(self) -> None:
        with contextlib.suppress(OSError):
            while data := await self._outer.read(READ_BYTES):
                self._reader.feed_data(data)
        self._gone.set()
        self._reader.feed_eof()

    async def read(self) -> SeenRequest | None:
        """Read the next request; None when the client ended the connection between two."""
        return await read_request(self._reader, self._writer)

    async def wait(self, gate: asyncio.Event | None) -> bool:
        """Wait for a gate, or for the client to go; False when it has gone."""
        if gate is None or gate.is_set():
            return True
        waiters = [asyncio.create_task(event.wait()) for event in (gate, self._gone)]
        try:
            await asyncio.wait(waiters, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiter in waiters:
                waiter.cancel()
        return gate.is_set()

    async def send_whole(self, exchange: Exchange, status: int, headers: Headers, body: bytes) -> None:
        """Send an answer with its length."""
        await self._send_head(exchange, status, (*headers, ("content-length", str(len(body)))))
        exchange.body += body
        exchange.pieces.append(len(body))
        await self._send(b"" if exchange.request.method == "HEAD" else body)
        exchange.complete = True

    async def begin(self, exchange: Exchange, status: int, headers: Headers) -> None:
        """Send the head of a chunked answer."""
        await self._send_head(exchange, status, (*headers, ("transfer-encoding", "chunked")))

    async def send_chunk(self, exchange: Exchange, data: bytes) -> None:
        """Send one chunk."""
        if data:
            exchange.body += data
            exchange.pieces.append(len(data))
            await self._send(b"%x\r\n%s\r\n" % (len(data), data))

    async def end(self, exchange: Exchange) -> None:
        """End a chunked answer."""
        await self._send(b"0\r\n\r\n")
        exchange.complete = True

    def abort(self, exchange: Exchange) -> None:
        """Reset the connection."""
        exchange.aborted = True
        self._writer.transport.abort()

    async def _send_head(self, exchange: Exchange, status: int, headers: Headers) -> None:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
        exchange.status = status
        exchange.head = f"HTTP/1.1 {status} Demo\r\n{lines}\r\n".encode("latin-1")
        await self._send(exchange.head)

    async def _send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()
