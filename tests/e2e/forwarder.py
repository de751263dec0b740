"""A forward proxy in small: whatever host a client wants, it gets the synthetic provider."""

import asyncio
import contextlib
from types import TracebackType
from typing import Self

from tests.e2e.tap import relay


class Forwarder:
    """Answers CONNECT and joins the connection with one port of the loopback."""

    def __init__(self, port: int) -> None:
        self.hosts: list[str] = []
        self._target = port
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = await reader.readuntil(b"\r\n\r\n")
            self.hosts.append(head.split(b" ")[1].decode())
            writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
            await relay(
                (reader, writer), await asyncio.open_connection("127.0.0.1", self._target), (bytearray(), bytearray())
            )
        writer.close()
        self._tasks.discard(task)
