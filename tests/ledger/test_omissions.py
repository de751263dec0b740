"""Shown leaves and what stands for the others make the root of the tree, and of older trees where a run is cut."""

import random

import pytest

from recorder.ledger.leaf import leaf_hash
from recorder.ledger.omissions import Omissions, Subtree
from recorder.ledger.proofs import Tree
from scripts import verify_pack
from scripts.verify_pack import append_subtree


def left_out(leaves: list[bytes], shown: set[int], cuts: set[int]) -> list[Subtree]:
    omissions, found = Omissions(), []
    for number, leaf in enumerate(leaves, 1):
        if number in shown:
            found += omissions.end()
        else:
            omissions.leave_out(number, leaf)
        if number in cuts:
            found += omissions.end()
    return [*found, *omissions.end()]


def rebuilt(leaves: list[bytes], shown: set[int], others: list[Subtree], cuts: set[int]) -> tuple[bytes, dict]:
    """As somebody does who has the shown leaves and the rest as subtrees."""
    tree, roots, waiting = verify_pack.ledger.Tree(), {}, list(others)
    while tree.size < len(leaves):
        if tree.size + 1 in shown:
            tree.append(leaves[tree.size])
        else:
            one = waiting.pop(0)
            assert one.first == tree.size + 1
            append_subtree(tree, one.root, one.leaves)
        if tree.size in cuts:
            roots[tree.size] = tree.root()
    return tree.root(), roots


@pytest.mark.parametrize("seed", range(60))
def test_roots_of_any_choice(seed: int) -> None:
    chance = random.Random(seed)
    size = chance.choice([1, 2, 3, 7, 8, 9, 64, chance.randrange(1, 300)])
    leaves = [leaf_hash(b"%d" % number) for number in range(size)]
    shown = set(chance.sample(range(1, size + 1), chance.randrange(size + 1)))
    cuts = set(chance.sample(range(1, size + 1), chance.randrange(size + 1) // 4))
    others = left_out(leaves, shown, cuts)
    whole = Tree(leaves)
    assert rebuilt(leaves, shown, others, cuts) == (whole.root(), {cut: whole.root(cut) for cut in cuts})


def test_all_but_one_of_a_large_tree_is_few_hashes() -> None:
    leaves = [leaf_hash(b"%d" % number) for number in range(1024)]
    assert len(left_out(leaves, {513}, set())) == 10
    assert len(left_out(leaves, set(), set())) == 1


@pytest.mark.parametrize(("size", "count"), [(1, 2), (4, 8), (0, 3), (6, 4), (0, 0), (0, -2)])
def test_a_subtree_stands_only_where_one_can(size: int, count: int) -> None:
    tree = verify_pack.ledger.Tree()
    for number in range(size):
        tree.append(leaf_hash(b"%d" % number))
    with pytest.raises(ValueError, match="subtree"):
        append_subtree(tree, bytes(32), count)
