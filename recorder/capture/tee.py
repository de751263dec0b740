"""Keeps a copy of a streamed body while it passes. On the path of every chunk: it does next to nothing there."""

import time
from array import array
from collections.abc import Callable

from recorder.capture.messages import Chunks, size_of


class Tee:
    """The chunks of one body and when each came; `keep` and `measure` are mitmproxy stream callables."""

    def __init__(self, started_ns: int) -> None:
        """`started_ns`: when the request began, on the clock of `time.perf_counter_ns`."""
        self.pieces: list[bytes] = []
        self._started_ns = started_ns
        self._times_ns = array("q")
        self._taken_bytes = 0
        self._is_held = self._is_over = False
        self.keep = self._keeper()
        """Remembers a chunk, returns it as it is."""

    def _keeper(self) -> Callable[[bytes], bytes]:
        # To look things up on `self`, or to call another function, takes longer than what is done here.
        keep_piece, keep_time, now = self.pieces.append, self._times_ns.append, time.perf_counter_ns

        def keep(data: bytes) -> bytes:
            if data:
                keep_piece(data)
                keep_time(now())
            else:
                self._is_over = True
            return data

        return keep

    def measure(self, data: bytes) -> bytes:
        """Count a chunk without keeping it, return it as it is."""
        if data and not self._times_ns:
            self._times_ns.append(time.perf_counter_ns())
        self._taken_bytes += len(data)
        self._is_over = self._is_over or not data
        return data

    def hold(self, data: bytes) -> None:
        """Remember a piece of a body that does not go through chunk by chunk."""
        self._is_held = True
        self.keep(data)

    @property
    def on_wire(self) -> bool:
        """Whether the body went through chunk by chunk, so that the client already has it."""
        return self._is_over or (bool(self._times_ns) and not self._is_held)

    def since(self, count: int) -> tuple[list[bytes], Chunks]:
        """Return the pieces after the first `count`, with time and size of each."""
        pieces = self.pieces[count:]
        return pieces, self._chunks(self._times_ns[count:], pieces)

    def take(self) -> list[bytes]:
        """Hand the pieces over: a flow may live for long after its end."""
        pieces = self.pieces[:]
        self._taken_bytes += size_of(pieces)
        self.pieces.clear()
        return pieces

    @property
    def size(self) -> int:
        """How many bytes came so far."""
        return self._taken_bytes + size_of(self.pieces)

    @property
    def first_us(self) -> int | None:
        """When the first chunk came, in microseconds since the request began."""
        return (self._times_ns[0] - self._started_ns) // 1000 if self._times_ns else None

    def chunks(self) -> Chunks:
        """Return time and size of each piece kept."""
        return self._chunks(self._times_ns, self.pieces)

    def _chunks(self, times_ns: "array[int]", pieces: list[bytes]) -> Chunks:
        return Chunks(self._started_ns, times_ns[: len(pieces)].tobytes(), array("q", map(len, pieces)).tobytes())
