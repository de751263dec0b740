"""Reads frames from the writer's end of the socket pair, as many at a time as have arrived."""

import select
import socket

import msgspec

from recorder.capture.messages import HEADER, Message, unpack_message

MOST_FRAMES = 64
MOST_BYTES = 16_000_000
"""Bounds of one batch, which becomes one transaction: what comes first must not wait for what comes last."""


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

    def batch(self) -> list[Frame]:
        """Wait for a frame, then take those that are there already; empty at the end of the connection."""
        frames: list[Frame] = []
        size = 0
        while not frames or (self._is_readable() and len(frames) < MOST_FRAMES and size < MOST_BYTES):
            frame = self._read()
            if frame is None:
                break
            frames.append(frame)
            size += len(frame.body)
        return frames

    def _is_readable(self) -> bool:
        return bool(select.select([self._sock], [], [], 0)[0])

    def _read(self) -> Frame | None:
        header = self._exactly(HEADER.size)
        if header is None:
            return None
        meta_bytes, body_bytes = HEADER.unpack(header)
        meta, body = self._exactly(meta_bytes), self._exactly(body_bytes)
        if meta is None or body is None:
            return None  # the proxy died in the middle of a frame: nothing of it was promised
        frame = Frame(self._count, unpack_message(meta), body)
        self._count += 1
        return frame

    def _exactly(self, size: int) -> bytes | None:
        buffer = bytearray(size)
        view = memoryview(buffer)
        while view:
            try:
                count = self._sock.recv_into(view)
            except ConnectionError:
                return None
            if not count:
                return None
            view = view[count:]
        return bytes(buffer)
