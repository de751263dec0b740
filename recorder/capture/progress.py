"""Tells the writer about once a second how far each answer under way has come, so that a crash loses no more than that.

Nothing of it is on the path of a chunk: what the tee has collected since the last time is handed over, each byte once.
Nobody waits for it, and it stands back: while much waits for the writer, or the last message of an answer was not
acknowledged, there is none. When one is refused, or its writer dies with it, that answer is told from its beginning
again, each time a while later; an answer that was with writers that died is let alone in the end.
"""

import asyncio

from recorder.capture.client import Capture
from recorder.capture.exchange import Exchange
from recorder.capture.messages import Ack, Progress, size_of
from recorder.capture.tee import Tee
from recorder.capture.waiting import MOST_DEATHS, UnrecordedError
from recorder.model import Headers

LONGEST_PAUSE = 30
"""Rounds that an answer sits out after many refusals in a row."""


class Following:
    """The answers under way of one run."""

    def __init__(self, capture: Capture) -> None:
        self._capture = capture
        self._answers: list[_Answer] = []

    def follow(self, exchange: Exchange, tee: Tee, status: int, headers: Headers) -> None:
        """Tell of this answer until it is over."""
        self._answers.append(_Answer(exchange, tee, status, headers))

    def tell(self) -> None:
        """Hand over what came since the last time."""
        self._answers = [answer for answer in self._answers if answer.exchange.is_under_way]
        for answer in self._answers:
            if self._capture.is_idle:
                answer.tell(self._capture)


class _Answer:
    def __init__(self, exchange: Exchange, tee: Tee, status: int, headers: Headers) -> None:
        self.exchange = exchange
        self._tee = tee
        self._status = status
        self._headers = headers
        self._told = self._bytes = 0
        """So many pieces were handed over, of so many bytes."""
        self._writer: int | None = None
        self._told_last: asyncio.Future[Ack] | None = None
        self._pause = 0
        self._refusals = 0
        self._deaths = 0

    def tell(self, capture: Capture) -> None:
        if self._told_last is not None and not self._settled(self._told_last):
            return
        if self._pause or self._deaths >= MOST_DEATHS:
            self._pause = max(0, self._pause - 1)
            return
        if capture.writer_pid != self._writer:
            self._writer = capture.writer_pid
            self._told = self._bytes = 0
        pieces, chunks = self._tee.since(self._told)
        if not pieces:
            return
        message = Progress(
            id=self.exchange.opening.id,
            target=self.exchange.opening.target,
            status=self._status,
            headers=self._headers if self._bytes == 0 else (),
            chunks=chunks,
            ttft_us=self._tee.first_us,
            offset=self._bytes,
        )
        self._told_last = capture.offer(message, pieces)
        self._told += len(pieces)
        self._bytes += size_of(pieces)

    def _settled(self, told: asyncio.Future[Ack]) -> bool:
        """Say whether the last message came to an end; when it was not a good one, start over after a pause."""
        if not told.done():
            return False
        self._told_last = None
        error = told.exception()
        if isinstance(error, UnrecordedError):
            self._told = self._bytes = 0
            self._deaths += error.maybe
            self._refusals += 1
            self._pause = min(2**self._refusals, LONGEST_PAUSE)
        else:
            self._refusals = 0
        return True
