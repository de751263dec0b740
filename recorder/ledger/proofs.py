"""Inclusion and consistency proofs (RFC 9162 §2.1.3 and §2.1.4, the same trees as RFC 6962 §2.1.1 and §2.1.2).

An inclusion proof shows that a leaf is in the tree that a checkpoint names; a consistency proof shows that the tree of
an older checkpoint is the beginning of a newer one's. Both are a few hashes; who checks them needs no records.
"""

import hmac
from collections.abc import Iterable, Iterator, Sequence

from recorder.ledger.merkle import HASH_BYTES, join, node_hash


class Tree:
    """A whole tree in memory, about 130 bytes a leaf: makes proofs."""

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        """`leaves`: leaf hashes in their order."""
        self._levels: list[list[bytes]] = [[]]
        for leaf in leaves:
            self.append(leaf)

    def append(self, leaf: bytes) -> None:
        """Add a leaf, given by its leaf hash."""
        level = 0
        self._levels[0].append(leaf)
        while len(self._levels[level]) % 2 == 0:
            left, right = self._levels[level][-2:]
            level += 1
            if level == len(self._levels):
                self._levels.append([])
            self._levels[level].append(node_hash(left, right))

    @property
    def size(self) -> int:
        """How many leaves there are."""
        return len(self._levels[0])

    def root(self, size: int | None = None) -> bytes:
        """Return the root of the first `size` leaves (None: of all)."""
        return self._hash(0, self._checked(size))

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """Return the proof that leaf `index` (from 0) is in the tree of `size` leaves: siblings from the leaf up.

        Raises ValueError when there is no such leaf in that tree.
        """
        size = self._checked(size)
        if not 0 <= index < size:
            raise ValueError(f"leaf {index}: a tree of {size} leaves has none of that index")
        return list(self._path(index, 0, size))

    def consistency(self, old: int, new: int | None = None) -> list[bytes]:
        """Return the proof that the tree of `old` leaves is the beginning of that of `new` leaves.

        Raises ValueError when `old` is larger than `new`; the proof from 0 and from `new` itself is empty.
        """
        new = self._checked(new)
        if not 0 <= old <= new:
            raise ValueError(f"{old} leaves: the tree of {new} leaves has no such beginning")
        return list(self._subproof(old, 0, new, is_whole=True)) if 0 < old < new else []

    def _checked(self, size: int | None) -> int:
        if size is None:
            return self.size
        if not 0 <= size <= self.size:
            raise ValueError(f"size {size}: there are {self.size} leaves")
        return size

    def _hash(self, start: int, end: int) -> bytes:
        """Return the root of the leaves [start, end); `start` is a multiple of a power of two that is not smaller."""
        roots = []
        while start < end:
            level = (end - start).bit_length() - 1
            roots.append(self._levels[level][start >> level])
            start += 1 << level
        return join(roots)

    def _path(self, index: int, start: int, end: int) -> Iterator[bytes]:
        if end - start > 1:
            middle = start + _split(end - start)
            if index < middle:
                yield from self._path(index, start, middle)
                yield self._hash(middle, end)
            else:
                yield from self._path(index, middle, end)
                yield self._hash(start, middle)

    def _subproof(self, old: int, start: int, end: int, *, is_whole: bool) -> Iterator[bytes]:
        if old == end:
            if not is_whole:
                yield self._hash(start, end)
            return
        middle = start + _split(end - start)
        if old <= middle:
            yield from self._subproof(old, start, middle, is_whole=is_whole)
            yield self._hash(middle, end)
        else:
            yield from self._subproof(old, middle, end, is_whole=False)
            yield self._hash(start, middle)


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Tell whether `proof` shows leaf hash `leaf` to be leaf `index` of the tree with this size and root."""
    if not 0 <= index < size or len(leaf) != HASH_BYTES:
        return False
    node, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            found = node_hash(sibling, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and hmac.compare_digest(found, root)


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Tell whether `proof` shows the tree of `old` leaves to be the beginning of the one of `new` leaves."""
    if not 0 < old <= new:
        # Every tree begins with the empty one, and there is nothing to be checked: a proof from it proves nothing.
        return False
    if old == new:
        return not proof and hmac.compare_digest(old_root, new_root)
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    found_old = found_new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            found_old = node_hash(sibling, found_old)
            found_new = node_hash(sibling, found_new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found_new = node_hash(found_new, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and hmac.compare_digest(found_old, old_root) and hmac.compare_digest(found_new, new_root)


def _split(size: int) -> int:
    """Return the largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1
