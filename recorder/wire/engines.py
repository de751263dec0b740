"""One decompressor of each kind behind one shape: bytes in, bounded chunks out.

Every engine gives its output in chunks of a bounded size, so that whoever reads them can stop a decompression bomb
before it has gone off.
"""

import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

import brotli  # type: ignore[import-untyped]  # it ships no types
import zstandard

CHUNK_BYTES = 65536

ENGINE_ERRORS = (zlib.error, brotli.error, zstandard.ZstdError)

_ZSTD_PIECE_BYTES = 256
"""zstandard cannot limit its output. A block is 3 bytes of header, 1 of data and up to 128 KiB of output at the least
(RFC 8878, section 3.1.1.2), so this many bytes give 8 MiB at the most."""


class Engine(Protocol):
    """Undoes one coding, one member (gzip) or frame (zstd) of it; raises one of `ENGINE_ERRORS`."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Give what `data` decompresses to, in chunks that are not empty; not to be called once it is done."""

    def rest(self) -> bytes | None:
        """Give the bytes fed beyond the end; None while the end has not come."""


class Inflate:
    """gzip (RFC 1952), zlib (RFC 1950) or raw deflate (RFC 1951), as zlib's `wbits` says."""

    def __init__(self, wbits: int) -> None:
        self._zlib = zlib.decompressobj(wbits)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """See `Engine`."""
        full = True
        while (data or full) and not self._zlib.eof:
            chunk = self._zlib.decompress(data, CHUNK_BYTES)
            data = self._zlib.unconsumed_tail
            # A full chunk may mean that more is waiting inside zlib, even with no input left.
            full = len(chunk) == CHUNK_BYTES
            if chunk:
                yield chunk

    def rest(self) -> bytes | None:
        """See `Engine`."""
        return self._zlib.unused_data if self._zlib.eof else None


class Deflate:
    """HTTP's `deflate`: zlib by the standard (RFC 9110, section 8.4.1.2), raw deflate from some servers.

    Raw deflate has no header to know it by: plain text that is wrongly called so gives a few bytes of nonsense first.
    """

    def __init__(self) -> None:
        self._head = b""
        self._inflate: Inflate | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """See `Engine`."""
        if self._inflate is None:
            self._head += data
            if len(self._head) < 2:
                return
            # A zlib header is 8 in the low nibble and a multiple of 31. No deflate encoder begins so: it would be a
            # stored block with padding bits that are not zero.
            is_zlib = self._head[0] & 0x0F == 8 and int.from_bytes(self._head[:2]) % 31 == 0
            self._inflate = Inflate(zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS)
            data, self._head = self._head, b""
        yield from self._inflate.feed(data)

    def rest(self) -> bytes | None:
        """See `Engine`."""
        return self._inflate.rest() if self._inflate else None


class Brotli:
    """Brotli (RFC 7932). Bytes behind the end are an error of the call that they come in."""

    def __init__(self) -> None:
        self._brotli = brotli.Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """See `Engine`."""
        chunk = self._brotli.process(data, output_buffer_limit=CHUNK_BYTES)
        while chunk:
            yield chunk
            # A finished decoder may not be asked for more. A full chunk means that more may be waiting, even if the
            # decoder could take more input (tried: brotli 1.2.0).
            if self._brotli.is_finished() or (len(chunk) < CHUNK_BYTES and self._brotli.can_accept_more_data()):
                return
            chunk = self._brotli.process(b"", output_buffer_limit=CHUNK_BYTES)

    def rest(self) -> bytes | None:
        """See `Engine`."""
        return b"" if self._brotli.is_finished() else None


class Zstd:
    """One Zstandard frame, a skippable one included (RFC 8878)."""

    def __init__(self) -> None:
        self._zstd = zstandard.ZstdDecompressor().decompressobj()
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """See `Engine`."""
        for at in range(0, len(data), _ZSTD_PIECE_BYTES):
            chunk = self._zstd.decompress(data[at : at + _ZSTD_PIECE_BYTES])
            if chunk:
                yield chunk
            if self._zstd.eof:
                self._rest = self._zstd.unused_data + data[at + _ZSTD_PIECE_BYTES :]
                return

    def rest(self) -> bytes | None:
        """See `Engine`."""
        return self._rest if self._zstd.eof else None


def _gzip() -> Engine:
    return Inflate(16 + zlib.MAX_WBITS)


ENGINES: dict[str, Callable[[], Engine]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": Deflate,
    "br": Brotli,
    "zstd": Zstd,
}
"""By name in `Content-Encoding`."""

MANY_MEMBERS = frozenset({"gzip", "x-gzip", "zstd"})
"""Codings in which one member may follow another."""
