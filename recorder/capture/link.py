"""One writer process and the socket pair to it, as the proxy's process sees them."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import recorder
from recorder.capture.messages import HEADER, Ack, Message, pack, unpack_ack

WRITER_MODULE = "recorder.capture.writer"
END_SECONDS = 10.0
"""How long a writer may take to finish what it holds once its socket is closed."""
JOINED_BYTES = 64_000
"""Up to this size pieces are joined: the copy is cheaper than a system call. Larger ones go out uncopied."""

type Hear = Callable[[Ack], None]


class WriterLink:
    """A running writer; `send` ends with ConnectionError when it dies, and `ended` returns."""

    def __init__(
        self, process: asyncio.subprocess.Process, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """`reader` ends with the connection; what comes over it is no business of its own."""
        self.pid = process.pid
        self._process = process
        self._reader = reader
        self._writer = writer

    @classmethod
    async def spawn(cls, hear: Hear) -> "WriterLink":
        """Start a writer process; it says nothing until it is greeted with a `Hello`.

        `hear` is called with each acknowledgement as it arrives; what it raises ends the link.
        """
        ours, theirs = socket.socketpair()
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",  # a folder named `recorder` in the working directory must not be taken for this package
                "-m",
                WRITER_MODULE,
                str(theirs.fileno()),
                stdin=asyncio.subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                env=module_environment(),
                start_new_session=True,  # a Ctrl-C at the terminal is for the proxy, which ends its writer in order
            )
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        return await cls.over(process, ours, hear)

    @classmethod
    async def over(cls, process: asyncio.subprocess.Process, sock: socket.socket, hear: Hear) -> "WriterLink":
        """Return the link to a writer process that has the other end of a socket pair."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        transport, protocol = await loop.create_connection(lambda: _Hearing(reader, hear), sock=sock)
        return cls(process, reader, asyncio.StreamWriter(transport, protocol, reader, loop))

    async def send(self, message: Message, body: Sequence[bytes] = (), size: int = 0) -> None:
        """Hand one frame over, `size` bytes of a body; returns when the socket has taken it, not when it is durable."""
        head = pack(message, size)
        for piece in _joined((head, *body)) if size > JOINED_BYTES else (b"".join((head, *body)),):
            self._writer.write(piece)
            await self._writer.drain()

    def hand(self, message: Message, body: Sequence[bytes], size: int) -> bool:
        """Hand a small frame over at once; False: it is none, or what went before still waits, so `send` must wait."""
        if size > JOINED_BYTES or self._writer.transport.get_write_buffer_size():
            return False
        self._writer.write(b"".join((pack(message, size), *body)))
        return True

    async def ended(self) -> None:
        """Return when the writer says no more; raise what was wrong with what it said."""
        with contextlib.suppress(ConnectionError):
            await self._reader.read(1)

    @property
    def fate(self) -> str:
        """How a writer that has ended did so."""
        code = self._process.returncode
        if code == -signal.SIGALRM:
            return "took longer than frame_seconds allows"
        if code is not None and code < 0:
            return f"was ended by {signal.Signals(-code).name}"
        return f"ended with exit code {code}"

    async def end(self) -> None:
        """Close the socket, give the writer time to finish, and make sure that it is gone."""
        self._writer.close()
        try:
            async with asyncio.timeout(END_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


class _Hearing(asyncio.StreamReaderProtocol):
    """Calls `hear` from the event loop itself: to wake a task for each acknowledgement would take another round of it.

    The reader is left with the end of the connection.
    """

    def __init__(self, reader: asyncio.StreamReader, hear: Hear) -> None:
        super().__init__(reader)
        self._end = reader
        self._hear = hear
        self._unread = b""

    def data_received(self, data: bytes) -> None:
        data = self._unread + data
        at = 0
        try:
            for begin, end in _metas(data):
                self._hear(unpack_ack(data[begin:end]))
                at = end
        except Exception as error:  # noqa: BLE001 -- for `ended`: whoever waits there knows what to do about it
            self._end.set_exception(error)
        self._unread = data[at:]


def _metas(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield where the meta parts of the whole frames at the beginning of the data begin and end; none has a body."""
    at = 0
    while len(data) - at >= HEADER.size:
        begin = at + HEADER.size
        at = begin + HEADER.unpack_from(data, at)[0]
        if at > len(data):
            return
        yield begin, at


def _joined(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same bytes in fewer pieces: each write is a system call, and a stream has hundreds of small ones."""
    small: list[bytes] = []
    size = 0
    for piece in pieces:
        if size + len(piece) > JOINED_BYTES and small:
            yield b"".join(small)
            small, size = [], 0
        if len(piece) > JOINED_BYTES:
            yield piece
        else:
            small.append(piece)
            size += len(piece)
    if small:
        yield b"".join(small)


def module_environment() -> dict[str, str]:
    """Return the environment in which this very package is found as a module."""
    here = str(Path(recorder.__file__).parent.parent)
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH"))))}
