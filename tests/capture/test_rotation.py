"""A new key at work: other fingerprints, the same parts, and secrets that are recognised."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from recorder.capture.desk import Desk
from recorder.capture.key_ring import ensure_ring, rotate
from recorder.capture.messages import Hello
from recorder.capture.rotation import note_rotation, running_recorders
from recorder.capture.run_lock import hold, let_go
from recorder.ledger.kinds import RecordKind
from recorder.store.database import open_reader
from recorder.store.queries import find_secrets, records, request_body
from tests.capture.test_desk import closing, opening, turn
from tests.support.requests import dumps

TOKEN, OTHER = ("ghp_" + f"Zk3vQ8mW1xR5tY7uB2nC4pL6sD9fG0hJaK{n:02d}" for n in range(2))
KEY = "team-" + "Qx7vLm2PzR9dKw4"
AT = datetime(2026, 11, 24, tzinfo=UTC)


def start(hello: Hello) -> Desk:
    desk = Desk(hello)
    desk.sit_down()
    return desk


def query(hello: Hello, sql: str) -> list[Any]:
    with open_reader(Path(hello.db)) as db:
        return db.execute(sql).fetchall()


def names(hello: Hello, kind: str) -> list[tuple[str | None, str | None]]:
    with open_reader(Path(hello.db)) as db:
        return [(place.fingerprint, place.newest_fingerprint) for place in find_secrets(db, kind=kind)]


def send(desk: Desk, name: str, *texts: str) -> None:
    acks = desk.take([opening(name, turn(*texts), **{"x-api-key": KEY}), closing(name)])
    assert [ack.error for ack in acks] == [None, None]


def test_a_running_recorder_goes_on_with_its_key(hello: Hello) -> None:
    desk = start(hello)
    send(desk, "a", f"the token {TOKEN}")
    rotate(Path(hello.config_dir), AT)
    send(desk, "b", f"once more {TOKEN}")
    (first, _), (second, _) = names(hello, "github-pat")
    assert first == second
    send(start(hello), "c", f"and again {TOKEN}")
    assert len(query(hello, "SELECT id FROM secrets WHERE kind = 'github-pat'")) == 2


def test_a_secret_that_is_seen_again_is_recognised(hello: Hello) -> None:
    send(start(hello), "a", f"the token {TOKEN}")
    ((old, _),) = names(hello, "github-pat")
    rotate(Path(hello.config_dir), AT)
    desk = start(hello)
    send(desk, "b", f"the token {TOKEN}", f"another {OTHER}")
    send(desk, "c", f"the token {TOKEN}", f"another {OTHER}")
    (first, newest), (second, same), (third, _) = names(hello, "github-pat")
    assert (first, newest, same) == (old, second, second)
    assert third not in {old, second}
    assert {newest for _, newest in names(hello, "api-key")} == {names(hello, "api-key")[-1][0]}  # of a header
    with open_reader(Path(hello.db)) as db:
        noted = [record.body for record in records(db) if record.kind is RecordKind.KEY]
        by_old = find_secrets(db, fingerprint=old[:8])
    assert [len(body["links"]) for body in noted] == [2]
    assert [place.fingerprint for place in by_old] == [old, second]
    send(start(hello), "d", f"the token {TOKEN}")
    assert query(hello, "SELECT count(*) FROM records WHERE kind = 'key'") == [(1,)]


def test_over_two_rotations(hello: Hello) -> None:
    for turn_ in range(3):
        send(start(hello), f"{turn_}", f"the token {TOKEN}")
        rotate(Path(hello.config_dir), AT)
    seen = names(hello, "github-pat")
    assert len({fingerprint for fingerprint, _ in seen}) == 3
    assert {newest for _, newest in seen} == {seen[-1][0]}


def test_after_the_old_key_was_forgotten_nobody_recognises_it(hello: Hello) -> None:
    send(start(hello), "a", f"the token {TOKEN}")
    rotate(Path(hello.config_dir), AT, forget=True)
    send(start(hello), "b", f"the token {TOKEN}")
    assert [fingerprint == newest for fingerprint, newest in names(hello, "github-pat")] == [True, True]
    assert query(hello, "SELECT count(*) FROM fingerprint_links") == [(0,)]


@pytest.mark.parametrize("forget", [False, True])
def test_what_is_stored_is_found_again_and_reads_as_before(hello: Hello, *, forget: bool) -> None:
    texts = [f"message {n}" for n in range(20)]
    send(start(hello), "a", *texts)
    with open_reader(Path(hello.db)) as db:
        before = request_body(db, "a")
    parts = "SELECT count(*), max(id) FROM parts WHERE kind IN ('message', 'system', 'envelope')"
    (stored,) = query(hello, parts)
    rotate(Path(hello.config_dir), AT, forget=forget)
    desk = start(hello)
    scanned: list[bytes] = []
    redact = desk._redactor.json
    desk._redactor.json = lambda data, **more: scanned.append(data) or redact(data, **more)  # type: ignore[method-assign,func-returns-value]
    send(desk, "b", *texts)
    assert query(hello, parts) == [stored]
    assert not [data for data in scanned if b'"role":"user"' in data]
    with open_reader(Path(hello.db)) as db:
        assert request_body(db, "a") == request_body(db, "b") == before == dumps(turn(*texts))


def test_the_start_record_names_the_key(hello: Hello) -> None:
    start(hello)
    second = rotate(Path(hello.config_dir), AT)
    start(msgspec.structs.replace(hello, run_id="second"))
    with open_reader(Path(hello.db)) as db:
        named = [row.body["redacted_by"] for row in records(db) if row.kind is RecordKind.START]
    assert named == [second.keys[1].id, second.current.id]


def test_the_record_of_a_rotation_holds_names_alone(hello: Hello, tmp_path: Path) -> None:
    assert note_rotation(tmp_path / "none.db", tmp_path, ensure_ring(Path(hello.config_dir)), AT, forgot=False)
    start(hello)
    ring = rotate(Path(hello.config_dir), AT)
    assert note_rotation(Path(hello.db), Path(hello.config_dir), ring, AT, forgot=False) is None
    with open_reader(Path(hello.db)) as db:
        (record,) = [row for row in records(db) if row.kind is RecordKind.KEY]
    assert record.at_utc == "2026-11-24T00:00:00.000Z"
    assert record.body == {
        "event": "rotated",
        "purpose": "redaction",
        "in_use": ring.current.id,
        "kept": [ring.keys[1].id],
        "forgot_old": False,
    }


def test_recorders_that_run_are_counted(hello: Hello, tmp_path: Path) -> None:
    db = Path(hello.db)
    assert running_recorders(db) == 0
    start(hello)
    assert running_recorders(db) == 0
    lock = hold(db, hello.run_id)
    try:
        assert running_recorders(db) == 1
    finally:
        let_go(lock)
