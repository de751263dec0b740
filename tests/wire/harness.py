"""The harness for decoders, after h11's `tests/test_io.py`: one case, cut in every way that matters."""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Protocol

from hypothesis import strategies as st


class Decoder[Item](Protocol):
    def feed(self, data: bytes) -> list[Item]: ...

    def finish(self) -> list[Item]: ...


def decode[Item](make: Callable[[], Decoder[Item]], pieces: Iterable[bytes]) -> list[Item]:
    """Run a fresh decoder over the pieces, finish included."""
    decoder = make()
    items = [item for piece in pieces for item in decoder.feed(piece)]
    return items + decoder.finish()


def cut_at(data: bytes, places: Sequence[int]) -> list[bytes]:
    bounds = [0, *sorted(places), len(data)]
    return [data[start:end] for start, end in pairwise(bounds)]


def each_cut(data: bytes) -> Iterable[list[bytes]]:
    """Whole; byte by byte; with empty feeds between; cut in two at every offset."""
    yield [data]
    yield [data[at : at + 1] for at in range(len(data))]
    yield [piece for at in range(len(data)) for piece in (b"", data[at : at + 1], b"")]
    for at in range(len(data) + 1):
        yield [data[:at], data[at:]]


def check_cuts[Item](make: Callable[[], Decoder[Item]], data: bytes, expected: list[Item]) -> None:
    for pieces in each_cut(data):
        assert decode(make, pieces) == expected


def cuts(data: bytes) -> st.SearchStrategy[list[bytes]]:
    """Cut the data at places that hypothesis picks, the same place twice included."""
    return st.lists(st.integers(0, len(data)), max_size=12).map(lambda places: cut_at(data, places))
