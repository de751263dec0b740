"""The proxy's half: hands raw frames to the writer process and tells when they are durable.

Strategy. Every frame waits in one queue and leaves it in order. What has been sent stays in `_sent` until its
acknowledgement arrives; when the writer dies, a new one is started and `_sent` goes back to the head of the queue,
which is safe because the store takes a frame only once. These frames go out one at a time, so that the one that ends
writers (a detector that hangs or eats memory) is found: after two of them it is sent without its body, to be recorded
with its content withheld. What waits is bounded in bytes; beyond the bound `record` waits for room.
"""

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Sequence

import msgspec

from recorder.capture.gaps import MOST_OWED, Gaps, owe
from recorder.capture.health import Health
from recorder.capture.link import WriterLink
from recorder.capture.messages import Ack, Close, Hello, Note, Open, Progress, size_of
from recorder.capture.patience import lateness, patience_seconds
from recorder.capture.room import Room
from recorder.capture.waiting import Recorded, UnrecordedError, Waiting, retrieve
from recorder.errors import StoreError
from recorder.ledger.kinds import RecordKind
from recorder.model import Credential

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 3
"""How often a note that the store refuses is sent."""
RESTART_SECONDS = (0.0, 0.1, 0.5, 1.0, 2.0, 5.0)
"""How long to wait before each restart in a row; the last one repeats."""
MOST_BEFORE_OFFERS = 1_000_000
"""While more bytes wait for the writer, it is spared what can be done without."""


