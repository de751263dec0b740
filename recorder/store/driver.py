"""The SQLite driver: pysqlite3 where it is installed (its wheel brings a current SQLite), else the standard library's.

sqlite-utils makes the choice. pysqlite3 has no type stubs and the standard library's interface, so the type checker is
shown the latter. Errors must be caught by the names here: pysqlite3's are not subclasses of the standard library's.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
else:
    from sqlite_utils.utils import sqlite3

Connection = sqlite3.Connection
Error = sqlite3.Error
connect = sqlite3.connect
sqlite_version = sqlite3.sqlite_version
sqlite_version_info = sqlite3.sqlite_version_info

FIXED_VERSION = (3, 51, 3)
"""The first version without the WAL-reset bug, which can corrupt a database that several connections write
(sqlite.org/wal.html#walresetbug)."""

BUSY = "SQLITE_BUSY"
NO_SIDE_FILES = frozenset({"SQLITE_CANTOPEN", "SQLITE_READONLY"})
"""What SQLite says when it is to read a WAL database whose `-wal` and `-shm` are not there and cannot be made."""


def error_name(error: Exception) -> str:
    """Return SQLite's primary name of an error (`SQLITE_BUSY` for `SQLITE_BUSY_SNAPSHOT`); empty when it has none."""
    name: str = getattr(error, "sqlite_errorname", "") or ""
    return "_".join(name.split("_")[:2])
