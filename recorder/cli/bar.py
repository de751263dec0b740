"""How far something long has come."""

import sys
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress


class Bar:
    """A progress bar on stderr, when that is a terminal; shown from the first call on. Use it as a context manager."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._progress: Progress | None = None

    def __enter__(self) -> Self:
        return self

    def __call__(self, done: int, total: int) -> None:
        """Say how much is done, and of how much."""
        if not sys.stderr.isatty():
            return
        if self._progress is None:
            self._progress = _start()
            self._progress.add_task(self._what)
        self._progress.update(self._progress.task_ids[0], completed=done, total=total)

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()


def _start() -> "Progress":
    from rich.console import Console  # noqa: PLC0415 -- pipes do without rich
    from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn  # noqa: PLC0415

    columns = (*Progress.get_default_columns()[:-1], MofNCompleteColumn(), TimeRemainingColumn())
    progress = Progress(*columns, console=Console(stderr=True), transient=True)
    progress.start()
    return progress
