"""How far something long has come."""

import sys
from collections.abc import Callable


class Bar:
    """A progress bar on stderr, when that is a terminal."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> Callable[[int, int], None]:
        self._progress = None
        if not sys.stderr.isatty():
            return lambda _done, _total: None
        from rich.console import Console  # noqa: PLC0415 -- pipes do without rich
        from rich.progress import Progress  # noqa: PLC0415

        self._progress = Progress(console=Console(stderr=True), transient=True)
        self._progress.start()
        task = self._progress.add_task(self._what)
        progress = self._progress
        return lambda done, total: progress.update(task, completed=done, total=total)

    def __exit__(self, *_: object) -> None:
        if self._progress:
            self._progress.stop()
