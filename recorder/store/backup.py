"""A copy of a database while it is written: whole, as of one moment, and a file of its own."""

import contextlib
import os
from pathlib import Path

from sqlite_utils import Database

from recorder.errors import StoreError
from recorder.store import driver
from recorder.store.database import explained


def back_up(db: Database, target: Path) -> None:
    """Copy a database to a new file, which is for its owner alone and there only once it is whole.

    Raises StoreError when there is such a file, or it cannot be written.
    """
    with explained(target):
        if target.exists() or target.is_symlink():
            raise StoreError(f"{target}: is there already; a backup overwrites nothing, name another file")
        part = target.with_name(f"{target.name}.part")
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        try:
            _copy(db, part)
            target.hardlink_to(part)  # fails where a file came to be meanwhile
        finally:
            part.unlink()
        _sync(target.parent)


def _copy(db: Database, part: Path) -> None:
    with contextlib.closing(driver.connect(str(part), isolation_level=None)) as copy:
        copy.execute("PRAGMA synchronous = FULL")
        db.conn.backup(copy)  # all pages in one step: what is written meanwhile is not looked at
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
