"""Keeps a copy of a streamed body while it passes. On the path of every chunk: it does next to nothing there."""

import time
from collections.abc import Iterable

from recorder.wire.answer import Chunk


class Tee:
    """The chunks of one body and when each came; `keep` and `measure` are mitmproxy stream callables."""

    def __init__(self, started_ns: int) -> None:
        """`started_ns`: when the request began, on the clock of `time.perf_counter_ns`."""
        self.pieces: list[bytes] = []
        self.bytes = 0
        self.on_wire = False
        """Whether the body went through chunk by chunk, so that the client already has it."""
        self._started_ns = started_ns
        self._times_ns: list[int] = []

    def keep(self, data: bytes) -> bytes:
        """Remember a chunk, return it as it is."""
        self.on_wire = True
        if data:  # as in `hold`: to call it takes longer than what it does
            self.pieces.append(data)
            self._times_ns.append(time.perf_counter_ns())
            self.bytes += len(data)
        return data

    def measure(self, data: bytes) -> bytes:
        """Count a chunk without keeping it, return it as it is."""
        self.on_wire = True
        if data and not self._times_ns:
            self._times_ns.append(time.perf_counter_ns())
        self.bytes += len(data)
        return data

    def hold(self, data: bytes) -> None:
        """Remember a piece of a body that does not go through chunk by chunk."""
        self.pieces.append(data)
        self._times_ns.append(time.perf_counter_ns())
        self.bytes += len(data)

    def since(self, count: int) -> tuple[list[bytes], tuple[Chunk, ...]]:
        """Return the pieces after the first `count`, with time and size of each."""
        pieces = self.pieces[count:]
        return pieces, self._chunks(self._times_ns[count:], pieces)

    def take(self) -> list[bytes]:
        """Hand the pieces over: a flow may live for long after its end."""
        pieces, self.pieces = self.pieces, []
        return pieces

    @property
    def first_us(self) -> int | None:
        """When the first chunk came, in microseconds since the request began."""
        return (self._times_ns[0] - self._started_ns) // 1000 if self._times_ns else None

    def chunks(self) -> tuple[Chunk, ...]:
        """Return time and size of each piece kept."""
        return self._chunks(self._times_ns, self.pieces)

    def _chunks(self, times_ns: Iterable[int], pieces: Iterable[bytes]) -> tuple[Chunk, ...]:
        began = self._started_ns
        return tuple([Chunk((at - began) // 1000, len(piece)) for at, piece in zip(times_ns, pieces, strict=False)])
