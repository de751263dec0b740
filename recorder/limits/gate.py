"""The event loop's side: hands requests to the keeper's thread, and lets those wait that have to, in their own flow."""

import asyncio
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from recorder.capture.run import now_us
from recorder.capture.run_lock import is_alive
from recorder.errors import RecorderError
from recorder.limits.decision import Admitted, Refused, Waiting
from recorder.limits.keeper import Keeper
from recorder.limits.overview import limits_key
from recorder.limits.request import Incoming, Request
from recorder.policy.limits import Limits
from recorder.store.reservations import open_reservations

POLL_SECONDS = 0.25
"""How often who waits looks whether another recorder's request has ended, and whether its client is still there."""

type IsGone = Callable[[], bool]


class Gate:
    """The limits of one recorder. All methods belong to one event loop."""

    def __init__(self, db: Path, run_id: str, names: Mapping[str, str]) -> None:
        self._db = db
        self._run_id = run_id
        self._names = names
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="recorder-limits")
        self._keeper: Keeper | None = None
        self._ended = asyncio.Event()
        self._endings: set[asyncio.Task[None]] = set()

    async def configure(self, limits: Limits) -> None:
        """Put limits in force. Raises StoreError or ConfigError when the database or its keys cannot be had."""
        await self._run(self._configure, limits)
        self._wake()

    async def admit(self, incoming: Incoming, is_gone: IsGone) -> Admitted | Refused | None:
        """Wait until a request may go, or may not; None: its client has left meanwhile. Raises StoreError."""
        request = await self._run(self._read, incoming)
        started: float | None = None
        waited = 0.0
        while True:
            ended = self._ended
            verdict = await self._run(self._admit, request, waited)
            # What it takes to decide is no limit's doing: a wait begins with the first decision.
            if started is None:
                started = time.monotonic()
            else:
                waited = time.monotonic() - started
            if isinstance(verdict, Refused):
                return verdict
            if isinstance(verdict, Admitted):
                return await self._delayed(verdict, request.id, waited, is_gone)
            if is_gone():
                return None
            if waited >= verdict.patience_seconds:
                return verdict.refused
            await _either(ended, min(POLL_SECONDS, verdict.patience_seconds - waited))

    async def release(self, interaction: str) -> None:
        """Give back what a request holds that will not be sent. Raises StoreError."""
        await self._run(self._with_keeper().release, interaction)
        self._wake()

    def ended(self, interaction: str) -> None:
        """Take note that a request has ended and its end is recorded, or never will be."""
        self._wake()
        task = asyncio.create_task(self._end(interaction))
        self._endings.add(task)
        task.add_done_callback(self._endings.discard)

    async def close(self) -> None:
        """Wait for what is under way in the thread; close the database."""
        await asyncio.gather(*self._endings, return_exceptions=True)
        if self._keeper:
            await self._run(self._keeper.close)
        self._thread.shutdown()

    async def _delayed(self, admitted: Admitted, interaction: str, waited: float, is_gone: IsGone) -> Admitted | None:
        until = time.monotonic() + admitted.delay_seconds
        while not is_gone():
            if (left := until - time.monotonic()) <= 0:
                return _with_wait(admitted, waited + admitted.delay_seconds)
            await asyncio.sleep(min(POLL_SECONDS, left))
        await self.release(interaction)
        return None

    async def _end(self, interaction: str) -> None:
        try:
            await self._run(self._with_keeper().end, interaction)
        except RecorderError:
            return  # what it holds stays held until the next start finds it
        self._wake()

    def _wake(self) -> None:
        self._ended.set()
        self._ended = asyncio.Event()

    def _with_keeper(self) -> Keeper:
        if self._keeper is None:
            self._keeper = Keeper(
                open_reservations(self._db),
                key=limits_key(),
                run_id=self._run_id,
                names=self._names,
                is_alive=lambda run: is_alive(self._db, run),
            )
            self._keeper.tidy(now_us())
            self._keeper.warm_up(now_us())
        return self._keeper

    def _configure(self, limits: Limits) -> None:
        self._with_keeper().configure(limits)

    def _read(self, incoming: Incoming) -> Request:
        return self._with_keeper().read(incoming)

    def _admit(self, request: Request, waited: float) -> Admitted | Refused | Waiting:
        return self._with_keeper().admit(request, now_us(), waited)

    async def _run[**P, T](self, function: Callable[P, T], *arguments: P.args, **_: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)


def _with_wait(admitted: Admitted, waited: float) -> Admitted:
    if not waited:
        return admitted
    by = f" for rate {admitted.delayed_by}" if admitted.delay_seconds else " for requests under way"
    return msgspec.structs.replace(admitted, notes=(*admitted.notes, f"waited {waited:.1f} s{by}"))


async def _either(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
