import gzip
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from recorder.wire.anomaly import Anomaly
from recorder.wire.coding import Decoded, StreamDecoder, decode_body
from tests.wire.harness import cuts, each_cut

LIMIT = 1_000_000
TEXT = b'{"text":"' + b"once upon a time, " * 10 + b'"}'


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(data)


def zstd_frames(data: bytes) -> bytes:
    skippable = b"\x50\x2a\x4d\x18\x04\x00\x00\x00skip"
    return zstd(data[:50]) + skippable + zstd(data[50:])


def gzip_members(data: bytes) -> bytes:
    return gzip.compress(data[:50]) + gzip.compress(data[50:])


PACKED: list[tuple[str | None, Callable[[bytes], bytes]]] = [
    (None, bytes),
    ("", bytes),
    ("identity", bytes),
    ("gzip", gzip.compress),
    ("gzip", gzip_members),
    ("x-gzip", gzip.compress),
    (" GZip ", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", raw_deflate),
    ("br", brotli.compress),
    ("zstd", zstd),
    ("zstd", zstd_frames),
    ("identity,gzip, ,br", lambda data: brotli.compress(gzip.compress(data))),
    ("deflate, zstd", lambda data: zstd(zlib.compress(data))),
]


def stream(content_encoding: str | None, pieces: list[bytes]) -> Decoded:
    decoder = StreamDecoder(content_encoding, LIMIT)
    data = b"".join([decoder.feed(piece) for piece in pieces])
    return Decoded(data + decoder.finish(), decoder.anomaly)


def kind(anomaly: Anomaly | None) -> str | None:
    return None if anomaly is None else anomaly.kind


@pytest.mark.parametrize(("coding", "pack"), PACKED)
def test_undoes_every_coding(coding: str | None, pack: Callable[[bytes], bytes]) -> None:
    packed = pack(TEXT)
    assert decode_body(packed, coding, LIMIT) == Decoded(TEXT)
    for pieces in each_cut(packed):
        assert stream(coding, pieces) == Decoded(TEXT)


@pytest.mark.parametrize(("coding", "pack"), PACKED[3:])
def test_every_truncation_gives_a_beginning_and_says_so(coding: str, pack: Callable[[bytes], bytes]) -> None:
    packed = pack(TEXT)
    for at in range(1, len(packed)):
        found = decode_body(packed[:at], coding, LIMIT)
        if found.anomaly is None:  # between two members, where the body may end
            assert found.data == TEXT[:50]
        else:
            assert found.anomaly.kind in {"coding_truncated", "coding_trailing"}
            assert TEXT.startswith(found.data) or "kept as it came" in found.anomaly.detail
        assert stream(coding, [packed[n : n + 1] for n in range(at)]) == found


@pytest.mark.parametrize(("coding", "pack"), PACKED[3:])
def test_bytes_behind_the_end_do_not_cost_the_text(coding: str, pack: Callable[[bytes], bytes]) -> None:
    packed = pack(TEXT)
    for pieces in each_cut(packed + b"behind"):
        found = stream(coding, pieces)
        assert found.data == TEXT
        assert found.anomaly is not None
        assert (found.anomaly.kind, found.anomaly.raw) == ("coding_trailing", b"behind")


@settings(max_examples=300)
@given(st.data())
def test_never_raises_and_gives_the_same_for_any_cut(data: st.DataObject) -> None:
    coding, pack = data.draw(st.sampled_from(PACKED[3:]))
    packed = bytearray(pack(TEXT))
    for at, value in data.draw(st.lists(st.tuples(st.integers(0, len(packed) - 1), st.integers(0, 255)), max_size=3)):
        packed[at] = value
    body = bytes(packed)
    assert stream(coding, data.draw(cuts(body))) == decode_body(body, coding, LIMIT)


@given(st.binary(max_size=100), st.sampled_from(["gzip", "deflate", "br", "zstd", "gzip, br", "zstd, deflate"]))
def test_arbitrary_bytes_are_kept_or_decoded(body: bytes, coding: str) -> None:
    found = decode_body(body, coding, LIMIT)
    assert found.anomaly is not None or found.data != body or not body


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "gzip, br"])
def test_what_never_was_coded_comes_as_it_came(coding: str) -> None:
    for body in (TEXT, b"ok", b"{}", b'{"type":"error"}'):
        found = decode_body(body, coding, LIMIT)
        assert found.data == body
        assert found.anomaly is not None
        assert found.anomaly.kind in {"coding_error", "coding_truncated"}


def test_what_one_coding_leaves_as_it_came_still_goes_through_the_next() -> None:
    # These four bytes are the beginning of a brotli stream as well, so only the end of the body tells.
    found = decode_body(raw_deflate(b"[]"), "deflate, br", LIMIT)
    assert found.data == b"[]"
    assert kind(found.anomaly) == "coding_truncated"


def test_the_troubles_of_all_codings_are_told() -> None:
    found = decode_body(b"ok", "gzip, br", LIMIT)
    assert found.anomaly is not None
    assert "br: " in found.anomaly.detail
    assert "gzip: " in found.anomaly.detail


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_an_empty_body_is_empty(coding: str) -> None:
    assert decode_body(b"", coding, LIMIT) == Decoded(b"")


@pytest.mark.parametrize(("coding", "pack"), PACKED[3:])
def test_a_bomb_stops_at_the_limit(coding: str, pack: Callable[[bytes], bytes]) -> None:
    found = decode_body(pack(bytes(50 * LIMIT)), coding, LIMIT)
    assert found.data == bytes(LIMIT)
    assert kind(found.anomaly) == "coding_limit"


def test_a_bomb_inside_a_coding_that_shrinks_again_stops_too() -> None:
    # 50 MB of zeros, packed once, then said to be packed twice: the stage in between is bounded as well.
    found = decode_body(gzip.compress(bytes(50 * LIMIT)), "gzip, gzip", LIMIT)
    assert len(found.data) <= LIMIT
    assert found.anomaly is not None


@pytest.mark.parametrize(
    ("coding", "data"),
    [
        ("compress", gzip.compress(TEXT, mtime=0)),
        ("compress, gzip", TEXT),
        ("gzip, compress", gzip.compress(TEXT, mtime=0)),
        ("identity, gzip;q=1", gzip.compress(TEXT, mtime=0)),
    ],
)
def test_an_unknown_coding_stays(coding: str, data: bytes) -> None:
    found = decode_body(gzip.compress(TEXT, mtime=0), coding, LIMIT)
    assert found.data == data
    assert found.anomaly is not None
    assert (found.anomaly.kind, found.anomaly.raw) == ("coding_unknown", coding.encode())
    assert "compress" not in found.anomaly.detail


def test_too_many_codings_are_not_undone() -> None:
    body = TEXT
    for _ in range(5):
        body = gzip.compress(body)
    found = decode_body(body, "gzip," * 5, LIMIT)
    assert found.data == gzip.compress(TEXT)
    assert kind(found.anomaly) == "coding_unknown"


def test_bytes_come_out_as_they_arrive() -> None:
    packer = zlib.compressobj(wbits=31)
    first = packer.compress(b"event: ping\n\n") + packer.flush(zlib.Z_SYNC_FLUSH)
    decoder = StreamDecoder("gzip", LIMIT)
    assert decoder.feed(first) == b"event: ping\n\n"
    assert decoder.anomaly is None
    assert decoder.feed(packer.compress(b"x") + packer.flush()) == b"x"
    assert (decoder.finish(), decoder.anomaly) == (b"", None)
