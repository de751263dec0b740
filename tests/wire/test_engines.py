import gzip
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard

from recorder.wire.engines import ENGINE_ERRORS, ENGINES, Engine

TEXT = b"".join(b"line %d of a text\n" % n for n in range(3000))


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=3).compress(data)


PACKED = [
    pytest.param("gzip", gzip.compress, id="gzip"),
    pytest.param("x-gzip", gzip.compress, id="x-gzip"),
    pytest.param("deflate", zlib.compress, id="deflate, zlib"),
    pytest.param("deflate", raw_deflate, id="deflate, raw"),
    pytest.param("br", brotli.compress, id="br"),
    pytest.param("zstd", zstd, id="zstd"),
]


def run(engine: Engine, data: bytes, size: int) -> list[bytes]:
    chunks: list[bytes] = []
    for at in range(0, len(data), size):
        assert engine.rest() is None
        chunks += engine.feed(data[at : at + size])
    return chunks


@pytest.mark.parametrize("size", [1, 7, 1_000_000])
@pytest.mark.parametrize(("coding", "pack"), PACKED)
def test_gives_the_text_and_knows_its_end(coding: str, pack: Callable[[bytes], bytes], size: int) -> None:
    engine = ENGINES[coding]()
    assert b"".join(run(engine, pack(TEXT), size)) == TEXT
    assert engine.rest() == b""


@pytest.mark.parametrize(("coding", "pack"), [case for case in PACKED if case.id != "br"])
def test_gives_back_what_is_behind_the_end(coding: str, pack: Callable[[bytes], bytes]) -> None:
    engine = ENGINES[coding]()
    assert b"".join(engine.feed(pack(TEXT) + b"behind")) == TEXT
    assert engine.rest() == b"behind"


@pytest.mark.parametrize(("coding", "pack"), PACKED)
def test_nothing_compressed_is_a_whole_member(coding: str, pack: Callable[[bytes], bytes]) -> None:
    engine = ENGINES[coding]()
    assert run(engine, pack(b""), 1) == []
    assert engine.rest() == b""


@pytest.mark.parametrize(("coding", "pack"), PACKED)
def test_a_bomb_comes_in_bounded_chunks(coding: str, pack: Callable[[bytes], bytes]) -> None:
    total = 40_000_000  # more than any window, and not a multiple of any block
    bomb = pack(bytes(total))
    sizes = [len(chunk) for chunk in ENGINES[coding]().feed(bomb)]
    assert sum(sizes) == total
    assert min(sizes) > 0
    assert max(sizes) <= (9 * 1024 * 1024 if coding == "zstd" else 256 * 1024)


@pytest.mark.parametrize(("coding", "pack"), PACKED)
def test_nonsense_is_one_of_the_known_errors(coding: str, pack: Callable[[bytes], bytes]) -> None:
    with pytest.raises(ENGINE_ERRORS):
        list(ENGINES[coding]().feed(b"\xff" * 100))


def test_a_long_zstd_rest_is_whole() -> None:
    engine = ENGINES["zstd"]()
    behind = bytes(range(256)) * 8
    assert b"".join(engine.feed(zstd(b"x" * 40) + behind)) == b"x" * 40
    assert engine.rest() == behind


@pytest.mark.parametrize(("coding", "pack"), PACKED)
def test_nothing_waits_inside_for_more_input(coding: str, pack: Callable[[bytes], bytes]) -> None:
    # A chunk is full in the middle of a run of bytes: the rest of the run must not wait for the next feed.
    packed = pack(bytes(100_000))
    for end in range(len(packed) + 1):
        at_once = b"".join(ENGINES[coding]().feed(packed[:end]))
        assert at_once == b"".join(run(ENGINES[coding](), packed[:end], 1))
