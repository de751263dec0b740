"""A record now and then while there is nothing else to record, so that a recorder that fell silent is noticed."""

import asyncio
import contextlib
from collections.abc import Callable


class Heartbeat:
    """Calls `beat` whenever nothing was recorded for `seconds`. All methods belong to one event loop."""

    def __init__(self, seconds: float, count: Callable[[], int], beat: Callable[[], None]) -> None:
        """`count` says how many records were handed in so far."""
        self._seconds = seconds
        self._count = count
        self._beat = beat
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to watch."""
        self._task = asyncio.create_task(self._watch(), name="recorder-heartbeat")

    async def stop(self) -> None:
        """Stop watching."""
        task, self._task = self._task, None
        if task:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _watch(self) -> None:
        seen = self._count()
        while True:
            await asyncio.sleep(self._seconds)
            if self._count() == seen:
                self._beat()
            seen = self._count()
