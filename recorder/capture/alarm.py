"""A real time-out: the kernel ends this process when a piece of work takes too long.

A detector that hangs inside native code holds the interpreter; no thread, signal handler or event loop of this process
would run then. The default action of SIGALRM needs none of them. The proxy finds its writer gone, starts another one
and sends again what was not acknowledged.
"""

import signal

SLOWEST_BYTES_PER_SECOND = 2_000_000
"""A tenth of what redaction does: the bound is for what hangs, not for a busy machine."""


class Alarm:
    """`with alarm(size): ...` ends the process when the block takes longer than a piece of `size` bytes may."""

    def __init__(self, seconds: float) -> None:
        """`seconds`: how long the smallest piece may take."""
        self._least = self._seconds = seconds
        self._left: list[float] = []
        # Both may have been changed in the process that started this one, and are inherited.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM})

    def __call__(self, size: int) -> "Alarm":
        """Set how long the next block may take."""
        self._seconds = self._least + size / SLOWEST_BYTES_PER_SECOND
        return self

    def __enter__(self) -> None:
        """Wind it up; what is left for a block around this one is kept."""
        left, _ = signal.setitimer(signal.ITIMER_REAL, self._seconds)
        self._left.append(left)

    def __exit__(self, *_: object) -> None:
        """Stop it, or go on with the block around this one."""
        signal.setitimer(signal.ITIMER_REAL, self._left.pop())
