"""What stands in a tree in the place of leaves that are not shown: proof that those which are shown are in it.

Strategy. Whoever has some leaves and, for each run of others, the roots of the perfect subtrees that the run is made
of, can make the root of the whole tree, and so all inclusion proofs (RFC 9162 §2.1.3) at once: their common hashes
stand here once. Where a run is cut at the size of an older tree, the root of that one can be made on the way, which is
all that a consistency proof could say. It is made and checked in one pass, in O(log n) of memory.
"""

from collections.abc import Iterator

import msgspec

from recorder.ledger.merkle import node_hash


class Subtree(msgspec.Struct, frozen=True):
    """A perfect subtree of leaves that are not shown."""

    first: int
    """Number of its first leaf, from 1; one below it is a multiple of `leaves`."""
    leaves: int
    """A power of two."""
    root: bytes


class Omissions:
    """Takes the leaves that are not shown, in their order."""

    def __init__(self) -> None:
        self._run: list[Subtree] = []

    def leave_out(self, number: int, leaf: bytes) -> None:
        """Take the leaf with this number, from 1: the one after the last, or after what `end` was called for."""
        right = Subtree(number, 1, leaf)
        while self._run and _are_halves(self._run[-1], right):
            left = self._run.pop()
            right = Subtree(left.first, 2 * left.leaves, node_hash(left.root, right.root))
        self._run.append(right)

    def end(self) -> Iterator[Subtree]:
        """End the run, where a leaf is shown or an older tree ended: yield what it is made of, in order."""
        run, self._run = self._run, []
        yield from run


def _are_halves(left: Subtree, right: Subtree) -> bool:
    """Tell whether two neighbours make one perfect subtree: the left one begins where a twice as large one can."""
    return left.leaves == right.leaves and (left.first - 1) % (2 * left.leaves) == 0
