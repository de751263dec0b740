"""A frame on its way to the writer: who waits for it, and what it is blamed for when writers die over it."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from recorder.capture.messages import Ack, Close, Note, Open, Progress
from recorder.errors import RecorderError

type Recorded = Open | Close | Progress | Note

MOST_DEATHS = 2
"""How many writers a frame may end that was alone with them, before its content is withheld."""


class UnrecordedError(RecorderError):
    """A frame did not become durable. `maybe`: it was handed over, and may yet."""

    def __init__(self, reason: str, *, maybe: bool) -> None:
        super().__init__(reason)
        self.maybe = maybe


class Waiting:
    """A frame in the queue, or handed over and not acknowledged yet."""

    def __init__(self, message: Recorded, body: Sequence[bytes], size: int) -> None:
        """`size`: the bytes of the body."""
        self.message = message
        self.body = body
        self.body_bytes = size
        self.bytes = size
        """What it takes of the room, until it is settled."""
        self.attempts = 0
        self.is_suspect = False
        """It was with a writer that died: nothing else is sent beside it."""
        self._deaths = 0
        self.is_posted = False
        """Nobody waits for it, so that nobody else would notice that it was refused."""
        self.durable: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        self._alarm: asyncio.TimerHandle | None = None

    @property
    def is_awaited(self) -> bool:
        """Whether somebody waits for it still, and for so long only."""
        return self._alarm is not None and not self.durable.done()

    def expect(self, seconds: float, late: "Callable[[Waiting, float], None]") -> None:
        """Call `late` when it is not settled in time."""
        loop = asyncio.get_running_loop()
        self._alarm = loop.call_later(seconds, self._ring, seconds, late)

    def blame(self, fate: str) -> bool:
        """Take note that it was alone with a writer that died; return whether it may be sent again."""
        self._deaths += 1
        if self._deaths == MOST_DEATHS and isinstance(self.message, Open | Close):
            reason = f"{MOST_DEATHS} writer processes in a row ended over it; the last one {fate}"
            self.message = msgspec.structs.replace(self.message, withhold=reason)
            self.body, self.body_bytes = (), 0
        return self._deaths <= MOST_DEATHS

    def settle(self, outcome: UnrecordedError | Ack) -> None:
        """Tell who waits what came of it, and let go of the body."""
        self.body = ()
        self.bytes = 0
        self.tell(outcome)

    def tell(self, outcome: UnrecordedError | Ack) -> None:
        """Tell who waits what came of it."""
        if self._alarm is not None:
            self._alarm.cancel()
        if self.durable.done():
            return
        if isinstance(outcome, UnrecordedError):
            self.durable.set_exception(outcome)
            self.durable.exception()  # taken note of here: a frame nobody waits for is no error of the event loop's
        else:
            self.durable.set_result(outcome)

    def _ring(self, seconds: float, late: "Callable[[Waiting, float], None]") -> None:
        if not self.durable.done():
            late(self, seconds)


def retrieve(task: asyncio.Future[Any]) -> None:
    """Look at how it ended: when nobody waits any more, an error is none of the event loop's."""
    if not task.cancelled():
        task.exception()
