import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard

from recorder.demo.compress import compress

PIECES = [b"event: one\n\n", b"event: two\n\n", b"event: three\n\n"]

DECODERS: dict[str, Callable[[], Callable[[bytes], bytes]]] = {
    "gzip": lambda: zlib.decompressobj(wbits=31).decompress,
    "deflate": lambda: zlib.decompressobj().decompress,
    "br": lambda: brotli.Decompressor().process,
    "zstd": lambda: zstandard.ZstdDecompressor().decompressobj().decompress,
}


@pytest.mark.parametrize("coding", DECODERS)
def test_each_piece_can_be_read_when_it_has_arrived(coding: str) -> None:
    decode = DECODERS[coding]()
    assert [decode(piece) for piece in compress(PIECES, coding)] == PIECES


def test_unknown_coding_is_named() -> None:
    with pytest.raises(ValueError, match="'snappy' is not known; use one of gzip"):
        list(compress(PIECES, "snappy"))
