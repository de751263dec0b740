"""A client that sees every byte: plain HTTP/1.1 over asyncio streams, through a forward proxy or straight."""

import asyncio
import json
from typing import Any, Self
from urllib.parse import urlsplit

type HeaderFields = dict[str, str]


class Received:
    """An answer as it came in: status, headers, the body without the chunks' framing, and whether it ended well."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: HeaderFields = {}
        self.body = b""
        self.complete = False


class WireClient:
    """One connection. `send` writes a request, `head`, `piece` and `rest` read its answer step by step."""

    def __init__(self, proxy: str, target: str) -> None:
        """`proxy`: URL of a forward proxy; `target`: URL that is asked for."""
        self._proxy = urlsplit(proxy)
        self._target = target
        self.received = Received()

    async def __aenter__(self) -> Self:
        assert self._proxy.hostname
        assert self._proxy.port
        self.reader, self.writer = await asyncio.open_connection(self._proxy.hostname, self._proxy.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.transport.abort()

    async def send(self, body: bytes, headers: HeaderFields | None = None, *, chunks: int = 0) -> None:
        """POST a body, in that many chunks when `chunks` is given."""
        fields = {"Host": urlsplit(self._target).netloc, "Content-Type": "application/json"} | (headers or {})
        fields |= {"Transfer-Encoding": "chunked"} if chunks else {"Content-Length": str(len(body))}
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self.writer.write(f"POST {self._target} HTTP/1.1\r\n{lines}\r\n".encode("utf-8", "surrogateescape"))
        if chunks:
            size = len(body) // chunks + 1
            for start in range(0, len(body), size):
                piece = body[start : start + size]
                self.writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.writer.write(b"0\r\n\r\n")
        else:
            self.writer.write(body)
        await self.writer.drain()

    async def head(self) -> Received:
        """Read status and headers."""
        text = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = text.removesuffix("\r\n\r\n").split("\r\n")
        self.received.status = int(first.split()[1])
        self.received.headers = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
        }
        return self.received

    async def piece(self) -> bytes:
        """Read one chunk; empty at the end of a chunked body."""
        size = int(await self.reader.readuntil(b"\r\n"), 16)
        data = await self.reader.readexactly(size)
        await self.reader.readexactly(2)
        self.received.body += data
        return data

    async def rest(self) -> Received:
        """Read to the end of the answer, however it ends."""
        try:
            if "chunked" in self.received.headers.get("transfer-encoding", ""):
                while await self.piece():
                    pass
            else:
                length = int(self.received.headers.get("content-length", "0"))
                self.received.body += await self.reader.readexactly(length)
            self.received.complete = True
        except asyncio.IncompleteReadError as error:
            self.received.body += error.partial
        except ConnectionError:
            pass
        return self.received


async def post(proxy: str, target: str, body: Any, headers: HeaderFields | None = None, *, chunks: int = 0) -> Received:
    """Send one request (a dict goes as JSON) and read all of its answer."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with WireClient(proxy, target) as client:
        await client.send(data, headers, chunks=chunks)
        await client.head()
        return await client.rest()
