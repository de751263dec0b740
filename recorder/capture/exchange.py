"""One exchange between client and provider, and what happens to it when it cannot be recorded.

This is where promise 3 (log before answer) is kept and where `on_failure` decides: `opened` and `closed` return a
reason to refuse, or None when the traffic may go on. With "pass" they never refuse; what was not recorded is then
noted as a gap as soon as the writer is back.
"""

import asyncio
from collections.abc import Sequence
from typing import Literal

import msgspec

from recorder.capture.client import Capture
from recorder.capture.gaps import gap_note
from recorder.capture.messages import Chunks, Close, Open
from recorder.capture.outbound import refusal, unchecked
from recorder.capture.outcome import Outcome
from recorder.capture.waiting import UnrecordedError, retrieve

type Outbound = Literal["off", "warn", "block"]


class Exchange:
    """The record of one request and its answer in the making. Its opening is handed in by the constructor."""

    def __init__(  # noqa: PLR0913 -- what it is made of, each by its name
        self,
        capture: Capture,
        opening: Open,
        body: bytes,
        *,
        block: bool,
        outbound: Outbound = "off",
        after_seconds: float | None = None,
    ) -> None:
        """`block`: refuse what cannot be recorded; `outbound`: what to do about secrets in the request.

        `after_seconds`: how long the request takes to get on its way, which goes first; None: it waits for its record.
        """
        self.opening = opening
        self._capture = capture
        self._block = block
        self._outbound = outbound
        self._failure: UnrecordedError | None = None
        self._is_over = False
        self._opened = capture.record(opening, [body] if body else [], after_seconds)

    @property
    def is_under_way(self) -> bool:
        """Whether its request may be on the record, and its answer has not ended."""
        return not self._is_over and self._failure is None

    async def opened(self) -> str | None:
        """Wait until the request's record is durable; return why the answer must be refused, or None."""
        if self._failure is None:
            try:
                if not self._opened.done():
                    await asyncio.shield(self._opened)
                self._opened.result()
            except UnrecordedError as error:
                if self._failure is None:  # else another hook of this flow waited as well, and has told
                    self._fail(error)
        return str(self._failure) if self._failure and self._block else None

    async def leak(self) -> str | None:
        """Wait until the request was searched for secrets; return why it must not go out, or None.

        Of a request that could not be searched, or not recorded, `on_failure` says whether it goes out.
        """
        await self.opened()
        if self._outbound != "block" or self._failure is not None:
            return None
        ack = self._opened.result()
        if ack.outbound:
            return refusal(ack.outbound)
        return unchecked() if ack.unchecked and self._block else None

    async def closed(self, close: Close, pieces: Sequence[bytes]) -> str | None:
        """Wait until the answer's record is durable; return why its end must be withheld, or None."""
        self._is_over = True
        await self.opened()
        if self._failure is not None:
            self._close_late(close, pieces, self._failure)
            return None
        try:
            await self._capture.record(close, pieces)
        except UnrecordedError as error:
            self._note_gap(error, "answer")
            self._capture.post(self._bare(close, error))
            return str(error) if self._block else None
        return None

    def _fail(self, error: UnrecordedError) -> None:
        self._failure = error
        self._note_gap(error, "request")
        if self._block and error.maybe:
            self._capture.post(self._refused())

    def _close_late(self, close: Close, pieces: Sequence[bytes], failure: UnrecordedError) -> None:
        # The opening may yet become durable, with "pass" the answer with it; nobody waits for that any more.
        if failure.maybe and not self._block:
            asyncio.ensure_future(self._record_late(close, pieces)).add_done_callback(retrieve)

    async def _record_late(self, close: Close, pieces: Sequence[bytes]) -> None:
        try:
            await self._capture.record(close, pieces)
        except UnrecordedError as error:
            # Of an opening that did become durable, the end at least must be told.
            self._capture.post(self._bare(close, error))

    def _bare(self, close: Close, error: UnrecordedError) -> Close:
        """An opening whose answer cannot be recorded gets an end without content."""
        outcome = Outcome.BLOCKED if self._block else Outcome.UNRECORDED
        return msgspec.structs.replace(close, outcome=outcome, detail=str(error), chunks=Chunks())

    def _refused(self) -> Close:
        """An opening that may yet become durable must not stay open for ever."""
        return Close(
            id=self.opening.id,
            started_us=self.opening.at_us,
            target=self.opening.target,
            outcome=Outcome.BLOCKED,
            detail="its record was late",
            duration_us=0,
        )

    def _note_gap(self, error: UnrecordedError, side: str) -> None:
        self._capture.post(gap_note(self.opening, side, str(error), block=self._block))
