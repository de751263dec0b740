"""How all budgets stand, for whoever looks: read from the record and the reservations, nothing is written."""

from collections.abc import Mapping
from pathlib import Path

from recorder.capture.key_ring import ensure_ring
from recorder.capture.run import now_us
from recorder.config import config_dir
from recorder.limits.books import Books
from recorder.policy.limits import Limits
from recorder.policy.verdict import Standing
from recorder.redact import derive_key
from recorder.store.database import open_reader
from recorder.store.reservations import Reservations


def limits_key() -> bytes:
    """Return the key that counters are named with, made with the others at the first call. Raises ConfigError."""
    return derive_key(ensure_ring(config_dir()).parts, "limits")


def read_standings(db: Path, limits: Limits, names: Mapping[str, str]) -> list[Standing]:
    """Return how each budget stands now, those with `each` for every value that their window has seen.

    Raises StoreError when there is no database, ConfigError when its keys cannot be had.
    """
    store = Reservations(open_reader(db))
    try:
        books = Books(store, limits_key(), names)
        books.configure(limits)
        return books.standings(now_us())
    finally:
        store.close()
