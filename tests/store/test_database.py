import itertools
import multiprocessing
import os
import stat
import tempfile
from pathlib import Path

import pytest
from sqlite_utils import Database

from recorder.errors import StoreError, TooNewError
from recorder.ledger.kinds import RecordKind
from recorder.store import database, driver
from recorder.store.database import open_reader, open_writer, transaction
from recorder.store.migrations import STEPS
from recorder.store.writer import Writer

SETTINGS = {
    "journal_mode": "wal",
    "synchronous": 2,
    "secure_delete": 1,
    "foreign_keys": 1,
    "trusted_schema": 0,
    "temp_store": 2,
    "busy_timeout": database.BUSY_SECONDS * 1000,
}


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def open_umask():
    old = os.umask(0)
    yield
    os.umask(old)


def test_files_are_for_the_owner_alone(path, open_umask, make):
    with open_writer(path) as db:
        Writer(db).write([make.opened("a")])
        assert {file.name: mode(file) for file in path.parent.iterdir()} == {
            "records.db": 0o600,
            "records.db-wal": 0o600,
            "records.db-shm": 0o600,
        }


def test_file_is_private_before_sqlite_sees_it(path, open_umask, monkeypatch):
    seen = []
    connect = driver.connect
    monkeypatch.setattr(driver, "connect", lambda *a, **k: (seen.append(mode(path)), connect(*a, **k))[1])
    open_writer(path).close()
    assert seen == [0o600]


def test_folder_is_made_private(tmp_path, open_umask):
    open_writer(tmp_path / "new" / "records.db").close()
    assert mode(tmp_path / "new") == 0o700


def test_wider_mode_of_our_own_file_is_narrowed(path):
    open_writer(path).close()
    path.chmod(0o644)
    with open_writer(path):
        assert {mode(file) for file in path.parent.iterdir()} == {0o600}


def test_settings(db):
    assert {name: db.execute(f"PRAGMA {name}").fetchone()[0] for name in SETTINGS} == SETTINGS


@pytest.mark.parametrize("name", ["a b.db", "per%20cent.db", "what?.db", "no#1.db", "ünï.db"])
def test_any_file_name(tmp_path, name, make):
    path = tmp_path / name
    with open_writer(path) as db:
        Writer(db).write([make.opened("a")])
    with open_reader(path) as reader:
        assert reader["interactions"].count == 1
    assert name in {file.name for file in tmp_path.iterdir()}


def test_missing_database(path):
    with pytest.raises(StoreError, match="no such database"):
        open_reader(path)
    assert not path.exists()


def test_an_empty_file_is_filled_by_a_writer_alone(path):
    path.touch()
    with pytest.raises(StoreError, match="is empty"):
        open_reader(path)
    assert path.stat().st_size == 0
    open_writer(path).close()
    open_reader(path).close()


def test_whose_it_is_is_asked_at_one_moment(path):
    # Asked in two statements, a schema that another program makes in between looks like somebody else's.
    with open_writer(path) as db:
        seen = []
        with db.tracer(lambda sql, parameters: seen.append(sql)):
            database._check_ours(db, path, to_write=True)
        assert len([sql for sql in seen if "application_id" in sql or "count(*) FROM sqlite_master" in sql]) == 1


@pytest.mark.parametrize("opener", [open_reader, open_writer])
def test_a_file_that_is_no_database_is_refused_and_left_alone(path, opener):
    path.write_bytes(b"my notes\n" * 500)
    path.chmod(0o644)
    with pytest.raises(StoreError, match="not a database of this recorder"):
        opener(path)
    assert path.read_bytes() == b"my notes\n" * 500
    assert mode(path) == 0o644


@pytest.mark.parametrize("opener", [open_reader, open_writer])
def test_a_database_of_another_program_is_refused_and_left_alone(path, opener):
    with Database(str(path)) as other:
        other["notes"].insert({"text": "mine"})
    path.chmod(0o644)
    before = path.read_bytes()
    with pytest.raises(StoreError, match="not a database of this recorder"):
        opener(path)
    assert path.read_bytes() == before
    assert mode(path) == 0o644


@pytest.mark.parametrize("opener", [open_reader, open_writer])
def test_a_folder_is_refused(tmp_path, opener):
    with pytest.raises(StoreError):
        opener(tmp_path)


@pytest.mark.parametrize("opener", [open_reader, open_writer])
def test_a_newer_database_is_refused(path, opener):
    with open_writer(path) as db:
        db["_sqlite_migrations"].insert({"migration_set": "recorder", "name": "m999_future", "applied_at": "later"})
    with pytest.raises(TooNewError, match="m999_future"):
        opener(path)


