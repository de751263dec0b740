"""Statistics: medians, quantiles, and what can be said of a ratio that was measured in pairs."""

import math
import statistics
from collections.abc import Sequence

import msgspec

CONFIDENCE = 0.95


class Ratio(msgspec.Struct, frozen=True):
    """A median of ratios and the interval that holds the true median, with the confidence given."""

    median: float
    low: float
    high: float
    confidence: float
    """Below `CONFIDENCE` when there are too few pairs for it: the interval is then all that was seen."""


def quantile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` of all values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def summary(values: Sequence[float], name: str) -> dict[str, float]:
    """Return median, p99 and greatest value, under names that begin with `name`."""
    return {
        f"{name}_p50": statistics.median(values),
        f"{name}_p99": quantile(values, 0.99),
        f"{name}_max": max(values),
    }


def paired(values: Sequence[float], base: Sequence[float], less: Sequence[float] | None = None) -> Ratio | None:
    """Compare round by round; `less` is taken off both sides first. None when no round has a base to divide by."""
    floor = less or [0.0] * len(base)
    pairs = [(ours - low, theirs - low) for ours, theirs, low in zip(values, base, floor, strict=True)]
    ratios = sorted(ours / theirs for ours, theirs in pairs if theirs > 0)
    if not ratios:
        return None
    cut, confidence = _cut(len(ratios))
    return Ratio(statistics.median(ratios), ratios[cut], ratios[-1 - cut], confidence)


def _cut(count: int) -> tuple[int, float]:
    """Return how many values may be left out at either end of the interval for a median, and what confidence remains.

    The number of values below the true median is binomial, whatever the distribution: no normal one is assumed.
    """
    outside = [2 * sum(math.comb(count, below) for below in range(cut + 1)) / 2**count for cut in range(count)]
    good = [cut for cut in range((count + 1) // 2) if 1 - outside[cut] >= CONFIDENCE]
    cut = good[-1] if good else 0
    return cut, max(0.0, 1 - outside[cut])
