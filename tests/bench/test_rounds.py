"""Nobody is always first, and nobody has always the same neighbour before."""

from collections import Counter

from tests.bench.rounds import order


def test_everyone_has_every_place_as_often_going_forward_as_backward() -> None:
    turns = [order("abcd", number) for number in range(8)]
    assert all(sorted(turn) == list("abcd") for turn in turns)
    for place in range(4):
        assert Counter(turn[place] for turn in turns) == dict.fromkeys("abcd", 2)
