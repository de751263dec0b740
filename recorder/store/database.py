"""Opening the database: to write (made and migrated when needed) or to read; its settings and its transactions.

The file and its `-wal` and `-shm` are for their owner alone from the first byte: the file is made before SQLite sees
it, and SQLite gives its side files the mode of the file.
"""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from sqlite_utils import Database

from recorder.errors import NotOursError, StoreError, TooNewError
from recorder.store import driver
from recorder.store.findings import rebuild_findings
from recorder.store.migrations import APPLICATION_ID, IMPORTED_ID, migrations, unknown_steps

__all__ = [
    "BUSY_SECONDS",
    "Database",
    "attach",
    "explained",
    "is_imported",
    "open_beside",
    "open_reader",
    "open_writer",
    "reading",
    "snapshot",
    "transaction",
]
"""`Database` is sqlite-utils'; other rooms know it by this name alone."""

BUSY_SECONDS = 30
"""How long a connection waits for another program's transaction before it gives up."""

_PRIVATE = 0o600
_CACHED_STATEMENTS = 1000
"""More than there are. The driver lets go of the one that came last when there is no room: with room for a hundred, the
statements of the migrations stayed, and each one of the writer was compiled again whenever it was run."""
_SETTINGS = (
    f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}",
    "PRAGMA foreign_keys = ON",
    # A database may come from elsewhere: its views and triggers call no function of ours, its pages are checked.
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    # Sorting spills to memory, never to a file in a shared folder.
    "PRAGMA temp_store = MEMORY",
)
_WRITER_SETTINGS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",
    # After a burst the WAL is cut down to this many bytes, at the next checkpoint.
    "PRAGMA journal_size_limit = 67108864",
)


_WHOSE = "SELECT (SELECT application_id FROM pragma_application_id), (SELECT count(*) FROM sqlite_master)"


def open_writer(path: Path) -> Database:
    """Open the database for writing; makes it, with its folder, when there is none, and brings its schema up to date.

    Raises StoreError when it cannot be opened or is no database of this program, TooNewError when a newer one made it.
    """
    with explained(path):
        _ensure_file(path)
        db = _connect(f"{_uri(path)}?mode=rw", _SETTINGS + _WRITER_SETTINGS)
        with _closed_on_error(db):
            _check_ours(db, path, to_write=True)
            _ensure_private(path)
            _ensure_wal(db)
            _migrate(db)
        return db


def open_reader(path: Path) -> Database:
    """Open the database for reading; nothing is ever written through it, its schema included.

    A writer may write meanwhile. On a read-only medium that holds no `-wal` the file is read as it stands. Raises
    StoreError when there is no such database or it is not ours, TooNewError when a newer program made it.
    """
    if not path.exists():
        raise StoreError(f"{path}: there is no such database; record something first or name another with --db")
    with explained(path):
        db = _open_reading(path)
        with _closed_on_error(db):
            _check_ours(db, path, to_write=False)
            if missing := [step.name for step in migrations.pending(db)]:
                remedy = "import its bundle again" if is_imported(db) else "record into it to update it"
                raise StoreError(f"{path}: an older recorder made it ({missing[0]} is missing); {remedy}")
        return db


def is_imported(db: Database) -> bool:
    """Tell whether it holds what was imported: a piece of somebody's ledger, and no ledger."""
    with reading():
        return bool(db.execute("PRAGMA application_id").fetchone()[0] == IMPORTED_ID)


def open_beside(path: Path | None) -> Database:
    """Open a database of derived data that may be lost, made when there is none; None: one in memory.

    Raises StoreError when it cannot be opened.
    """
    if path is None:
        return _connect("file::memory:", _SETTINGS)
    with explained(path):
        _ensure_file(path)
        return _connect(f"{_uri(path)}?mode=rw", _SETTINGS)


def attach(db: Database, path: Path, schema: str) -> None:
    """Make the tables of another database readable by this connection, under a name; once is enough."""
    with reading():
        if all(name != schema for _, name, _ in db.execute("PRAGMA database_list")):
            db.execute("ATTACH ? AS ?", (f"{_uri(path)}?mode=ro", schema))


@contextlib.contextmanager
def transaction(db: Database) -> Iterator[None]:
    """Run a block as one write transaction, begun at once so that nobody else writes meanwhile.

    Rolled back on any error; SQLite's become StoreError.
    """
    try:
        with _rolled_back_on_error(db):
            db.execute("BEGIN IMMEDIATE")
            yield
            db.execute("COMMIT")
    except driver.Error as error:
        raise StoreError(f"cannot write the record: {_describe(error)}") from None


