"""The Merkle tree hash of RFC 6962 §2.1 (the same in RFC 9162 §2.1.1), and the right edge of a tree that grows.

A tree of n leaves is made of one perfect subtree for each bit that is set in n. Their roots are its frontier (a
"compact range" from 0 elsewhere): all that is needed to append a leaf or to work out the root, in O(log n).
"""

import hashlib
from collections.abc import Iterable, Sequence

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of the tree without leaves."""
NO_LEAF = bytes(HASH_BYTES)
"""Stands in the tree for a record that is gone: those after it keep their places, and can still be signed."""


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: SHA-256(0x01 ‖ left ‖ right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The perfect subtrees of a growing tree."""

    __slots__ = ("_roots", "size")

    def __init__(self, size: int = 0, roots: Iterable[bytes] = ()) -> None:
        """`roots`: of the perfect subtrees, largest first. Raises ValueError when `size` leaves have others."""
        self.size = size
        self._roots = list(roots)
        if size < 0 or len(self._roots) != size.bit_count() or any(len(root) != HASH_BYTES for root in self._roots):
            raise ValueError(f"{len(self._roots)} roots; a tree of {size} leaves has {size.bit_count()} of 32 bytes")

    def append(self, leaf: bytes) -> None:
        """Add a leaf, given by its leaf hash."""
        roots, rest = self._roots, self.size
        while rest & 1:
            leaf = hashlib.sha256(b"\x01" + roots.pop() + leaf).digest()
            rest >>= 1
        roots.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """Return the Merkle tree hash of all leaves so far."""
        return join(self._roots)

    def copy(self) -> "Frontier":
        """Return a frontier that grows apart from this one."""
        return Frontier(self.size, self._roots)

    def packed(self) -> bytes:
        """Return the roots, one after the other."""
        return b"".join(self._roots)

    @classmethod
    def unpacked(cls, size: int, packed: bytes) -> "Frontier":
        """Return what `packed` was made of. Raises ValueError when it does not fit `size`."""
        return cls(size, (packed[at : at + HASH_BYTES] for at in range(0, len(packed), HASH_BYTES)))


def join(roots: Sequence[bytes]) -> bytes:
    """Return the root above neighbouring subtrees, largest first: they are joined from the right."""
    if not roots:
        return EMPTY_ROOT
    *others, root = roots
    for left in reversed(others):
        root = node_hash(left, root)
    return root
