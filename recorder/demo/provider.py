"""A synthetic provider on the loopback: speaks Messages, Bedrock, Vertex under any prefix, and remembers every byte.

    async with Provider(script) as provider:
        ... provider.url ... provider.model_calls ...

HTTP is read and written here by hand, because the log has to hold what was on the wire and not what a library made
of it. HTTP/1.1 with keep-alive, chunked in both directions.
"""

import asyncio
import ssl
from types import TracebackType
from typing import Self

from recorder.demo.answers import Answer, Script
from recorder.demo.connection import Connection, Exchange
from recorder.demo.framing import JSON, frame_answer
from recorder.demo.requests import SeenRequest
from recorder.demo.support import support_answer


class Provider:
    """Listens on a free port of the loopback from `async with` on; `exchanges` is its log."""

    def __init__(self, script: Script, *, tls: ssl.SSLContext | None = None, name: str = "127.0.0.1") -> None:
        self.exchanges: list[Exchange] = []
        self._script = script
        self._tls = tls
        self._name = name
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._arrived = asyncio.Condition()

    async def __aenter__(self) -> Self:
        """Begin to listen."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._tls)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        """Stop listening and drop what is still connected."""
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def port(self) -> int:
        """The port it listens on."""
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def url(self) -> str:
        """The base URL, without a slash at its end."""
        return f"{'https' if self._tls else 'http'}://{self._name}:{self.port}"

    @property
    def model_calls(self) -> list[Exchange]:
        """The exchanges that a real provider would bill, in the order in which they arrived."""
        return [exchange for exchange in self.exchanges if exchange.request.is_model_call]

    async def arrival(self, count: int) -> Exchange:
        """Wait until `count` requests have arrived; give the last of them."""
        async with self._arrived:
            await self._arrived.wait_for(lambda: len(self.exchanges) >= count)
        return self.exchanges[count - 1]

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            async with Connection(reader, writer) as connection:
                while request := await connection.read():
                    if not await self._answer(connection, request):
                        break
        except (OSError, asyncio.IncompleteReadError, ValueError):
            writer.transport.abort()  # the client is gone, or never spoke HTTP
        except asyncio.CancelledError:
            writer.transport.abort()  # asyncio's own callback would report a cancelled handler as an error
        finally:
            self._tasks.discard(task)

    async def _answer(self, connection: Connection, request: SeenRequest) -> bool:
        """Answer one request; False when the connection is to end."""
        exchange = Exchange(request)
        self.exchanges.append(exchange)
        async with self._arrived:
            self._arrived.notify_all()
        try:
            if not request.is_model_call:
                status, body = support_answer(request)
                await connection.send_whole(exchange, status, (("content-type", JSON),), body)
            else:
                await self._answer_model(connection, exchange, self._script(request))
        finally:
            exchange.over.set()
        return not exchange.aborted and (request.header("connection") or "").lower() != "close"

    async def _answer_model(self, connection: Connection, exchange: Exchange, answer: Answer) -> None:
        sendable = frame_answer(answer, exchange.request, len(self.exchanges))
        if not await connection.wait(answer.gates.get(-1)):
            return
        if not sendable.streamed:
            if answer.abort_at is not None:
                connection.abort(exchange)
                return
            await connection.send_whole(exchange, sendable.status, sendable.headers, b"".join(sendable.pieces))
            return
        await connection.begin(exchange, sendable.status, sendable.headers)
        for position, piece in enumerate(sendable.pieces):
            gone = not await connection.wait(answer.gates.get(position))
            if gone or position == answer.abort_at:
                connection.abort(exchange)
                return
            await connection.send_chunk(exchange, piece)
        await connection.end(exchange)
