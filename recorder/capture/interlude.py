"""Small frames are recorded while the work on a large one goes on: nobody waits for another's body.

A body of a megabyte that is new keeps the writer busy for tens of milliseconds, one of 20 for a second. The work on it
stops between two steps of redaction and looks whether something small has arrived; that is made durable at once, in a
transaction of its own, before the large frame's. What one exchange says stays in order: of the one that is being worked
on, nothing is taken, nor anything behind that.
"""

import contextlib
import time
from collections.abc import Callable, Iterator

from recorder.capture.frames import LARGE_BYTES, Frame

MOST_FRAMES = 8
"""Taken at a time: the large frame has to get on, too."""
_PAUSE_SECONDS = 0.003
"""Of work on the large frame between two looks."""


class Interlude:
    """`during` the work on a frame, `pause` is called often; `take` gives what waits, `serve` records it."""

    def __init__(
        self,
        take: Callable[[str, int], list[Frame]],
        serve: Callable[[list[Frame]], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`take(id, most)`: frames that have arrived, up to a large one or one of the exchange `id`."""
        self._take = take
        self._serve = serve
        self._clock = clock
        self._busy_with: str | None = None
        self._next = 0.0

    @contextlib.contextmanager
    def during(self, frame: Frame, *, alone: bool) -> Iterator[None]:
        """Let small frames go first while the block works on a large one, when that is alone in its batch."""
        if alone and len(frame.body) >= LARGE_BYTES and self._busy_with is None:
            self._busy_with = getattr(frame.message, "id", None)
            self._next = self._clock() + _PAUSE_SECONDS
        try:
            yield
        finally:
            self._busy_with = None

    def end(self) -> None:
        """Let nobody go first from here on, until the block ends."""
        self._busy_with = None

    def pause(self) -> None:
        """Record what waits, unless that was done a moment ago; nothing outside of `during` or inside of itself."""
        busy_with = self._busy_with
        if busy_with is None or self._clock() < self._next:
            return
        self._busy_with = None
        try:
            if frames := self._take(busy_with, MOST_FRAMES):
                self._serve(frames)
        finally:
            self._busy_with = busy_with
            self._next = self._clock() + _PAUSE_SECONDS
