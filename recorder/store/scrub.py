"""Leaves no byte behind of what was deleted: neither in the file nor in its log.

`secure_delete` overwrites what is deleted where it stood, and the log, which holds old pages, is emptied into the file
and cut to nothing. Writing the file anew from what is there makes it smaller besides, and leaves no unused room in
which a copy of a row that was moved once could stand; but nobody can write as long as that takes. The files beside the
database that were derived from it go whole.
"""

import os
import tempfile
from pathlib import Path

from sqlite_utils import Database

from recorder.errors import StoreError
from recorder.store.database import BUSY_SECONDS, explained
from recorder.store.search_index import forget_index
from recorder.store.totals import forget_totals

LARGE_BYTES = 256_000_000
"""About a second of a processor. Larger files are written anew by way of one in their own folder, not in memory."""


def scrub(db: Database, path: Path, *, anew: bool = True) -> None:
    """Empty the log; with `anew` write the file anew before. Raises StoreError when something stays in the log."""
    with explained(path):
        # What others derived from what was deleted; they make it anew from what is left.
        forget_index(path)
        forget_totals(path)
        if anew and path.stat().st_size > LARGE_BYTES:
            _vacuum_by_file(db, path)
        elif anew:
            db.execute("VACUUM")
        _empty_log(db, path)


def _vacuum_by_file(db: Database, path: Path) -> None:
    before = os.environ.get("SQLITE_TMPDIR")
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".recorder-") as folder:  # for its owner alone
        os.environ["SQLITE_TMPDIR"] = folder
        try:
            db.execute("PRAGMA temp_store = FILE")
            db.execute("VACUUM")
        finally:
            db.execute("PRAGMA temp_store = MEMORY")
            del os.environ["SQLITE_TMPDIR"]
            if before is not None:
                os.environ["SQLITE_TMPDIR"] = before


def _empty_log(db: Database, path: Path) -> None:
    busy, _, _ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise StoreError(
            f"{path}: it is erased, but old pages are still in the log, because a program has been reading for"
            f" {BUSY_SECONDS} s; end it, then `recorder erase --clean`"
        )
