"""The tree's hash against the RFC's definition written down once more, and against published roots."""

import hashlib
import random

import pytest

from recorder.ledger.leaf import leaf_hash
from recorder.ledger.merkle import EMPTY_ROOT, Frontier

# Roots of the first n of the leaves below, as certificate-transparency-go and transparency-dev publish them.
REFERENCE_LEAVES = [
    bytes.fromhex(leaf)
    for leaf in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
REFERENCE_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def naive_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 §2.1, word for word."""
    n = len(leaves)
    if n == 0:
        return hashlib.sha256(b"").digest()
    if n == 1:
        return leaves[0]
    k = 1
    while k * 2 < n:
        k *= 2
    return hashlib.sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def grown(leaves: list[bytes]) -> Frontier:
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier


def test_published_roots() -> None:
    frontier = Frontier()
    assert frontier.root() == EMPTY_ROOT == hashlib.sha256(b"").digest()
    for leaf, root in zip(REFERENCE_LEAVES, REFERENCE_ROOTS, strict=True):
        frontier.append(leaf_hash(leaf))
        assert frontier.root().hex() == root


def test_roots_are_those_of_the_definition() -> None:
    leaves = [hashlib.sha256(b"%d" % number).digest() for number in range(300)]
    frontier = Frontier()
    for size, leaf in enumerate(leaves):
        assert frontier.root() == naive_root(leaves[:size])
        frontier.append(leaf)


def test_a_frontier_can_be_put_away_and_grown_on() -> None:
    leaves = [random.Random(7).randbytes(32) for _ in range(100)]
    for size in range(100):
        before = grown(leaves[:size])
        kept = before.packed()
        assert len(kept) == 32 * size.bit_count()
        again = Frontier.unpacked(size, kept)
        for leaf in leaves[size:]:
            again.append(leaf)
        assert again.root() == naive_root(leaves)
        assert before.packed() == kept


def test_a_copy_grows_apart() -> None:
    first = grown([bytes(32)] * 3)
    second = first.copy()
    second.append(bytes(32))
    assert (first.size, second.size) == (3, 4)
    assert first.root() != second.root()


@pytest.mark.parametrize(
    ("size", "packed"), [(1, b""), (0, bytes(32)), (3, bytes(32)), (1, bytes(31)), (-1, bytes(32))]
)
def test_roots_that_do_not_fit_the_size_are_refused(size: int, packed: bytes) -> None:
    with pytest.raises(ValueError, match="a tree of"):
        Frontier.unpacked(size, packed)
