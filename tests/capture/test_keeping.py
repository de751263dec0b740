"""Erasure, retention and holds beside a desk that records."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from recorder.capture import keeping
from recorder.capture.desk import Desk
from recorder.capture.least_days import check_days
from recorder.capture.messages import Hello
from recorder.capture.signing_keys import ensure_signing_keys
from recorder.config import config_dir
from recorder.errors import ConfigError, StoreError
from recorder.ledger.kinds import RecordKind
from recorder.store.choice import Choice
from recorder.store.database import open_reader
from recorder.store.keeping import list_erasures, list_holds
from recorder.store.queries import records, request_body
from tests.capture.test_desk import closing, opening, turn
from tests.support.desk import greeting, seated
from tests.support.requests import dumps

WORD = "pineapple-1742"


@pytest.fixture
def hello(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hello:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return greeting(tmp_path, config_dir=str(config_dir()))


def send(desk: Desk, name: str, *texts: str) -> None:
    acks = desk.take([opening(name, turn(*texts)), closing(name)])
    assert [ack.error for ack in acks] == [None, None]


def bodies(db: Path, kind: RecordKind) -> list[dict[str, Any]]:
    with open_reader(db) as reader:
        return [record.body for record in records(reader) if record.kind is kind]


def test_a_conversation_goes_on_after_it_was_erased(hello: Hello) -> None:
    """What the client sends again is content of a new interaction: it is stored anew, whole."""
    desk, db = seated(hello), Path(hello.db)
    send(desk, "a", WORD, "second")
    plan = keeping.erase(db, Choice(texts=(WORD,)), by="ada", reason="asked")
    assert len(plan.parts) >= 1
    assert WORD.encode() not in b"".join(file.read_bytes() for file in db.parent.glob("records.db*"))
    with open_reader(db) as reader, pytest.raises(StoreError, match="erased"):
        request_body(reader, "a")
    send(desk, "b", WORD, "second", "third")
    with open_reader(db) as reader:
        assert request_body(reader, "b") == dumps(turn(WORD, "second", "third"))
    assert bodies(db, RecordKind.DISCREPANCY) == []


def test_the_record_says_who_why_and_how_much(hello: Hello) -> None:
    db = Path(hello.db)
    send(seated(hello), "a", WORD)
    keeping.erase(db, Choice(interactions=("a",)), by="ada", reason="asked")
    (body,) = bodies(db, RecordKind.ERASURE)
    assert (body["by"], body["reason"], body["chosen_by"]) == ("ada", "asked", ["interactions"])
    assert (body["interactions"], body["opened"]) == (1, [[2, 2]])
    with open_reader(db) as reader:
        gone = reader.execute("SELECT count(*), sum(bytes) FROM parts WHERE erased_by IS NOT NULL").fetchone()
    assert gone == (body["parts"], body["bytes"])
    assert ensure_signing_keys(config_dir())  # it is signed with this machine's key, as all that is recorded


@pytest.mark.parametrize(("days", "below", "fits"), [(183, False, True), (182, False, False), (182, True, True)])
def test_fewer_days_than_the_law_wants_are_refused(hello: Hello, *, days: int, below: bool, fits: bool) -> None:
    seated(hello)
    if fits:
        keeping.retain(Path(hello.db), days, by="ada", below_minimum=below)
    else:
        with pytest.raises(ConfigError, match="183 days"):
            keeping.retain(Path(hello.db), days, by="ada", below_minimum=below)
    assert len(bodies(Path(hello.db), RecordKind.RETENTION)) == fits
    with pytest.raises(ConfigError, match="at least 1 day"):
        check_days(0, below_minimum=True)


def test_retention_takes_what_is_older(hello: Hello) -> None:
    db, desk = Path(hello.db), seated(hello)
    send(desk, "a", WORD)  # the desk's clock stands in 1970
    now = datetime.now(UTC)
    assert keeping.retain(db, (now - datetime(1970, 1, 1, tzinfo=UTC)).days + 2, by="ada").parts == ()
    assert keeping.retain(db, 183, by="ada").interactions == 1
    assert [body["interactions"] for body in bodies(db, RecordKind.RETENTION)] == [0, 1]


def test_the_daily_retention_is_done_once_a_day(hello: Hello, monkeypatch: pytest.MonkeyPatch) -> None:
    db = Path(hello.db)
    send(seated(hello), "a", WORD)
    first = keeping.retain_daily(db, 183, below_minimum=False)
    assert first
    assert first.interactions == 1
    assert keeping.retain_daily(db, 183, below_minimum=False) is None
    later = datetime.now(UTC) + timedelta(days=1)
    monkeypatch.setattr(keeping, "_now", lambda: later)
    assert keeping.retain_daily(db, 183, below_minimum=False) is not None


def test_a_hold_is_placed_and_released(hello: Hello) -> None:
    db = Path(hello.db)
    send(seated(hello), "a", WORD)
    id_ = keeping.place_hold(db, Choice(interactions=("a",)), by="ada", reason="lawsuit")
    assert keeping.erase(db, Choice(interactions=("a",)), by="ada", reason="asked").held == 1
    with open_reader(db) as reader:
        (hold,) = list_holds(reader)
    assert (hold.id, hold.reason, hold.choice) == (id_, "lawsuit", Choice(interactions=("a",)))
    with pytest.raises(StoreError, match=id_):
        keeping.release_hold(db, "other", by="ada", reason="over")
    keeping.release_hold(db, id_, by="ada", reason="over")
    assert keeping.erase(db, Choice(interactions=("a",)), by="ada", reason="asked").held == 0
    assert [body["event"] for body in bodies(db, RecordKind.HOLD)] == ["placed", "released"]


def test_a_large_file_is_not_written_anew_while_a_recorder_waits(hello: Hello, monkeypatch: pytest.MonkeyPatch) -> None:
    db, calls = Path(hello.db), list[bool]()
    send(seated(hello), "a", WORD)
    monkeypatch.setattr(keeping, "LARGE_BYTES", 0)
    monkeypatch.setattr(keeping, "running_recorders", lambda _db: 1)
    monkeypatch.setattr(keeping, "scrub", lambda _db, _path, *, anew: calls.append(anew))
    keeping.erase(db, Choice(interactions=("a",)), by="ada", reason="asked")
    assert calls == [False]


def test_no_database(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no such database"):
        keeping.clean(tmp_path / "none.db")
    assert not list(tmp_path.iterdir())


def test_nothing_is_erased_in_a_database_that_was_never_told_to(hello: Hello) -> None:
    send(seated(hello), "a", WORD)
    with open_reader(Path(hello.db)) as reader:
        assert list_erasures(reader) == []
