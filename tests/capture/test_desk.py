"""The writer's work on batches of frames: what becomes durable, what fails alone, what is never redacted twice."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from recorder.capture.desk import Desk
from recorder.capture.frames import Frame
from recorder.capture.messages import Chunks, Close, Hello, Note, Open, Target
from recorder.config import RedactSettings
from recorder.ledger.kinds import RecordKind
from recorder.model import Labels
from recorder.redact import RedactionError
from recorder.store.contents import every_content
from recorder.store.database import open_reader
from recorder.store.queries import answer_body, details, get_interaction, records, request_body, request_parts
from recorder.wire.answer import Chunk
from tests.support.requests import dumps, headers, message

TARGET = Target(method="POST", scheme="https", host="api.anthropic.com", port=443, path="/v1/messages?beta=true")
ANSWER = dumps({
    "type": "message", "id": "msg_1", "role": "assistant", "model": "claude-haiku-4-5", "stop_reason": "end_turn",
    "content": [{"type": "text", "text": "done"}], "usage": {"input_tokens": 1, "output_tokens": 2},
})  # fmt: skip
SECRET = "correct-horse-" + "battery-staple-77"


def opening(id_: str, body: dict[str, Any] | bytes, number: int = 0, **more: str) -> Frame:
    data = body if isinstance(body, bytes) else dumps(body)
    fields = tuple(headers("s", **more).items())
    return Frame(number, Open(id=id_, at_us=2_000_000, target=TARGET, headers=fields, wire_bytes=len(data)), data)


def closing(id_: str, body: bytes = ANSWER, number: int = 0, **fields: Any) -> Frame:
    message = Close(
        id=id_,
        started_us=2_000_000,
        target=TARGET,
        **({"outcome": "answered", "status": 200, "duration_us": 5, "wire_bytes": len(body)} | fields),
        headers=(("Content-Type", "application/json"), ("request-id", "req_1")),
        chunks=Chunks.of(Chunk(3, len(body))),
    )
    return Frame(number, message, body)


def turn(*texts: str) -> dict[str, Any]:
    base = message("")
    return base | {"messages": [{"role": "user", "content": [{"type": "text", "text": text}]} for text in texts]}


def test_a_batch_is_durable_when_it_is_answered(desk: Desk, hello: Hello) -> None:
    acks = desk.take([opening("a", message("hi"), 1), closing("a", number=2)])
    assert [(ack.number, ack.error) for ack in acks] == [(1, None), (2, None)]
    db = open_reader(Path(hello.db))
    row = get_interaction(db, "a")
    assert (row.state, row.request_id, row.cost_usd) == ("complete", "req_1", "0.000011")
    assert request_body(db, "a") == dumps(message("hi"))
    assert answer_body(db, "a") == ANSWER


def test_what_was_learned_goes_back_with_the_first_acknowledgement(desk: Desk) -> None:
    first, second = desk.take([opening("a", message("hi"), 1, **{"x-api-key": SECRET}), closing("a", number=2)])
    assert [credential.value for credential in first.learned] == [SECRET]
    assert second.learned == ()
    assert desk.take([opening("b", message("hi"), 3, **{"x-api-key": SECRET})])[0].learned == ()


def test_a_successor_knows_what_its_predecessor_had_learned(hello: Hello) -> None:
    first = Desk(hello)
    first.sit_down()
    (ack,) = first.take([opening("a", message("hi"), **{"x-api-key": SECRET})])
    second = Desk(msgspec.structs.replace(hello, resumed=True, known=ack.learned))
    second.sit_down()
    second.take([opening("b", message(f"the word is {SECRET}"))])
    assert SECRET.encode() not in request_body(open_reader(Path(hello.db)), "b")


def test_one_frame_that_cannot_be_recorded_fails_alone(desk: Desk, hello: Hello) -> None:
    nonsense = Frame(2, Note(kind="nonsense", at_us=1, body={}), b"")
    acks = desk.take([opening("a", message("hi"), 1), nonsense, closing("unknown", number=3), closing("a", number=4)])
    assert [bool(ack.error) for ack in acks] == [False, True, True, False]
    assert "not on the record" in (acks[2].error or "")
    assert get_interaction(open_reader(Path(hello.db)), "a").state == "complete"


def test_what_cannot_be_read_is_recorded_without_its_content(
    desk: Desk, hello: Hello, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError(f"could not digest {SECRET}")

    monkeypatch.setattr(desk._requests, "opened", fail)
    (ack,) = desk.take([opening("a", message(SECRET))])
    assert ack.error is None
    db = open_reader(Path(hello.db))
    (anomaly,) = details(db, "a").opened["anomalies"]
    assert "withheld: ValueError" in anomaly
    assert not any(SECRET.encode() in content for _, content in every_content(db))


def test_what_is_withheld_counts_for_who_sent_it(desk: Desk, hello: Hello, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk._requests, "opened", lambda *_: 1 / 0)
    frame = opening("a", message("hi"))
    labels = Labels(
        user="ada", team="core", project="ghp_" + "a1B2" * 9, key="0123456789ab"
    )  # a path can name anything as a project
    asked = msgspec.structs.replace(cast("Open", frame.message), labels=labels)
    (ack,) = desk.take([msgspec.structs.replace(frame, message=asked)])
    assert ack.error is None
    row = get_interaction(open_reader(Path(hello.db)), "a")
    assert (row.user, row.team, row.project, row.access_key) == ("ada", "core", None, "0123456789ab")


def test_what_is_known_is_not_redacted_again(desk: Desk, hello: Hello, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.take([opening("a", turn("one", "two"))])
    seen: list[bytes] = []
    redact = desk._redactor.json_each

    def counted(texts: Iterable[bytes]) -> Any:
        seen.extend(some := list(texts))
        return redact(some)

    monkeypatch.setattr(desk._redactor, "json_each", counted)
    desk.take([opening("b", turn("one", "two", "three"))])
    assert [data for data in seen if b"text" in data] == [b'{"role":"user","content":[{"type":"text","text":"three"}]}']
    assert request_body(open_reader(Path(hello.db)), "b") == dumps(turn("one", "two", "three"))


def test_a_part_that_was_not_committed_is_not_known(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(desk._store, "write", refuse)
        assert desk.take([opening("a", turn("one"))])[0].error
    assert desk.take([opening("a", turn("one"))])[0].error is None


def test_a_secret_learned_later_is_removed_from_what_is_shelved(desk: Desk, hello: Hello) -> None:
    desk.take([opening("a", turn(f"the word is {SECRET}"))])
    desk.take([opening("b", turn(f"the word is {SECRET}", "more"), **{"x-api-key": SECRET})])
    assert SECRET.encode() not in request_body(open_reader(Path(hello.db)), "b")


def test_marks_and_offsets_survive_redaction(desk: Desk, hello: Hello) -> None:
    body = message(f"key {SECRET} and some more")
    desk.take([opening("a", body, **{"x-api-key": SECRET})])
    stored = request_body(open_reader(Path(hello.db)), "a")
    start, end = stored.index(b"[REDACTED"), stored.index(b"]", stored.index(b"[REDACTED")) + 1
    assert stored[:start] + SECRET.encode() + stored[end:] == dumps(body)


def test_another_database_in_the_place_of_the_old_one_is_filled_anew(desk: Desk, hello: Hello, tmp_path: Path) -> None:
    desk.take([opening("a", turn("one"))])
    desk.close()
    for path in tmp_path.glob("records.db*"):
        path.unlink()
    desk.take([opening("b", turn("one", "two"))])
    assert request_body(open_reader(Path(hello.db)), "b") == dumps(turn("one", "two"))


def test_parts_that_the_store_lacks_are_sent_whole(desk: Desk, hello: Hello, tmp_path: Path) -> None:
    desk.take([Frame(0, Note(kind="gap", at_us=1, body={}), b"")])
    empty = tmp_path / "empty.db"
    shutil.copy(hello.db, empty)
    desk.take([opening("a", turn("one"))])
    assert desk._store
    desk._store.close()
    desk._store = None
    for path in tmp_path.glob("records.db*"):
        path.unlink()
    shutil.copy(empty, hello.db)
    desk.take([opening("b", turn("one", "two"))])
    assert request_body(open_reader(Path(hello.db)), "b") == dumps(turn("one", "two"))


def test_what_a_detector_fails_on_is_withheld(desk: Desk, hello: Hello, monkeypatch: pytest.MonkeyPatch) -> None:
    redact = desk._redactor.json

    def fail_on_messages(data: bytes, **options: Any) -> Any:
        if b"role" in data:
            raise RedactionError("engine: MemoryError")
        return redact(data, **options)

    monkeypatch.setattr(desk._redactor, "json", fail_on_messages)
    monkeypatch.setattr(desk._redactor, "json_each", lambda texts: list(map(fail_on_messages, texts)))
    acks = desk.take([opening("a", message("hi"), 1), closing("a", number=2)])
    assert [ack.error for ack in acks] == [None, None]
    db = open_reader(Path(hello.db))
    row = get_interaction(db, "a")
    assert (row.state, row.model, row.input_tokens) == ("complete", "claude-haiku-4-5-20251001", 1)
    assert request_body(db, "a") == b""
    assert not any(request_parts(db, "a").values())
    assert "withheld: engine: MemoryError" in str(details(db, "a"))


def test_gaps_are_records(desk: Desk, hello: Hello) -> None:
    desk.take([Frame(0, Note(kind="gap", at_us=1, body={"policy": "pass"}), b"")])
    kinds = [record.kind for record in records(open_reader(Path(hello.db)))]
    assert kinds == [RecordKind.START, RecordKind.GAP]


@pytest.mark.parametrize("size", [10, len(SECRET)])
def test_a_stream_that_broke_off_inside_a_credential(desk: Desk, hello: Hello, size: int) -> None:
    desk.take([opening("a", message("hi"), **{"x-api-key": SECRET})])
    text = dumps({"type": "text_delta", "text": f"it is {SECRET[:size]}"}).decode()
    tool = dumps({"type": "input_json_delta", "partial_json": f'{{"key":"{SECRET[:size]}'}).decode()
    stream = "".join(
        f"event: {kind}\ndata: {data}\n\n"
        for kind, data in [
            ("message_start", '{"type":"message_start","message":{"id":"m","type":"message","role":"assistant"}}'),
            ("content_block_delta", f'{{"type":"content_block_delta","index":0,"delta":{text}}}'),
            ("content_block_delta", f'{{"type":"content_block_delta","index":1,"delta":{tool}}}'),
        ]
    ).encode()
    end = f"event: content_block_delta\ndata: {text[:-3]}".encode()  # cut off within an event
    (ack,) = desk.take([closing("a", stream + end, outcome="upstream_abort")])
    assert ack.error is None
    stored = b"".join(content for _, content in every_content(open_reader(Path(hello.db))))
    assert b"it is [REDACTED:" in stored
    assert SECRET[:size].encode() not in stored


def test_an_event_that_was_cut_off_in_the_middle_of_a_secret(desk: Desk, hello: Hello) -> None:
    # In no header: known by its form alone, which the pieces do not have.
    token = "ghp_" + "Zk3vQ8mW1xR5tY7uB2nC4pL6sD9fG0hJaKeE"
    deltas = [dumps({"type": "text_delta", "text": piece}).decode() for piece in (token[:14], token[14:28])]
    events = [
        f'event: content_block_delta\ndata: {{"type":"content_block_delta","index":0,"delta":{delta}}}\n\n'
        for delta in deltas
    ]
    desk.take([opening("a", message("hi"))])
    (ack,) = desk.take([closing("a", "".join(events)[:-6].encode(), outcome="upstream_abort")])
    assert ack.error is None
    stored = b"".join(content for _, content in every_content(open_reader(Path(hello.db))))
    assert b"sse_truncated" in stored
    assert token[16:24].encode() not in stored


def test_a_credential_behind_a_stray_backslash(desk: Desk, hello: Hello) -> None:
    key = "team-" + "Qx7vLm2PzR9dKw4"
    body = dumps(message("hi")).replace(b"hi", b"x \\" + key.encode())
    desk.take([opening("a", body, **{"x-api-key": key})])
    assert key[-8:].encode() not in request_body(open_reader(Path(hello.db)), "a")


def test_what_the_configuration_allows_stays_and_is_told(hello: Hello) -> None:
    token = "ghp_" + "Zk3v" * 9
    desk = Desk(msgspec.structs.replace(hello, redact=RedactSettings(allow=(token,))))
    desk.sit_down()
    assert desk.take([opening("a", message(f"the token is {token}"))])[0].error is None
    db = open_reader(Path(hello.db))
    assert token.encode() in request_body(db, "a")
    assert [finding["kind"] for finding in details(db, "a").opened["findings"]] == ["allowed"]
    assert get_interaction(db, "a").findings == 0  # nothing was removed
