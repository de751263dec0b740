"""Merged chunks: the same bytes, at the same moment, in fewer pieces."""

from collections.abc import Sequence
from itertools import pairwise

import h11
import pytest
from h11._readers import ChunkedReader
from h11._receivebuffer import ReceiveBuffer
from hypothesis import example, given
from hypothesis import strategies as st
from merging import BodyReader, MergingReader, merging

PIECES = st.lists(st.binary(min_size=1, max_size=40), max_size=12)
CUTS = st.lists(st.integers(0, 600), max_size=12)
ODD = (
    b"0\r\n5\r\nhello\r\n0\r\n\r\n",  # what looks like a chunk among the trailers is none
    b"00\r\n\r\n",
    b"3;name=value\r\nabc\r\n4\r\nabcd\r\n0\r\n\r\n",
    b"3  \r\nabc\r\n0\r\n\r\n",
    b"000000000000003\r\nabc\r\n0\r\n\r\n",
    b"3\nabc\n0\n\n",
    b"-3\r\nabc\r\n",
    b"0x3\r\nabc\r\n",
    b"\r\n3\r\nabc\r\n",
    b"3\r\nabc\r3\r\nabc\r\n",
    b"ffffffff\r\nabc",
)
"""Ends that h11 has something to say about."""
ENDS = st.sampled_from(
    [b"0\r\n\r\n", b"0\r\nx-trailer: 1\r\n\r\n", b"", b"1", b"5\r\nab", b"zz\r\n", b"3\r\nabcde\r\n", *ODD]
)


def chunked(pieces: Sequence[bytes]) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)


def split(wire: bytes, cuts: Sequence[int]) -> list[bytes]:
    at = [0, *sorted(min(cut, len(wire)) for cut in cuts), len(wire)]
    return [wire[start:end] for start, end in pairwise(at)]


def read(reader: BodyReader, arrivals: Sequence[bytes]) -> list[tuple[bytes, str, int]]:
    """Return what a reader gave after each arrival: the data, how it ended, and in how many pieces."""
    buffer = ReceiveBuffer()
    given: list[tuple[bytes, str, int]] = []
    for arrival in arrivals:
        buffer += arrival
        data: list[bytes] = []
        end = ""
        while not end:
            try:
                piece = reader(buffer)
            except h11.ProtocolError as error:
                end = f"error: {error}"
            else:
                if isinstance(piece, h11.Data):
                    data.append(bytes(piece.data))
                    continue
                end = f"{piece}"
        given.append((b"".join(data), end, len(data)))
        if end != "None":
            break
    return given


@given(PIECES, CUTS, ENDS)
@example([b"x"] * 12, [], b"0\r\n\r\n")
@example([b"abc"], [7], b"0\r\n\r\n")
def test_each_arrival_gives_the_same_bytes_in_one_piece(pieces: list[bytes], cuts: list[int], end: bytes) -> None:
    arrivals = split(chunked(pieces) + end, cuts)
    plain = read(ChunkedReader(), arrivals)
    merged = read(MergingReader(ChunkedReader), arrivals)
    assert [one[:2] for one in merged] == [one[:2] for one in plain]
    assert all(count <= 1 for _, _, count in merged)


def test_an_end_within_a_body_is_an_error_as_before() -> None:
    reader = MergingReader(ChunkedReader)
    assert read(reader, [b"5\r\nab"]) == [(b"ab", "None", 1)]
    with pytest.raises(h11.RemoteProtocolError, match="incomplete chunked read"):
        reader.read_eof()


@pytest.mark.parametrize("size", [-1, 0, 7])
def test_bodies_without_chunks_keep_their_reader(size: int) -> None:
    plain = ChunkedReader()
    assert merging(lambda _: plain)(size) is plain
    assert isinstance(merging(lambda _: plain)(None), MergingReader)


@pytest.mark.parametrize("end", ODD)
def test_odd_bodies_read_byte_by_byte(end: bytes) -> None:
    wire = chunked([b"abc", b"de"]) + end
    for arrivals in ([wire], [bytes([byte]) for byte in wire], split(wire, range(0, len(wire), 3))):
        merged = read(MergingReader(ChunkedReader), arrivals)
        assert [one[:2] for one in merged] == [one[:2] for one in read(ChunkedReader(), arrivals)]
