"""One member of a coded body (a gzip member, a zstd frame, a whole brotli stream), decoded as far as it can be.

Strategy: an engine loses what it had already decompressed in the very call that fails. So the input is kept, and after
an error it is run once more, the piece that failed byte by byte. What comes out, and where the trouble begins, is then
the same however the bytes were split; the second pass is paid only when something is wrong.
"""

from collections.abc import Iterator

from recorder.wire.engines import ENGINE_ERRORS, ENGINES


class Member:
    """Feed it until `rest` or `broken` is not None."""

    def __init__(self, coding: str) -> None:
        self._make = ENGINES[coding]
        self._engine = self._make()
        self._input: list[bytes] = []
        self.output_bytes = 0
        self.rest: bytes | None = None
        """The bytes fed beyond the member's end, once the end has come."""
        self.broken: bytes | None = None
        """The bytes that could not be decoded, once there are some."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Give what `data` decompresses to, in bounded chunks; never raises."""
        self._input.append(data)
        try:
            for chunk in self._engine.feed(data):
                self.output_bytes += len(chunk)
                yield chunk
            self.rest = self._engine.rest()
        except ENGINE_ERRORS:
            yield from self._feed_again()

    def input(self) -> bytes:
        """Everything fed so far."""
        return b"".join(self._input)

    def _feed_again(self) -> Iterator[bytes]:
        """Find the byte that fails, and give what comes out before it and has not been given yet."""
        *good, failed = self._input
        self._engine = self._make()
        known_bytes = self.output_bytes
        self.output_bytes = 0
        for piece in good:
            for chunk in self._engine.feed(piece):
                self.output_bytes += len(chunk)
        for at in range(len(failed)):
            try:
                for chunk in self._engine.feed(failed[at : at + 1]):
                    self.output_bytes += len(chunk)
                    new_bytes = max(0, self.output_bytes - known_bytes)
                    yield chunk[max(0, len(chunk) - new_bytes) :]
            except ENGINE_ERRORS:
                self.broken = failed[at:]
                return
            if self._engine.rest() is not None:
                self.rest = failed[at + 1 :]
                return
