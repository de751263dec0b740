"""Proofs: published ones, ten thousand random ones, and none that somebody changed."""

import base64
import json
import random
from pathlib import Path
from typing import Any

import pytest

from recorder.ledger.proofs import Tree, verify_consistency, verify_inclusion
from tests.ledger.test_merkle import naive_root

VECTORS = [
    json.loads(line)
    for line in (Path(__file__).parent / "vectors/transparency_dev.jsonl").read_text(encoding="utf-8").splitlines()
]
ROUNDS = 10_000


def decoded(value: str | list[str] | None) -> Any:
    if isinstance(value, list):
        return [base64.b64decode(item) for item in value]
    return [] if value is None else base64.b64decode(value)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_published_proofs(vector: dict[str, Any]) -> None:
    proof = decoded(vector["proof"])
    if vector["name"].startswith("inclusion"):
        leaf, root = decoded(vector["leafHash"]), decoded(vector["root"])
        holds = verify_inclusion(leaf, vector["leafIdx"], vector["treeSize"], proof, root)
    else:
        roots = decoded(vector["root1"]), decoded(vector["root2"])
        holds = verify_consistency(vector["size1"], vector["size2"], proof, *roots)
    assert holds is not vector["wantErr"]


def test_the_published_proofs_are_all_there() -> None:
    assert len(VECTORS) == 196
    assert sum(not vector["wantErr"] for vector in VECTORS) == 12


def naive_inclusion(index: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 6962 §2.1.1, word for word."""
    n = len(leaves)
    if n == 1:
        return []
    k = 1
    while k * 2 < n:
        k *= 2
    if index < k:
        return [*naive_inclusion(index, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_inclusion(index - k, leaves[k:]), naive_root(leaves[:k])]


def naive_consistency(m: int, leaves: list[bytes], *, whole: bool = True) -> list[bytes]:
    """RFC 6962 §2.1.2, word for word."""
    n = len(leaves)
    if m == n:
        return [] if whole else [naive_root(leaves)]
    k = 1
    while k * 2 < n:
        k *= 2
    if m <= k:
        return [*naive_consistency(m, leaves[:k], whole=whole), naive_root(leaves[k:])]
    return [*naive_consistency(m - k, leaves[k:], whole=False), naive_root(leaves[:k])]


def test_proofs_of_small_trees_are_those_of_the_definition() -> None:
    dice = random.Random(1)
    leaves = [dice.randbytes(32) for _ in range(40)]
    tree = Tree(leaves)
    for size in range(1, 41):
        assert tree.root(size) == naive_root(leaves[:size])
        for index in range(size):
            assert tree.inclusion(index, size) == naive_inclusion(index, leaves[:size])
        for old in range(1, size + 1):
            assert tree.consistency(old, size) == naive_consistency(old, leaves[:size])


def mutated(dice: random.Random, proof: list[bytes]) -> list[bytes]:
    """The proof with one thing changed: a bit, an element too few, too many, twice, or two in each other's place."""
    proof = list(proof)
    at = dice.randrange(len(proof)) if proof else 0
    how = dice.choice(["bit", "drop", "add", "twice", "swap"] if len(proof) > 1 else ["bit", "drop", "add"])
    if not proof or how == "add":
        proof.insert(at, dice.randbytes(32))
    elif how == "bit":
        proof[at] = bytes([proof[at][0] ^ 1 << dice.randrange(8)]) + proof[at][1:]
    elif how == "drop":
        del proof[at]
    elif how == "twice":
        proof.insert(at, proof[at])
    else:
        proof[at - 1], proof[at] = proof[at], proof[at - 1]
    return proof


def test_random_proofs_hold_and_changed_ones_do_not() -> None:
    dice = random.Random(2)
    tree = Tree(dice.randbytes(32) for _ in range(5000))
    leaves = tree._levels[0]
    for _ in range(ROUNDS):
        size = dice.randint(1, tree.size)
        index, old = dice.randrange(size), dice.randint(1, size)
        root, old_root = tree.root(size), tree.root(old)
        inclusion, consistency = tree.inclusion(index, size), tree.consistency(old, size)
        assert verify_inclusion(leaves[index], index, size, inclusion, root)
        assert verify_consistency(old, size, consistency, old_root, root)

        assert not verify_inclusion(leaves[index], index, size, mutated(dice, inclusion), root)
        assert not verify_inclusion(dice.randbytes(32), index, size, inclusion, root)
        assert not verify_inclusion(leaves[index], index, size, inclusion, dice.randbytes(32))
        if size > 1:
            assert not verify_inclusion(leaves[index], (index + 1) % size, size, inclusion, root)
        assert not verify_consistency(old, size, mutated(dice, consistency), old_root, root)
        assert not verify_consistency(old, size, consistency, dice.randbytes(32), root)
        assert not verify_consistency(old, size, consistency, old_root, dice.randbytes(32))


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0), (0, 4)])
def test_no_proof_of_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="leaves"):
        Tree([bytes(32)] * 3).inclusion(index, size)


@pytest.mark.parametrize(("old", "new"), [(-1, 3), (3, 2), (0, 4)])
def test_no_proof_from_a_later_tree(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="leaves"):
        Tree([bytes(32)] * 3).consistency(old, new)


def test_nothing_is_proved_from_the_empty_tree() -> None:
    assert Tree([bytes(32)] * 3).consistency(0) == []
    assert not verify_consistency(0, 3, [], naive_root([]), naive_root([bytes(32)] * 3))
    assert not verify_inclusion(bytes(32), -1, 3, [], bytes(32))
