"""A frame on its way to the writer: who waits for it, and what it is blamed for when writers die over it."""

import asyncio
from collections.abc import Sequence

import msgspec

from recorder.capture.messages import Ack, Close, Note, Open, Progress, size_of
from recorder.errors import RecorderError

MOST_DEATHS = 2
"""How many writers a frame may end that was alone with them, before its content is withheld."""


class UnrecordedError(RecorderError):
    """A frame did not become durable. `maybe`: it was handed over, and may yet."""

    def __init__(self, reason: str, *, maybe: bool) -> None:
        super().__init__(reason)
        self.maybe = maybe


class Waiting:
    """A frame in the queue, or handed over and not acknowledged yet."""

    def __init__(self, message: Open | Close | Progress | Note, body: Sequence[bytes]) -> None:
        self.message = message
        self.body = body
        self.bytes = size_of(body)
        self.attempts = 0
        self.is_suspect = False
        """It was with a writer that died: nothing else is sent beside it."""
        self._deaths = 0
        self.is_posted = False
        """Nobody waits for it, so that nobody else would notice that it was refused."""
        self.durable: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()

    def blame(self, fate: str) -> bool:
        """Take note that it was alone with a writer that died; return whether it may be sent again."""
        self._deaths += 1
        if self._deaths == MOST_DEATHS and isinstance(self.message, Open | Close):
            reason = f"{MOST_DEATHS} writer processes in a row ended over it; the last one {fate}"
            self.message = msgspec.structs.replace(self.message, withhold=reason)
            self.body = ()
        return self._deaths <= MOST_DEATHS

    def settle(self, outcome: UnrecordedError | Ack) -> None:
        """Tell who waits what came of it, and let go of the body."""
        self.body = ()
        if self.durable.done():
            return
        if isinstance(outcome, UnrecordedError):
            self.durable.set_exception(outcome)
            self.durable.exception()  # taken note of here: a frame nobody waits for is no error of the event loop's
        else:
            self.durable.set_result(outcome)
