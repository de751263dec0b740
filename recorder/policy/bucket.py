"""A token bucket that lends: who comes takes at once, and is told how long to wait until it is paid back.

So those who wait are served in the order in which they came, by however many recorders, and nobody has to ask again.
A bucket holds a minute's worth; what is larger than that waits until it is full.
"""

import math

import msgspec

_MINUTE_US = 60_000_000


class Bucket(msgspec.Struct, frozen=True):
    """How much is in it, and when that was so; below 0: lent to those who wait."""

    level: float
    at_us: int


def refilled(bucket: Bucket | None, per_minute: int, now_us: int) -> Bucket:
    """Return the bucket as it is now (None: never used, and so full)."""
    if bucket is None:
        return Bucket(float(per_minute), now_us)
    gone_us = now_us - bucket.at_us
    if -_MINUTE_US <= gone_us < 0:
        return bucket  # somebody read the clock later and came first: that time is not to be given twice
    # A clock that was put back must neither fill nor drain it.
    return Bucket(min(float(per_minute), bucket.level + max(0, gone_us) * per_minute / _MINUTE_US), now_us)


def wait_seconds(bucket: Bucket, amount: float, per_minute: int) -> float:
    """Return how long it takes until `amount` can be had from a bucket that is refilled."""
    return max(0.0, (min(amount, per_minute) - bucket.level) * 60 / per_minute)


def taken(bucket: Bucket, amount: float) -> Bucket:
    """Return the bucket after so much was taken; a negative amount gives back."""
    return Bucket(bucket.level - amount, bucket.at_us)


def retry_after(seconds: float) -> int:
    """Return whole seconds for a `retry-after`, after which it has worked if nobody else came."""
    return max(1, math.ceil(seconds))
