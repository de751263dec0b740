"""Names of counters: keyed hashes, so that the database does not tell whose reservations those are."""

import hashlib

from recorder.policy.budget import Budget
from recorder.policy.rate import Rate
from recorder.policy.subject import Value

_BYTES = 16


def budget_counter(key: bytes, budget: Budget, value: Value, at_us: int) -> bytes:
    """Return the name of a budget's counter for a value, in the window that holds a time."""
    window = budget.window
    start_us = 0 if window.kind == "rolling" else window.start_us(at_us)
    return _counter(key, "budget", budget.name, budget.unit, window.kind, str(start_us), *value)


def rate_counter(key: bytes, rate: Rate, unit: str, value: Value) -> bytes:
    """Return the name of a rate's bucket, or of its streams, for a value."""
    return _counter(key, "rate", rate.name, unit, *value)


def _counter(key: bytes, *texts: str) -> bytes:
    # Each with its length, so that no two lists of texts are one.
    data = b"".join(len(one).to_bytes(4) + one for one in (text.encode(errors="surrogatepass") for text in texts))
    return hashlib.blake2b(data, key=key, digest_size=_BYTES).digest()
