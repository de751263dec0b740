"""Whether what comes is recorded, and since when it is so."""

import time


class Health:
    """Bad until it is said to be good."""

    def __init__(self) -> None:
        self.is_good = False
        self.reason: str | None = "starting"
        """Why it is not good."""
        self.since_us = _now_us()

    def good(self) -> None:
        """Say that something became durable."""
        if not self.is_good:
            self.is_good, self.reason, self.since_us = True, None, _now_us()

    def bad(self, reason: str) -> None:
        """Say that something did not; the newest reason is the one that counts."""
        if self.is_good:
            self.is_good, self.since_us = False, _now_us()
        self.reason = reason


def _now_us() -> int:
    return time.time_ns() // 1000
