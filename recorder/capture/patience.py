"""How long a frame may take until it is durable, and what is said of one that took longer."""

LOADING_SECONDS = 60.0
"""How much longer while a writer makes its detectors: the first time, four seconds of a processor."""
SLOWEST_BYTES_PER_SECOND = 2_000_000
"""What waits ahead of a frame lengthens the time it may take: a 100 MB body is not late after ten seconds."""


def patience_seconds(wait_seconds: float, waiting_bytes: int, *, is_loading: bool) -> float:
    """Return how long to wait for a frame; `waiting_bytes`: its own, and of those that wait before it."""
    return wait_seconds + (LOADING_SECONDS if is_loading else 0.0) + waiting_bytes / SLOWEST_BYTES_PER_SECOND


def lateness(seconds: float, waiting_bytes: int) -> str:
    """Return why a frame is not on the record that was waited for so long."""
    return (
        f"not durable within {seconds:.3g} s with {waiting_bytes} bytes waiting; "
        "see `recorder doctor`, or raise recorder_wait_seconds"
    )
