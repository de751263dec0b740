"""When checkpoints are put into their anchors: every so often, after so many records, at the end of a run.

The work is done by a process of its own (`recorder.anchor.job`): a place that does not answer holds up nothing here.
"""

import asyncio
import contextlib
import logging
import sys
import time
from collections.abc import Callable, Sequence

import msgspec

from recorder.config import AnchorSettings

logger = logging.getLogger(__name__)

_TICK_SECONDS = 1.0
MODULE = "recorder.anchor.job"


class Job(msgspec.Struct, frozen=True):
    """What the process is told."""

    db: str
    anchors: tuple[AnchorSettings, ...]


class _Due:
    def __init__(self, settings: AnchorSettings) -> None:
        self.settings = settings
        self._at = time.monotonic()
        self._count = 0

    def is_due(self, count: int) -> bool:
        """Tell whether it is time; never when nothing was recorded since."""
        new = count - self._count
        is_late = time.monotonic() - self._at >= self.settings.every_minutes * 60
        every = self.settings.every_records
        return new > 0 and (is_late or (every is not None and new >= every))

    def done(self, count: int) -> None:
        self._at, self._count = time.monotonic(), count


class AnchorSchedule:
    """The anchors of one run. All methods belong to one event loop."""

    def __init__(
        self,
        db: str,
        anchors: Sequence[AnchorSettings],
        count: Callable[[], int],
        command: Sequence[str] = (sys.executable, "-m", MODULE),
    ) -> None:
        """`count` says how many records were handed in so far."""
        self._db = db
        self._due = [_Due(anchor) for anchor in anchors]
        self._count = count
        self._command = command
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; without anchors there is nothing to begin."""
        if self._due:
            self._task = asyncio.create_task(self._watch(), name="recorder-anchors")

    async def stop(self, grace_seconds: float) -> None:
        """Put the last checkpoint into the anchors that want it; what is not done in time is left to the next run."""
        task, self._task = self._task, None
        if task is None:
            return
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        last = [due for due in self._due if due.settings.on_stop]
        if last:
            try:
                async with asyncio.timeout(grace_seconds):
                    await self._anchor(last)
            except TimeoutError:
                logger.warning("recorder: the anchors took more than %g s at the end and were left", grace_seconds)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            if due := [due for due in self._due if due.is_due(self._count())]:
                await self._anchor(due)

    async def _anchor(self, anchors: list[_Due]) -> None:
        for due in anchors:
            due.done(self._count())
        job = Job(self._db, tuple(due.settings for due in anchors))
        try:
            # In a session of its own: Ctrl-C is for the recorder, which has a last round to do after it.
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            logger.warning("recorder: anchors cannot be used: %s", error.strerror)
            return
        try:
            said, _ = await process.communicate(msgspec.json.encode(job))
        finally:
            if process.returncode is None:
                process.kill()
                await process.communicate()
        for line in said.decode(errors="replace").splitlines():
            logger.warning("recorder: %s", line)
