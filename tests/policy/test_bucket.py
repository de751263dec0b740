"""Properties of the bucket that lends: first come, first served, and over any time no more goes than allowed."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from recorder.policy.bucket import Bucket, refilled, retry_after, taken, wait_seconds

MINUTE_US = 60_000_000
RATES = st.integers(1, 100_000)
ASKED = st.lists(st.tuples(st.integers(0, 20_000_000), st.integers(1, 500)), max_size=60)
"""Pause before a request, in microseconds, and how much it takes."""


@given(RATES, ASKED)
def test_no_more_than_a_minutes_worth_and_what_time_brings(per_minute, asked):
    bucket, now, taken_sum, served = None, 0, 0, []
    for pause, amount in asked:
        now += pause
        bucket = refilled(bucket, per_minute, now)
        served.append((now + wait_seconds(bucket, amount, per_minute) * 1e6, amount))
        bucket = taken(bucket, amount)
    for at, _ in served:
        taken_sum = sum(amount for when, amount in served if when <= at)
        largest = max(amount for _, amount in served)
        assert taken_sum <= per_minute + at * per_minute / MINUTE_US + max(0, largest - per_minute) + 1e-3


@given(RATES, ASKED)
def test_first_come_first_served(per_minute, asked):
    bucket, now, due = None, 0, []
    for pause, _ in asked:
        now += pause
        bucket = refilled(bucket, per_minute, now)
        due.append(now + wait_seconds(bucket, 1, per_minute) * 1e6)
        bucket = taken(bucket, 1)
    assert all(one <= two + 1 for one, two in itertools.pairwise(due))


@given(RATES, st.integers(1, 500), st.integers(0, MINUTE_US))
def test_what_is_given_back_is_there(per_minute, amount, later):
    bucket = refilled(None, per_minute, 0)
    back = taken(taken(bucket, amount), -amount)
    assert refilled(back, per_minute, later) == Bucket(float(per_minute), later)


@given(RATES, st.integers(1, 500), st.floats(-1e5, 1e5))
def test_retry_after_is_enough_and_not_a_second_too_long(per_minute, amount, level):
    seconds = wait_seconds(Bucket(min(level, per_minute), 0), amount, per_minute)
    after = retry_after(seconds)
    later = refilled(Bucket(min(level, per_minute), 0), per_minute, after * 1_000_000)
    assert wait_seconds(later, amount, per_minute) < 1e-6
    assert after - 1 <= seconds or after == 1


def test_who_read_the_clock_before_another_did_and_came_after_gives_no_time_twice():
    """Two recorders read their clocks, then wait for each other's transaction."""
    bucket = refilled(Bucket(0.0, 0), 60, 10_000_000)
    late = refilled(bucket, 60, 4_000_000)
    assert refilled(late, 60, 10_000_000).level == 10.0


def test_a_clock_that_is_put_back_changes_nothing():
    assert refilled(Bucket(3.0, 10 * MINUTE_US), 60, MINUTE_US).level == 3.0
