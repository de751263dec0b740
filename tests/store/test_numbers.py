"""A set of bits is a set of integers."""

from hypothesis import given
from hypothesis import strategies as st

from recorder.store.numbers import Numbers

NUMBERS = st.lists(st.one_of(st.integers(0, 5000), st.integers(-(2**63), 2**63 - 1)))


@given(NUMBERS, NUMBERS)
def test_as_a_set_of_integers(added: list[int], asked: list[int]) -> None:
    numbers, expected = Numbers(), set[int]()
    for number in added:
        assert numbers.add(number) is (number not in expected)
        expected.add(number)
    assert list(numbers) == sorted(expected)
    assert len(numbers) == len(expected)
    assert [number in numbers for number in [*added, *asked]] == [number in expected for number in [*added, *asked]]


def test_of_what_is_given() -> None:
    assert list(Numbers([3, 1, 3])) == [1, 3]
