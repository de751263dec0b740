"""Reads frames from the writer's end of the socket pair, as many at a time as have arrived.

A large frame is a batch of its own: what came before it is durable before the work on it begins.
"""

import select
import socket

import msgspec

from recorder.capture.messages import HEADER, Message, unpack_message

MOST_FRAMES = 64
MOST_BYTES = 1_000_000
"""Bounds of one batch, which becomes one transaction: what comes first must not wait for what comes last."""
LARGE_BYTES = 100_000
"""From here on a frame's own work, with nothing of it known, may be felt by others: see `interlude.py`."""


class Frame(msgspec.Struct, frozen=True):
    """A message, its place in the order of arrival (from 0), and the body that came with it."""

    number: int
    message: Message
    body: bytes


class FrameReader:
    """Blocking reader of one connection; ends with an empty batch when the other side is gone."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._count = 0
        self._next: tuple[int, int] | None = None
        """Sizes of meta and body of a frame whose header was read already."""
        self._kept: list[Frame] = []
        """Read, and not to be recorded before what is being worked on."""

    def is_waiting(self) -> bool:
        """Say whether a frame, or the end of the connection, is there to be read."""
        return bool(self._kept or self._next) or bool(select.select([self._sock], [], [], 0)[0])

    def small(self, but: str, most: int) -> list[Frame]:
        """Take what is there, up to a large frame, or to one of the exchange `but`: the next batch begins with that."""
        frames: list[Frame] = []
        while not self._kept and len(frames) < most and self._has_more():
            frame = self._read()
            if frame is None:
                break
            (self._kept if getattr(frame.message, "id", None) == but else frames).append(frame)
        return frames

    def batch(self) -> list[Frame]:
        """Wait for a frame, then take those that are there already; empty at the end of the connection."""
        frames, self._kept = self._kept, []
        size = 0
        while not frames or (self._has_more() and len(frames) < MOST_FRAMES and size < MOST_BYTES):
            frame = self._read()
            if frame is None:
                break
            frames.append(frame)
            size += len(frame.body)
            if len(frame.body) >= LARGE_BYTES:
                break
        return frames

    def _has_more(self) -> bool:
        """Say whether a frame has begun to arrive that may be added to others."""
        if self._next is None and select.select([self._sock], [], [], 0)[0]:
            self._next = self._read_header()
        return self._next is not None and self._next[1] < LARGE_BYTES

    def _read_header(self) -> tuple[int, int] | None:
        header = self._exactly(HEADER.size)
        return HEADER.unpack(header) if header else None

    def _read(self) -> Frame | None:
        sizes, self._next = self._next or self._read_header(), None
        if sizes is None:
            return None
        meta_bytes, body_bytes = sizes
        meta, body = self._exactly(meta_bytes), self._exactly(body_bytes)
        if meta is None or body is None:
            return None  # the proxy died in the middle of a frame: nothing of it was promised
        frame = Frame(self._count, unpack_message(meta), body)
        self._count += 1
        return frame

    def _exactly(self, size: int) -> bytes | None:
        pieces: list[bytes] = []
        while size:
            try:
                piece = self._sock.recv(size, socket.MSG_WAITALL)
            except ConnectionError:
                return None
            if not piece:
                return None
            pieces.append(piece)
            size -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)
