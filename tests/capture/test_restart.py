"""What a restarted recorder scans again: what had secrets, and what better detectors or credentials learned ask for."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from recorder.capture import desk as desk_module
from recorder.capture import shelf
from recorder.capture.desk import Desk
from recorder.capture.detectors import detectors_version
from recorder.capture.messages import Hello
from recorder.capture.shelf import unshared_part
from recorder.config import RedactSettings, RuleSettings
from recorder.errors import StoreError
from recorder.store.database import open_reader, open_writer
from recorder.store.queries import find_secrets, request_body
from tests.capture.test_desk import SECRET, opening, turn
from tests.support.requests import dumps

TOKENS = ["ghp_" + f"Zk3vQ8mW1xR5tY7uB2nC4pL6sD9fG0hJa{n:03d}" for n in range(3)]
TALK = [f"message {n}" for n in range(197)] + [f"the token {token}" for token in TOKENS]

type Start = Callable[[], tuple[Desk, list[bytes]]]


@pytest.fixture
def start(hello: Hello, monkeypatch: pytest.MonkeyPatch) -> Start:
    """Start a recorder; gives the desk and the messages that it scans."""

    def start_it() -> tuple[Desk, list[bytes]]:
        desk = Desk(hello)
        desk.sit_down()
        scanned: list[bytes] = []
        redact = desk._redactor.json_each

        def counted(texts: Iterable[bytes]) -> Any:
            some = list(texts)
            scanned.extend(text for text in some if b'"role"' in text)
            return redact(some)

        monkeypatch.setattr(desk._redactor, "json_each", counted)
        return desk, scanned

    return start_it


def stored(hello: Hello, id_: str) -> bytes:
    with open_reader(Path(hello.db)) as db:
        return request_body(db, id_)


def test_only_what_had_secrets_is_scanned_again(start: Start, hello: Hello) -> None:
    first, scanned = start()
    assert first.take([opening("a", turn(*TALK))])[0].error is None
    assert len(scanned) == 200
    second, scanned = start()
    assert second.take([opening("b", turn(*TALK, "go on"))])[0].error is None
    assert len(scanned) == 4
    assert [token for token in TOKENS if any(token.encode() in data for data in scanned)] == TOKENS
    assert stored(hello, "b").startswith(stored(hello, "a")[:-10])
    with open_reader(Path(hello.db)) as db:
        assert {tuple(id_ for _, id_ in place.interactions) for place in find_secrets(db)} == {("a", "b")}
        assert db.execute("SELECT count(*) FROM parts WHERE kind = 'message'").fetchone() == (201,)


def test_what_was_found_cleared_is_known_in_this_process(start: Start) -> None:
    start()[0].take([opening("a", turn("one"))])
    desk, scanned = start()
    asked: list[bytes] = []
    assert desk._store
    find_cleared = desk._store.find_cleared
    desk._store.find_cleared = lambda digests, version: asked.extend(digests) or find_cleared(digests, version)  # type: ignore[method-assign,func-returns-value]
    desk.take([opening("b", turn("one"))])
    before = len(asked)
    desk.take([opening("c", turn("one"))])
    assert before
    assert (scanned, len(asked)) == ([], before)


def test_what_memory_has_no_room_for_is_found_in_the_store(
    start: Start, hello: Hello, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "MOST_ENTRIES", 50)
    desk, scanned = start()
    assert desk.take([opening("a", turn(*TALK[:100]))])[0].error is None
    assert len(desk._shelf._known) == 50
    scanned.clear()
    others = [f"other {n}" for n in range(60)]
    assert desk.take([opening("b", turn(*others))])[0].error is None
    assert desk.take([opening("c", turn(*TALK[:100]))])[0].error is None
    assert len(scanned) == 60
    assert len(desk._shelf._known) == 50
    assert stored(hello, "c") == stored(hello, "a")


def test_a_secret_learned_since_is_looked_for_in_what_was_cleared(start: Start, hello: Hello) -> None:
    start()[0].take([opening("a", turn(f"the word is {SECRET}", "two"))])
    assert SECRET.encode() in stored(hello, "a")
    desk, scanned = start()
    desk.take([opening("b", turn(f"the word is {SECRET}", "two"), **{"x-api-key": SECRET})])
    assert len(scanned) == 1
    assert SECRET.encode() not in stored(hello, "b")
    # And again in the process after, which learns it again.
    desk, scanned = start()
    desk.take([opening("c", turn(f"the word is {SECRET}", "two"), **{"x-api-key": SECRET})])
    assert len(scanned) == 1
    assert SECRET.encode() not in stored(hello, "c")


def test_a_secret_learned_after_the_look_up_is_looked_for_too(start: Start, hello: Hello) -> None:
    start()[0].take([opening("a", turn(f"the word is {SECRET}"))])
    desk, _ = start()
    desk.take([opening("b", turn(f"the word is {SECRET}"))])
    desk.take([opening("c", turn(f"the word is {SECRET}"), **{"x-api-key": SECRET})])
    assert SECRET.encode() not in stored(hello, "c")


def test_other_detectors_scan_once_more_and_once_only(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    start()[0].take([opening("a", turn("one", "two"))])
    monkeypatch.setattr(desk_module, "detectors_version", lambda *_: "other")
    counts = []
    for name in ("b", "c"):
        desk, scanned = start()
        assert desk.take([opening(name, turn("one", "two"))])[0].error is None
        counts.append(len(scanned))
    assert counts == [2, 0]


def test_a_new_rule_of_the_user_looks_at_what_was_found_clean(start: Start, hello: Hello) -> None:
    start()[0].take([opening("a", turn("the number is acme_abcdefgh"))])
    rule = RuleSettings(name="acme-token", pattern="acme_[a-z]{8}")
    desk = Desk(msgspec.structs.replace(hello, redact=RedactSettings(rule=(rule,))))
    desk.sit_down()
    assert desk.take([opening("b", turn("the number is acme_abcdefgh"))])[0].error is None
    assert b"[REDACTED:acme-token]" in stored(hello, "b")


def test_what_was_erased_is_stored_again(start: Start, hello: Hello) -> None:
    start()[0].take([opening("a", turn("one"))])
    with open_writer(Path(hello.db)) as db:
        db.execute("UPDATE parts SET content = NULL, salt = NULL, digest = NULL WHERE kind = 'message'")
    desk, scanned = start()
    assert desk.take([opening("b", turn("one"))])[0].error is None
    assert len(scanned) == 1
    assert stored(hello, "b") == dumps(turn("one"))


def test_a_store_that_cannot_be_asked_is_no_obstacle(start: Start, hello: Hello) -> None:
    start()[0].take([opening("a", turn("one"))])
    desk, scanned = start()
    desk.close()
    assert desk.take([opening("b", turn("one"))])[0].error is None
    assert len(scanned) == 1


def test_a_look_up_that_fails_is_no_obstacle(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bool:
        raise StoreError("cannot read the record: locked")

    start()[0].take([opening("a", turn("one"))])
    desk, scanned = start()
    monkeypatch.setattr(desk._store, "find_cleared", fail)
    assert desk.take([opening("b", turn("one"))])[0].error is None
    assert len(scanned) == 1


def test_the_database_holds_no_digest_of_a_text_with_a_secret(start: Start, hello: Hello) -> None:
    desk, _ = start()
    desk.take([opening("a", turn(*TALK))])
    raws = [dumps({"role": "user", "content": [{"type": "text", "text": text}]}) for text in TALK]
    digests = {raw: unshared_part(desk._keys.parts, "message", "user", raw).digest for raw in raws}
    with open_reader(Path(hello.db)) as db:
        stored_digests = {digest for (digest,) in db.execute("SELECT digest FROM parts")}
    kept = [raw for raw, digest in digests.items() if digest in stored_digests]
    assert len(kept) == 197
    assert not any(token.encode() in raw for raw in kept for token in TOKENS)


def test_a_version_follows_key_and_settings() -> None:
    versions = {detectors_version(b"k" * 32), detectors_version(b"j" * 32), detectors_version(b"k" * 32, b"[]")}
    assert len(versions) == 3
    assert detectors_version(b"k" * 32) in versions
