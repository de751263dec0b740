"""Names of counters: keyed hashes, so that the database does not tell whose reservations those are."""

import hashlib

from recorder.policy.budget import Budget
from recorder.policy.rate import Rate
from recorder.policy.subject import Value

_BYTES = 16


def budget_counter(key: bytes, budget: Budget, value: Value, at_us: int) -> bytes:
    """Return the name of a budget's counter for a value, in the window that holds a time.

    By what it counts and not by what it is called: of a budget that gets another name or another limit it is known
    still what requests under way hold. Two that count the same share it.
    """
    window, scope = budget.window, budget.scope
    start_us = 0 if window.kind == "rolling" else window.start_us(at_us)
    when = repr(scope.when) if scope.when else ""
    counted = (budget.unit, window.kind, str(window.hours), window.zone, when, ",".join(scope.each))
    return _counter(key, "budget", *counted, str(start_us), *value)


def rate_counter(key: bytes, rate: Rate, unit: str, value: Value) -> bytes:
    """Return the name of a rate's bucket, or of its streams, for a value."""
    return _counter(key, "rate", rate.name, unit, *value)


def _counter(key: bytes, *texts: str) -> bytes:
    # Each with its length, so that no two lists of texts are one.
    data = b"".join(len(one).to_bytes(4) + one for one in (text.encode(errors="surrogatepass") for text in texts))
    return hashlib.blake2b(data, key=key, digest_size=_BYTES).digest()
