"""Serves a tape on the loopback to a client that takes it for its provider."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from tornado.httpserver import HTTPServer
from tornado.iostream import StreamClosedError
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from recorder.again.playing import Played, play, refused, support
from recorder.again.tape import Take, Tape
from recorder.model import FlowClass, Labels
from recorder.policy.asked import Asked, ask
from recorder.wire.coding import decode_body

_MOST_BYTES = 512_000_000
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_MIN_SLEEP_US = 1000

type Told = Callable[[Take | None, Asked, bytes], None]
"""Is told of every model call: the recorded one that answers it (None: none is left), and what was asked."""


class Player:
    """Listens from its making on; `serve` answers."""

    def __init__(self, tape: Tape, address: tuple[str, int], told: Told, *, in_time: bool) -> None:
        """`in_time`: each piece of an answer comes when it came. Raises OSError when it cannot listen."""
        self._sockets = bind_sockets(address[1], address[0])
        given = {"tape": tape, "told": told, "in_time": in_time}
        self._application = Application([(r".*", _Handler, given)], log_function=lambda _: None)

    @property
    def address(self) -> str:
        """`host:port`."""
        host, port = self._sockets[0].getsockname()[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    async def serve(self, until: asyncio.Event) -> None:
        """Answer until the event comes."""
        server = HTTPServer(self._application, max_buffer_size=_MOST_BYTES, decompress_request=False)
        server.add_sockets(self._sockets)
        try:
            await until.wait()
        finally:
            server.stop()
            await server.close_all_connections()


class _Handler(RequestHandler):
    SUPPORTED_METHODS = ("GET", "HEAD", "POST", "DELETE", "PATCH", "PUT", "OPTIONS")

    def initialize(self, tape: Tape, told: Told, *, in_time: bool) -> None:
        self._tape = tape
        self._told = told
        self._in_time = in_time

    async def post(self) -> None:
        await self._answer()

    get = head = delete = patch = put = options = post

    async def _answer(self) -> None:
        started_ns = time.monotonic_ns()
        headers = tuple(self.request.headers.get_all())
        coding = self.request.headers.get("content-encoding")
        body = decode_body(self.request.body, coding, _MOST_BYTES).data
        asked = ask(self.request.method or "", self.request.uri or "/", headers, body, Labels())
        await self._send(self._played(asked, body), started_ns)

    def _played(self, asked: Asked, body: bytes) -> Played:
        host = urlsplit(f"//{self.request.host}").hostname
        if host not in _LOOPBACK or "Origin" in self.request.headers:
            return refused(asked.call.protocol, "only programs on this machine are answered, no web page")
        if asked.call.flow_class is not FlowClass.MODEL:
            return support(asked, body, self._tape.models)
        take = self._tape.take(asked, body)
        self._told(take, asked, body)
        if take is None:
            return refused(asked.call.protocol, "nothing more of this agent is on the record")
        return play(take)

    async def _send(self, played: Played, started_ns: int) -> None:
        self.clear()
        for name in ("Server", "Date", "Content-Type"):
            self.clear_header(name)
        self.set_status(played.status, "Replayed")
        for name, value in played.headers:
            self.add_header(name, value)
        with contextlib.suppress(StreamClosedError):
            for at_us, piece in played.pieces:
                await self._wait(started_ns, at_us)
                self.write(piece)
                if len(played.pieces) > 1 or played.breaks_off:
                    await self.flush()
            if played.breaks_off:
                self.request.connection.stream.close()  # type: ignore[union-attr] # HTTP/1 has one
            else:
                await self.finish()

    async def _wait(self, started_ns: int, at_us: int) -> None:
        left_us = at_us - (time.monotonic_ns() - started_ns) // 1000
        if self._in_time and left_us > _MIN_SLEEP_US:
            await asyncio.sleep(left_us / 1e6)

    def write_error(self, status_code: int, **given: Any) -> None:  # noqa: ARG002 -- tornado's
        """Say nothing of what went wrong inside."""
        self.finish(
            {"type": "error", "error": {"type": "api_error", "message": "Replay: the request could not be read"}}
        )

    def compute_etag(self) -> None:
        """Add no header of tornado's own."""
