"""Content codings for the synthetic provider's answers: each piece can be decoded as soon as it has arrived."""

import zlib
from collections.abc import Callable, Iterable, Iterator

import brotli  # type: ignore[import-untyped]  # it ships no types
import zstandard

type _Coder = tuple[Callable[[bytes], bytes], Callable[[], bytes], Callable[[], bytes]]
"""Compress a piece, flush what it left behind, end the whole."""


def compress(pieces: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """Code the pieces one by one; the last one given ends the coding. ValueError for a coding that is not known."""
    if coding not in _CODERS:
        raise ValueError(f"content coding {coding!r} is not known; use one of {', '.join(_CODERS)}")
    add, flush, end = _CODERS[coding]()
    rest = list(pieces)
    for piece in rest[:-1]:
        yield add(piece) + flush()
    yield add(rest[-1] if rest else b"") + end()


def _zlib(window_bits: int) -> _Coder:
    coder = zlib.compressobj(wbits=window_bits)
    return coder.compress, lambda: coder.flush(zlib.Z_SYNC_FLUSH), coder.flush


def _brotli() -> _Coder:
    coder = brotli.Compressor(quality=5)
    return coder.process, coder.flush, coder.finish


def _zstd() -> _Coder:
    coder = zstandard.ZstdCompressor().compressobj()
    return coder.compress, lambda: coder.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK), coder.flush


_CODERS: dict[str, Callable[[], _Coder]] = {
    "gzip": lambda: _zlib(31),
    "deflate": lambda: _zlib(15),
    "br": _brotli,
    "zstd": _zstd,
}
