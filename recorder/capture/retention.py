"""Lets old content go while a recorder runs: at its start and daily, in a process of its own.

`python -m recorder.capture.retention DB DAYS BELOW_MINIMUM`: erasing takes its time, and neither a stream nor the
writer is to wait for that longer than the database is locked.
"""

import asyncio
import contextlib
import sys
from pathlib import Path

from recorder.capture.least_days import check_days
from recorder.capture.link import module_environment
from recorder.config import Settings
from recorder.errors import RecorderError

EVERY_SECONDS = 86_400


class Retention:
    """What `[retention]` asks for, as long as a recorder runs; nothing when it asks for nothing."""

    def __init__(self, settings: Settings) -> None:
        """Raises ConfigError when `[retention]` asks for what must not be."""
        self._words = [str(settings.db), str(settings.retention.days), str(int(settings.retention.below_minimum))]
        self._is_wanted = settings.retention.days is not None
        if settings.retention.days is not None:
            check_days(settings.retention.days, below_minimum=settings.retention.below_minimum)
        self._task: asyncio.Task[None] | None = None
        self._process: asyncio.subprocess.Process | None = None

    def start(self) -> None:
        """Begin; the database is there by now."""
        if self._is_wanted:
            self._task = asyncio.create_task(self._daily())

    async def stop(self) -> None:
        """End; what is half done is undone by the database."""
        if self._task is None:
            return
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        if self._process and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            await self._process.wait()

    async def _daily(self) -> None:
        while True:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",  # a folder named `recorder` in the working directory must not be taken for this package
                "-m",
                "recorder.capture.retention",
                *self._words,
                stdin=asyncio.subprocess.DEVNULL,
                env=module_environment(),
                start_new_session=True,
            )
            await self._process.wait()
            await asyncio.sleep(EVERY_SECONDS)


def main(db: str, days: str, below_minimum: str) -> int:
    """Do it once, unless it was done within a day; return the exit code."""
    from recorder.capture.keeping import retain_daily  # noqa: PLC0415 -- not for the proxy, which imports this module

    try:
        retain_daily(Path(db), int(days), below_minimum=below_minimum == "1")
    except RecorderError as error:
        print(f"recorder: nothing was erased by retention: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
