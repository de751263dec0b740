"""What is said of ratios must follow from the rounds alone."""

import pytest

from tests.bench.figures import paired, quantile, summary


@pytest.mark.parametrize(
    ("share", "expected"), [(0.5, 5), (0.9, 9), (0.91, 10), (0.99, 10), (1.0, 10), (0.0, 1), (0.1, 1)]
)
def test_quantile_is_a_value_that_was_measured(share: float, expected: float) -> None:
    assert quantile([10, 2, 9, 4, 5, 6, 7, 8, 3, 1], share) == expected


def test_summary_names_its_figures() -> None:
    assert summary([3.0, 1.0, 2.0], "delay") == {"delay_p50": 2.0, "delay_p99": 3.0, "delay_max": 3.0}


def test_pairs_are_compared_round_by_round() -> None:
    # The machine was ten times slower in the second round, for both.
    found = paired([2, 20, 2], [1, 10, 1])
    assert found
    assert (found.median, found.low, found.high) == (2, 2, 2)


def test_what_the_direct_way_takes_is_taken_off_both() -> None:
    found = paired([5], [3], less=[1])
    assert found
    assert found.median == 2


@pytest.mark.parametrize(
    ("count", "low", "high", "confidence"),
    [
        (1, 1, 1, 0.0),
        (5, 1, 5, 1 - 2 / 32),  # too few for 95 %: everything that was seen, and what that is worth
        (6, 1, 6, 1 - 2 / 64),
        (8, 1, 8, 1 - 2 / 256),
        (9, 2, 8, 1 - 2 * (1 + 9) / 512),
        (12, 3, 10, 1 - 2 * (1 + 12 + 66) / 4096),
    ],
)
def test_the_interval_is_the_binomial_one(count: int, low: float, high: float, confidence: float) -> None:
    found = paired([float(value) for value in range(count, 0, -1)], [1.0] * count)
    assert found
    assert (found.low, found.high) == (low, high)
    assert found.confidence == pytest.approx(confidence)


def test_a_round_whose_base_is_not_above_the_direct_way_says_nothing() -> None:
    found = paired([5, 9], [3, 1], less=[1, 1])
    assert found
    assert found.median == 2
    assert paired([5], [1], less=[1]) is None


def test_rounds_must_match() -> None:
    with pytest.raises(ValueError, match="argument 2"):
        paired([1, 2], [1])
