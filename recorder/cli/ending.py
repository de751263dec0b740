"""A polite end for the signals that would otherwise kill us on the spot and leave private files behind."""

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType

_DEADLY = ("SIGTERM", "SIGHUP")


@contextlib.contextmanager
def ending_politely() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into SystemExit (128 + n), so that everything that is open is closed on the way out."""
    numbers = [getattr(signal, name) for name in _DEADLY if hasattr(signal, name)]
    before = {number: signal.signal(number, _end) for number in numbers}
    try:
        yield
    finally:
        for number, action in before.items():
            signal.signal(number, action)


def _end(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
