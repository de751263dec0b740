"""Files of derived data beside a database: made by whoever reads, apart from the record, deleted at will.

They are there so that recording does not pay for what only some readers want, and so that whoever reads needs no right
to write the record. Each knows of which record it is, and how far it has come.
"""

import contextlib
from collections.abc import Sequence
from pathlib import Path

import msgspec
from sqlite_utils import Database

from recorder.errors import StoreError
from recorder.store import driver
from recorder.store.database import open_beside, reading


class Beside(msgspec.Struct, frozen=True):
    """A kind of file beside a database."""

    suffix: str
    version: int
    """Of its tables and of what is in them: a file with another one is made anew."""
    tables: Sequence[str]
    """Statements that make its tables; beside them there is `state`."""

    def path(self, db_path: Path) -> Path:
        """Return where the file is."""
        return db_path.with_name(f"{db_path.name}.{self.suffix}")

    def forget(self, db_path: Path) -> None:
        """Delete it."""
        path = self.path(db_path)
        for name in (path.name, f"{path.name}-journal"):
            path.with_name(name).unlink(missing_ok=True)

    def open(self, db: Database, db_path: Path) -> Database | None:
        """Open it for the record that `db` reads; made anew when it is damaged or another record's.

        None where it cannot be written.
        """
        origin = _origin(db)
        found = self._opened(self.path(db_path), origin)
        if found is None:
            with contextlib.suppress(OSError):
                self.forget(db_path)
            found = self._opened(self.path(db_path), origin)
        return found

    def open_in_memory(self, db: Database) -> Database:
        """Open an empty one that nobody else sees, where none can be written."""
        found = self._opened(None, _origin(db))
        assert found is not None, "one that was just made is in order"
        return found

    def _opened(self, path: Path | None, origin: bytes) -> Database | None:
        """Open one that is whole, of this form, and of this record; None when there is no such."""
        found = None
        try:
            found = open_beside(path)
            found.execute("PRAGMA synchronous = NORMAL")
            self._ensure_made(found, origin)
            if found.execute("SELECT version, origin FROM state").fetchone() == (self.version, origin):
                return found
        except (driver.Error, StoreError):
            pass  # damaged, no database at all, or in a place that is not ours to write
        if found is not None:
            found.close()
        return None

    def _ensure_made(self, found: Database, origin: bytes) -> None:
        found.execute("BEGIN IMMEDIATE")
        if not found.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            found.execute("CREATE TABLE state (version INTEGER, origin BLOB, seq INTEGER, chain INTEGER)")
            for statement in self.tables:
                found.execute(statement)
            found.execute("INSERT INTO state VALUES (?, ?, 0, 0)", (self.version, origin))
        found.execute("COMMIT")


def _origin(db: Database) -> bytes:
    """Tell one record from another: by its first leaf."""
    with reading():
        row = db.execute("SELECT leaf_hash FROM records WHERE seq = 1").fetchone()
    return bytes(row[0]) if row else b""