@contextlib.contextmanager
def reading() -> Iterator[None]:
    """Run a block that reads; SQLite's errors become StoreError."""
    try:
        yield
    except driver.Error as error:
        raise StoreError(f"cannot read the record: {_describe(error)}") from None
    except UnicodeDecodeError:
        raise StoreError("cannot read the record: a text in it is damaged") from None
    except UnicodeEncodeError:
        raise StoreError("cannot look for that in the record: what was asked for is no valid UTF-8") from None


@contextlib.contextmanager
def snapshot(db: Database) -> Iterator[None]:
    """Run a block in which all that is read is of one moment, whoever writes meanwhile; inside of another, of its."""
    if db.conn.in_transaction:
        yield
        return
    with reading():
        db.execute("BEGIN")
    try:
        yield
    finally:
        db.rollback()


@contextlib.contextmanager
def _rolled_back_on_error(db: Database) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with contextlib.suppress(driver.Error):
            db.rollback()
        raise


@contextlib.contextmanager
def _closed_on_error(db: Database) -> Iterator[None]:
    try:
        yield
    except BaseException:
        db.close()
        raise


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Run a block; errors of SQLite and of the file system become StoreError with the path."""
    try:
        yield
    except driver.Error as error:
        raise StoreError(f"{path}: {_describe(error)}") from None
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}; name another database with --db") from None
    except UnicodeDecodeError:  # of SQLite's driver, over a schema that somebody wrote into
        raise StoreError(f"{path}: is damaged; restore it from a backup") from None


def _describe(error: Exception) -> str:
    match driver.error_name(error):
        case driver.BUSY:
            return f"locked by another program for {BUSY_SECONDS} s; find out which one holds it"
        case "SQLITE_NOTADB":
            return "is not a database of this recorder; name another with --db"
        case _:
            return str(error)


def _uri(path: Path) -> str:
    return path.absolute().as_uri()


def _connect(uri: str, settings: tuple[str, ...]) -> Database:
    connection = driver.connect(uri, uri=True, isolation_level=None, cached_statements=_CACHED_STATEMENTS)
    try:
        for setting in settings:
            connection.execute(setting)
        # Plugins of sqlite-utils would bring code into this process that nobody asked for.
        return Database(connection, execute_plugins=False)
    except BaseException:
        connection.close()
        raise


def _ensure_file(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _PRIVATE))


def _ensure_private(path: Path) -> None:
    # A database that was copied here with a wider mode; done once it is known to be ours.
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(name).chmod(_PRIVATE)


def _check_ours(db: Database, path: Path, *, to_write: bool) -> None:
    # One statement: between two, another program could make the schema, and it would look like somebody else's.
    application, objects = db.execute(_WHOSE).fetchone()
    if not objects and not application:
        if to_write:
            return
        raise NotOursError(f"{path}: is empty; record something first or name another with --db")
    if application == IMPORTED_ID:
        if to_write:
            raise NotOursError(f"{path}: holds an imported session and is there to be read; name another with --db")
    elif application != APPLICATION_ID:
        raise NotOursError(f"{path}: is not a database of this recorder; name another with --db")
    if unknown := unknown_steps(db):
        raise TooNewError(f"{path}: a newer recorder made it ({unknown[-1]} is not known here); update this one")


def _ensure_wal(db: Database) -> None:
    # Two programs that open a new database at once can collide here, and SQLite does not always wait its busy_timeout.
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
        except driver.Error as error:
            if driver.error_name(error) != driver.BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.005)
        else:
            return


def _migrate(db: Database) -> None:
    if not migrations.pending(db):
        return
    # One transaction around all steps, so that of several programs that start at once one migrates and the rest wait.
    with _rolled_back_on_error(db):
        db.execute("BEGIN IMMEDIATE")
        added = {step.name for step in migrations.pending(db)}
        migrations.apply(db)
        if "m002_secrets" in added:
            rebuild_findings(db)
        db.execute("COMMIT")


def _open_reading(path: Path) -> Database:
    uri = f"{_uri(path)}?mode=ro"
    db = _connect(uri, _SETTINGS)
    try:
        db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except driver.Error as error:
        db.close()
        wal = path.with_name(path.name + "-wal")
        if driver.error_name(error) not in driver.NO_SIDE_FILES or (wal.exists() and wal.stat().st_size):
            raise
        # The side files are not there and cannot be made: read-only folder or medium. All there is, is in the file.
        return _connect(f"{uri}&immutable=1", _SETTINGS)
    except UnicodeDecodeError:
        db.close()
        raise
    return db