class Capture:
    """A durable queue to the writer process. All methods belong to one event loop."""

    def __init__(self, hello: Hello, *, wait_seconds: float = 10.0, pending_bytes: int = 256_000_000) -> None:
        self._hello = hello
        self._known: dict[Credential, None] = dict.fromkeys(hello.known)
        self._wait_seconds = wait_seconds
        self._room = Room(pending_bytes)
        self._queue: deque[Waiting] = deque()
        self._sent: dict[int, Waiting] = {}
        """By their numbers, in the order of sending; a small one may be acknowledged before a large one."""
        self._count = 0
        self._owed: deque[Waiting] = deque(maxlen=MOST_OWED)
        self._gaps = Gaps(self._post)
        self._wake = asyncio.Event()
        self._resting: WriterLink | None = None
        """The link while nothing is being sent over it: who comes then need not wait for its turn."""
        self._idle = asyncio.Event()
        self._idle.set()
        self._greeted: asyncio.Future[None] | None = None
        self._runner: asyncio.Task[None] | None = None
        self.health = Health()
        """Whether the last frame became durable."""
        self.gaps = 0
        self.last_commit_us: int | None = None
        self.last_progress_us: int | None = None
        self.writer_pid: int | None = None
        self.frames = 0
        """How many were handed in so far."""
        self._is_loading = False
        self._welcomed = asyncio.Event()
        """Whether the writer that runs has opened the database."""

    @property
    def healthy(self) -> bool:
        """Whether what comes is recorded. While False, ask before letting a request out."""
        return self.health.is_good

    @property
    def hello(self) -> Hello:
        """What writers are greeted with."""
        return self._hello

    @property
    def pending_bytes(self) -> int:
        """What waits for the writer, or for its acknowledgement."""
        return self._room.bytes

    async def start(self) -> None:
        """Start the writer and wait until it has opened the database. Raises StoreError with its reason."""
        self._greeted = asyncio.get_running_loop().create_future()
        self._runner = asyncio.create_task(self._run(), name="recorder-writer")
        try:
            async with asyncio.timeout(self._wait_seconds + 20):
                await self._greeted
        except TimeoutError:
            raise StoreError("the writer process did not start; look at the lines above for its reason") from None

    def record(
        self, message: Open | Close | Note, body: Sequence[bytes] = (), after_seconds: float | None = None
    ) -> asyncio.Future[Ack]:
        """Hand in a message; the future ends with UnrecordedError when it does not become durable, or not in time.

        With `after_seconds`, 0 for the end of the loop's next round, something else goes first: the writer, once it is
        woken, competes for a processor.
        """
        size = size_of(body)
        patience = patience_seconds(self._wait_seconds, self._room.bytes + size, is_loading=self._is_loading)
        if not self._room.fits(size):
            waiting = asyncio.ensure_future(self._record_later(message, body, size, patience))
            waiting.add_done_callback(retrieve)
            return waiting
        frame = self._enqueue(message, body, size, after_seconds)
        frame.expect(patience, self._is_late)
        return frame.durable

    async def _record_later(self, message: Recorded, body: Sequence[bytes], size: int, patience: float) -> Ack:
        """Record once there is room."""
        loop = asyncio.get_running_loop()
        until = loop.time() + patience
        try:
            async with asyncio.timeout_at(until):
                await self._room.enter(size)
        except TimeoutError:
            self.health.bad(reason := lateness(patience, self._room.bytes))
            raise UnrecordedError(reason, maybe=False) from None
        frame = self._enqueue(message, body, size)
        frame.expect(until - loop.time(), self._is_late)
        return await frame.durable

    def post(self, message: Close | Note) -> None:
        """Queue a message without waiting for it: what must be said about traffic that nobody waits for any more."""
        if isinstance(message, Note) and message.kind == RecordKind.GAP:
            self.gaps += 1
            self._gaps.note(message)
        else:
            self._post(message)

    def _post(self, message: Close | Note) -> Waiting:
        frame = self._enqueue(message, (), 0)
        frame.is_posted = True
        return frame

    def offer(self, message: Progress, body: Sequence[bytes]) -> asyncio.Future[Ack]:
        """Queue what nobody waits for and what may get lost; the future tells what became of it."""
        return self._enqueue(message, body, size_of(body)).durable

    def probe(self) -> None:
        """While nothing becomes durable, try one of the messages that are owed: so it is seen that it does again."""
        if not self.healthy and self._owed and not self._queue and not self._sent:
            frame = self._owed.popleft()
            frame.attempts = 0
            self._queue.append(frame)
            self._wake.set()

    @property
    def is_idle(self) -> bool:
        """Whether so little waits for the writer that it may be given more to do than it must."""
        return self._room.bytes < MOST_BEFORE_OFFERS

    async def stop(self, grace_seconds: float = 10.0) -> None:
        """Wait for what is queued, as long as the grace period allows, then end the writer."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace_seconds):
                await self._idle.wait()
        if self._runner:
            self._runner.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._runner
        for frame in (*self._sent.values(), *self._queue):
            self._settle(frame, UnrecordedError("the recorder stopped before this was written", maybe=False))

    def _enqueue(
        self, message: Recorded, body: Sequence[bytes], size: int, after_seconds: float | None = None
    ) -> Waiting:
        frame = Waiting(message, body, size)
        self.frames += not isinstance(message, Progress)  # of which no record is made
        self._room.take(size)
        self._queue.append(frame)
        self._idle.clear()
        if after_seconds is None:
            self._send()
        else:
            asyncio.get_running_loop().call_later(after_seconds, self._send)
        return frame

    def _send(self) -> None:
        if self._queue and not self._sent_at_once():
            self._wake.set()

    def _sent_at_once(self) -> bool:
        """Send the one frame that waits without waking anybody, when it may go and is small."""
        if self._resting is None or len(self._queue) > 1 or not self._may_send():
            return False
        frame = self._queue[0]
        if not self._resting.hand(frame.message, frame.body, frame.body_bytes):
            return False
        self._take_next()
        return True

    def _take_next(self) -> Waiting:
        frame = self._queue.popleft()
        frame.attempts += 1
        self._count += 1
        self._sent[self._count] = frame
        return frame

    def _is_late(self, frame: Waiting, patience: float) -> None:
        """Tell who waits for a frame that it took too long; take it back when it has not been handed over."""
        error = UnrecordedError(
            lateness(patience, self._room.bytes), maybe=frame not in self._queue or frame.attempts > 0
        )
        if error.maybe:
            self.health.bad(str(error))
            frame.tell(error)
        else:
            self._queue.remove(frame)
            self._settle(frame, error)

    def _settle(self, frame: Waiting, outcome: UnrecordedError | Ack) -> None:
        if isinstance(outcome, UnrecordedError) and frame.is_awaited:
            self.health.bad(str(outcome))
        self._room.free(frame.bytes)
        frame.settle(outcome)
        self._gaps.settled(frame)
        if not self._queue and not self._sent:
            self._idle.set()

    async def _run(self) -> None:
        failures = 0
        while True:
            await asyncio.sleep(RESTART_SECONDS[min(failures, len(RESTART_SECONDS) - 1)])
            try:
                link = await WriterLink.spawn(self._hear)
            except OSError as error:
                logger.warning("recorder: the writer process cannot be started: %s", error.strerror)
                failures += 1
                continue
            self.writer_pid = link.pid
            try:
                failures = 0 if await self._serve(link) else failures + 1
            except StoreError:  # it has said why
                failures += 1
            except Exception as error:  # noqa: BLE001 -- whatever a broken writer says, the next one may do better
                logger.error("recorder: the writer process is not understood: %s", type(error).__name__)  # noqa: TRY400 -- its values are wire content
                failures += 1
            finally:
                if self.healthy:  # else it is known better
                    self.health.bad("the writer process ended; another one is started")
                await link.end()
            logger.warning("recorder: the writer process ended; starting another one")
            self._requeue(link.fate)

    async def _serve(self, link: WriterLink) -> bool:
        """Feed one writer until it dies; return whether it ever got to work."""
        self._welcomed = asyncio.Event()
        sender = asyncio.create_task(self._send_all(link, self._welcomed))
        try:
            await link.ended()
        finally:
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
        return self._welcomed.is_set()

    def _hear(self, ack: Ack) -> None:
        """Take an acknowledgement: of the greeting, of detectors that are ready, or of a frame."""
        if not self._welcomed.is_set():
            self._welcome(ack)
            self._welcomed.set()
        elif ack.number == 0:
            self._is_loading = False
        else:
            self._acknowledged(ack)

    def _greeting(self) -> Hello:
        self._count = 0
        hello = msgspec.structs.replace(self._hello, known=tuple(self._known))
        self._hello = msgspec.structs.replace(self._hello, resumed=True)
        return hello

    def _welcome(self, ack: Ack) -> None:
        """Raises StoreError when the writer cannot work."""
        assert self._greeted is not None
        self._is_loading = ack.loading
        if ack.error is None:
            self.health.good()
            if not self._greeted.done():
                self._greeted.set_result(None)
        elif not self._greeted.done():
            self._greeted.set_exception(StoreError(ack.error))
        else:
            logger.error("recorder: %s", ack.error)
            self.health.bad(ack.error)
        if ack.error is not None:
            raise StoreError(ack.error)

    async def _send_all(self, link: WriterLink, welcomed: asyncio.Event) -> None:
        with contextlib.suppress(ConnectionError):
            await link.send(self._greeting())
            await welcomed.wait()
            while True:
                while self._may_send():
                    frame = self._take_next()
                    await link.send(frame.message, frame.body, frame.body_bytes)
                self._wake.clear()
                self._resting = link
                try:
                    await self._wake.wait()
                finally:
                    self._resting = None

    def _may_send(self) -> bool:
        """Say whether the next frame may go out: not beside one that may end the writer."""
        if not self._queue:
            return False
        return not self._sent or not (self._sent[next(reversed(self._sent))].is_suspect or self._queue[0].is_suspect)

    def _acknowledged(self, ack: Ack) -> None:
        self._known.update(dict.fromkeys(ack.learned))
        frame = self._sent.pop(ack.number)
        if frame.is_suspect:
            self._wake.set()
        if ack.error is None:
            self._durable(frame)
        elif frame.is_posted and frame.attempts < MOST_ATTEMPTS:
            owe(self._owed, frame)
        self._settle(frame, UnrecordedError(ack.error, maybe=False) if ack.error else ack)

    def _durable(self, frame: Waiting) -> None:
        now_us = time.time_ns() // 1000
        if isinstance(frame.message, Progress):  # of which nothing may have been written
            self.last_progress_us = now_us
            return
        self.last_commit_us = now_us
        self.health.good()
        self._resend_owed()

    def _resend_owed(self) -> None:
        """What says that something is missing must not be missing itself: send it once the store writes again."""
        if self._owed:
            self._queue.extend(self._owed)
            self._owed.clear()
            self._wake.set()

    def _requeue(self, fate: str) -> None:
        """Put back what a dead writer had; `fate` is how it ended."""
        is_alone = len(self._sent) == 1
        while self._sent:
            _, frame = self._sent.popitem()
            if isinstance(frame.message, Progress):  # its successor knows nothing of what went before it
                self._settle(frame, UnrecordedError(f"a writer process ended while it had this: {fate}", maybe=True))
                continue
            frame.is_suspect = True
            if not is_alone or frame.blame(fate):
                self._queue.appendleft(frame)
            else:
                reason = f"every writer process ended while it had this, the last one {fate}; it was given up"
                self._settle(frame, UnrecordedError(reason, maybe=True))
