"""Whether a database's files are still those that were opened.

A file that was deleted or replaced is still there for who has it open: SQLite would go on writing into what nobody
will ever find again. So it is asked at each commit, by number of device and file, before it is acknowledged.
https://sqlite.org/howtocorrupt.html#unlinking_or_renaming_a_database_file_while_in_use
"""

import os
from pathlib import Path

_SUFFIXES = ("", "-wal", "-shm")


class OpenFiles:
    """The files of one connection: the database, its log and its index, these two from when they are first seen."""

    def __init__(self, path: Path) -> None:
        self._paths = tuple(str(path.with_name(path.name + suffix)) for suffix in _SUFFIXES)
        self._known: dict[str, tuple[int, int]] = {}

    def changed(self) -> str | None:
        """Return the name of a file that is not the one that was opened, or not there any more."""
        for path in self._paths:
            found = _identity(path)
            if self._known.get(path, found) != found:
                return Path(path).name
            if found is not None:
                self._known[path] = found
        return None


def _identity(path: str) -> tuple[int, int] | None:
    try:
        stat = os.stat(path)  # noqa: PTH116 -- twice as quick, six times a commit
    except OSError:
        return None
    return stat.st_dev, stat.st_ino
