"""How often a fault is tried: a little with all tests, as often as it takes to be sure with `make faults`."""

import os

FULL = "RECORDER_FAULTS"
"""`full`, or a number of the cases to take of each."""


def count(name: str, *, ci: int, full: int) -> int:
    """Return how many cases of a kind are run; `name` is for whoever reads the tests."""
    asked = os.environ.get(FULL, "")
    if asked == "full":
        return full
    return min(int(asked), full) if asked else ci
