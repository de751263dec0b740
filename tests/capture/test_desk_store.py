"""A desk whose database fails, is locked, goes away or is exchanged: who waits is told, and it goes on by itself."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlite_utils import Database

from recorder.capture.desk import Desk
from recorder.capture.messages import Hello
from recorder.ledger.kinds import RecordKind
from recorder.store import database, driver
from recorder.store.database import open_reader
from recorder.store.queries import get_interaction, list_runs, records, request_body
from tests.capture.test_desk import closing, opening, turn
from tests.support.desk import greeting, seated
from tests.support.requests import dumps


@pytest.fixture
def hello(tmp_path: Path) -> Hello:
    return greeting(tmp_path, state_dir=str(tmp_path / "state"))


@pytest.fixture
def desk(hello: Hello) -> Desk:
    return seated(hello)


def take(desk: Desk, name: str, *texts: str) -> str | None:
    opened, closed = desk.take([opening(name, turn(*texts), 1), closing(name, number=2)])
    return opened.error or closed.error


def ids(path: Path) -> set[str]:
    with open_reader(path) as db:
        return {id_ for (id_,) in db.execute("SELECT id FROM interactions")}


def discrepancies(path: Path) -> list[str]:
    with open_reader(path) as db:
        return [str(one.body["reason"]) for one in records(db) if one.kind is RecordKind.DISCREPANCY]


def remove_all(path: Path) -> None:
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()


def move_away(path: Path) -> None:
    path.rename(path.with_name("elsewhere.db"))


def exchange_for_a_new_one(path: Path) -> None:
    remove_all(path)
    database.open_writer(path).close()


@pytest.mark.parametrize("harm", [remove_all, move_away, exchange_for_a_new_one])
def test_a_database_that_went_away_under_the_recorder_is_made_anew(
    desk: Desk, hello: Hello, harm: Callable[[Path], None]
) -> None:
    path = Path(hello.db)
    assert take(desk, "a", "one") is None
    harm(path)
    assert take(desk, "b", "one", "two") is None
    assert take(desk, "c", "one", "two", "three") is None
    assert ids(path) == {"b", "c"}
    assert discrepancies(path) == ["replaced"]
    with open_reader(path) as db:
        assert request_body(db, "c") == dumps(turn("one", "two", "three"))
        assert [run.id for run in list_runs(db)] == [hello.run_id]


def test_a_database_that_went_away_in_the_middle_of_a_commit(
    desk: Desk, hello: Hello, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path(hello.db)
    assert take(desk, "a", "one") is None
    assert desk._store
    write = desk._store.write
    monkeypatch.setattr(desk._store, "write", lambda rows: (write(rows), remove_all(path)))
    assert take(desk, "b", "one", "two") is None
    assert ids(path) == {"b"}


def test_an_older_copy_in_the_place_of_the_database(desk: Desk, hello: Hello, tmp_path: Path) -> None:
    path = Path(hello.db)
    assert take(desk, "a", "one") is None
    desk.close()
    shutil.copy(path, tmp_path / "older.db")
    assert take(desk, "b", "one", "two") is None
    remove_all(path)
    shutil.copy(tmp_path / "older.db", path)
    assert take(desk, "c", "one", "two") is None
    assert ids(path) == {"a", "c"}
    assert discrepancies(path) == ["cut"]


@pytest.mark.parametrize("suffix", ["-wal", "-shm"])
def test_a_log_that_was_deleted_loses_nothing(desk: Desk, hello: Hello, suffix: str) -> None:
    path = Path(hello.db)
    assert take(desk, "a", "one") is None
    path.with_name(path.name + suffix).unlink()
    assert take(desk, "b", "one", "two") is None
    desk.close()
    assert ids(path) == {"a", "b"}
    assert discrepancies(path) == []


def test_a_request_whose_database_went_away_is_not_passed_over(desk: Desk, hello: Hello) -> None:
    assert desk.take([opening("a", turn("one"))])[0].error is None
    remove_all(Path(hello.db))
    (ack,) = desk.take([closing("a")])
    assert "not on the record" in (ack.error or "")


def test_a_database_that_another_program_holds(desk: Desk, hello: Hello, monkeypatch: pytest.MonkeyPatch) -> None:
    assert take(desk, "a", "one") is None
    other = driver.connect(hello.db, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert desk._store
    desk._store.db.execute("PRAGMA busy_timeout = 1")
    assert "locked by another program" in (take(desk, "b", "one") or "")
    other.execute("COMMIT")
    other.close()
    assert take(desk, "c", "one") is None
    assert ids(Path(hello.db)) == {"a", "c"}


def test_a_folder_in_which_nothing_can_be_made(desk: Desk, hello: Hello, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    assert take(desk, "a", "one") is None
    desk.close()
    with monkeypatch.context() as patch:
        patch.setattr(database.os, "open", refuse)
        assert "Read-only file system" in (take(desk, "b", "one") or "")
    assert take(desk, "c", "one") is None


def test_nothing_is_said_twice_when_the_same_database_is_opened_again(desk: Desk, hello: Hello) -> None:
    for name in "abc":
        assert take(desk, name, "one") is None
        desk.close()
    with open_reader(Path(hello.db)) as db:
        kinds = [one.kind for one in records(db)]
        assert kinds.count(RecordKind.START) == 1
        assert kinds.count(RecordKind.DISCREPANCY) == 0
        assert get_interaction(db, "c").state == "complete"
        assert isinstance(db, Database)