def test_reader_refuses_an_older_database_and_writer_updates_it(path, monkeypatch):
    open_writer(path).close()
    monkeypatch.setattr(database.migrations, "_migrations", list(database.migrations._migrations))
    database.migrations(name="m002_more")(lambda db: db["more"].create({"id": int}))
    monkeypatch.setitem(database.unknown_steps.__globals__["STEPS"], "m002_more", None)
    with pytest.raises(StoreError, match=r"older recorder.*m002_more"):
        open_reader(path)
    with open_writer(path) as db:
        assert "more" in db.table_names()
    open_reader(path).close()


def test_a_failed_migration_leaves_nothing(path, monkeypatch):
    def broken(db):
        db["half"].create({"id": int})
        raise RuntimeError("power cut")

    monkeypatch.setattr(database.migrations, "_migrations", list(database.migrations._migrations))
    database.migrations(name="m002_broken")(broken)
    with pytest.raises(RuntimeError):
        open_writer(path)
    monkeypatch.undo()
    with open_writer(path) as db:
        assert "half" not in db.table_names()


def test_reader_cannot_write(reader):
    with pytest.raises(driver.Error):
        reader.execute("INSERT INTO runs (id, started_utc) VALUES ('x', 'y')")


def test_reader_reads_while_a_writer_writes(db, reader, make):
    Writer(db).write([make.opened("a")])
    with transaction(db):
        db.execute("INSERT INTO runs (id, started_utc) VALUES ('x', 'y')")
        assert reader["interactions"].count == 1
        assert reader["runs"].count == 0
    assert reader["runs"].count == 1


@pytest.fixture
def unprivileged():
    """Root may write anywhere; as somebody else file modes count."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    yield
    os.seteuid(user)


@pytest.fixture
def read_only(path, make):
    """A database with one interaction in a folder where nothing can be written."""
    for folder in itertools.takewhile(lambda folder: folder != Path(tempfile.gettempdir()), path.parents):
        folder.chmod(0o755)
    with open_writer(path) as db:
        Writer(db).write([make.opened("a")])
    path.chmod(0o444)
    path.parent.chmod(0o555)
    yield path
    path.parent.chmod(0o755)


def test_read_only_file_in_a_read_only_folder(read_only, unprivileged):
    with pytest.raises(PermissionError):
        read_only.with_name("probe").touch()
    with open_reader(read_only) as reader:
        assert reader["interactions"].count == 1


class Unopenable:
    """A connection that says what SQLite says when it cannot make the side files."""

    def execute(self, sql):
        error = driver.Error("unable to open database file")
        error.sqlite_errorname = "SQLITE_CANTOPEN"
        raise error

    def close(self):
        pass


def test_what_is_only_in_the_wal_is_not_passed_over_in_silence(path, make, monkeypatch):
    with open_writer(path) as db:
        Writer(db).write([make.opened("a")])
    connect = database._connect
    monkeypatch.setattr(
        database, "_connect", lambda uri, *rest: connect(uri, *rest) if "immutable" in uri else Unopenable()
    )
    wal = path.with_name("records.db-wal")
    wal.touch()
    open_reader(path).close()
    wal.write_bytes(b"x" * 64)
    with pytest.raises(StoreError, match="unable to open"):
        open_reader(path)


def test_transaction_rolls_back_on_any_error(db):
    def fail():
        with transaction(db):
            db.execute("INSERT INTO runs (id, started_utc) VALUES ('x', 'y')")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert db["runs"].count == 0
    assert not db.conn.in_transaction


def test_a_lock_that_stays_is_told(db, path, monkeypatch):
    with open_writer(path) as other:
        other.execute("PRAGMA busy_timeout = 1")
        with transaction(db), pytest.raises(StoreError, match="locked by another program"), transaction(other):
            pass
        with transaction(other):
            pass


def _open_at_once(path, barrier, results):
    barrier.wait()
    with open_writer(path) as db:
        Writer(db).write([])
        results.put(db["_sqlite_migrations"].count)


def test_several_programs_may_make_the_database_at_once(tmp_path):
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(4), context.Queue()
    processes = [context.Process(target=_open_at_once, args=(tmp_path / "new.db", barrier, results)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * 4
    assert {results.get(timeout=5) for _ in processes} == {len(STEPS)}


def test_errors_do_not_show_content(db, make):
    secret = "hunter" + "2" * 20
    store = Writer(db)
    with pytest.raises(StoreError) as refusal, transaction(db):
        db.execute("INSERT INTO records (seq, kind, at_utc, body, leaf_hash) VALUES (9, 'x', 'x', ?, x'')", (secret,))
    assert secret not in repr(refusal.value)
    assert refusal.value.__suppress_context__
    store.write([make.event(RecordKind.GAP, reason="x")])
