"""A small asynchronous HTTP/1.1 client that keeps the bytes of both sides, for playing and comparing sessions."""

import asyncio
import contextlib
import hashlib
import ssl
import time
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import h11
import msgspec

from recorder.model import Headers

READ_BYTES = 64 * 1024
TIMEOUT_SECONDS = 60
"""Without any byte from the server."""


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """One exchange as the client saw it."""

    path: str
    request_body: bytes
    status: int
    headers: Headers
    body: bytes
    """The answer's body; a content coding is still on it."""
    arrivals: tuple[tuple[float, int], ...]
    """When each piece of the body came (seconds since the request began), and its size."""

    @property
    def request_sha256(self) -> str:
        """Hash of the request's body, hex."""
        return hashlib.sha256(self.request_body).hexdigest()

    @property
    def sha256(self) -> str:
        """Hash of the answer's body, hex."""
        return hashlib.sha256(self.body).hexdigest()


class Client:
    """One keep-alive connection to a base URL, which may have a path prefix. OSError when it breaks."""

    def __init__(self, base_url: str, *, tls: ssl.SSLContext | None = None) -> None:
        self._url = urlsplit(base_url)
        self._tls = tls
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._http = h11.Connection(h11.CLIENT)

    async def __aenter__(self) -> Self:
        """Connect."""
        secure = self._url.scheme == "https"
        port = self._url.port or (443 if secure else 80)
        self._streams = await asyncio.open_connection(self._url.hostname, port, ssl=self._tls or secure or None)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        """Disconnect."""
        _, writer = self._opened()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    async def post(self, path: str, body: bytes, headers: Headers) -> Sent:
        """Send a request body; return when the whole answer is there. OSError or h11's ProtocolError when it breaks."""
        return await self.request("POST", path, body, headers)

    async def request(self, method: str, path: str, body: bytes = b"", headers: Headers = ()) -> Sent:
        """Send any request; a body whose headers say `transfer-encoding: chunked` goes out as one chunk."""
        _, writer = self._opened()
        began = time.monotonic()
        chunked = any(name.lower() == "transfer-encoding" for name, _ in headers)
        length: Headers = () if chunked or method == "GET" else (("Content-Length", str(len(body))),)
        head = h11.Request(
            method=method,
            target=self._url.path.rstrip("/") + path,
            headers=[("Host", self._url.netloc), *headers, *length],
        )
        for event in (head, *([h11.Data(data=body)] if body else []), h11.EndOfMessage()):
            writer.write(self._http.send(event) or b"")
        await writer.drain()
        return await self._receive(path, body, began)

    async def _receive(self, path: str, request_body: bytes, began: float) -> Sent:
        status, headers = 0, []
        body, arrivals = bytearray(), []
        while not isinstance(event := await self._next_event(), h11.EndOfMessage):
            match event:
                case h11.Response():
                    status, headers = event.status_code, event.headers.raw_items()
                case h11.Data():
                    body += event.data
                    arrivals.append((time.monotonic() - began, len(event.data)))
                case h11.ConnectionClosed():
                    raise ConnectionError(f"the server ended the connection before it answered {path}")
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
        return Sent(
            path=path,
            request_body=request_body,
            status=status,
            headers=tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers),
            body=bytes(body),
            arrivals=tuple(arrivals),
        )

    async def _next_event(self) -> object:
        reader, _ = self._opened()
        while (event := self._http.next_event()) is h11.NEED_DATA:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                self._http.receive_data(await reader.read(READ_BYTES))
        return event

    def _opened(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        assert self._streams is not None
        return self._streams
