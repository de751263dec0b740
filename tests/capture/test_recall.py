"""What is remembered of a body: it must be found, and must never make a body out to be what it is not."""

import hashlib
import hmac
import json
import secrets
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.capture import recall as module
from recorder.capture import request_side as side
from recorder.capture.desk import Desk
from recorder.capture.recall import Beginning, Recall, _same_bytes, begun, extended, without_stand_in
from recorder.model import Slot
from recorder.store.database import open_reader
from recorder.store.queries import request_body
from recorder.store.rows import Link, NewPart
from recorder.wire.request import Cut, Mark, Piece, cut_request, join_request
from tests.capture.test_desk import SECRET, opening, turn
from tests.support.requests import dumps

KEY = secrets.token_bytes(32)


@pytest.fixture(autouse=True)
def short_beginnings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take small bodies for turns of one conversation, as large ones are."""
    monkeypatch.setattr(module, "_TELLING_BYTES", 8)


def body(count: int, *, mark: bool = True) -> bytes:
    """Return a conversation of so many messages; the mark is on the last one."""
    messages = [{"role": "user", "content": [{"type": "text", "text": f"{number}" * 90}]} for number in range(count)]
    if mark and messages:
        messages[-1]["content"][0]["cache_control"] = {"type": "ephemeral"}
    return dumps({"model": "m", "messages": messages, "system": [{"type": "text", "text": "s"}], "max_tokens": 1})


def stored(path: str, name: str) -> bytes:
    with open_reader(Path(path)) as db:
        return request_body(db, name)


def record(desk: Desk, name: str, data: bytes, **headers: str) -> None:
    (ack,) = desk.take([opening(name, data, **headers)])
    assert ack.error is None


def cut_bytes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that grows by the size of each body that is cut."""
    sizes: list[int] = []
    cut = side.cut_request

    def counted(data: bytes):
        sizes.append(len(data))
        return cut(data)

    monkeypatch.setattr(side, "cut_request", counted)
    return sizes


def test_a_turn_cuts_what_is_new(desk, hello, monkeypatch) -> None:
    sizes = cut_bytes(desk, monkeypatch)
    bodies = [body(count) for count in range(1, 40, 2)]
    for number, data in enumerate(bodies):
        record(desk, f"turn-{number:02d}", data)
    for number, data in enumerate(bodies):
        assert stored(hello.db, f"turn-{number:02d}") == data
    assert max(sizes) < 1500
    assert len(bodies[-1]) > 6000


@pytest.mark.parametrize("count", [0, 1, 5, 12, 13, 20])
def test_a_conversation_that_goes_back_or_on_or_stays(desk, hello, count) -> None:
    record(desk, "a", body(12))
    data = body(count)
    record(desk, "b", data)
    record(desk, "c", data)
    assert [stored(hello.db, name) for name in "abc"] == [body(12), data, data]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'{"messages":[1,2,3]}', b'{"messages":[1,2,34]}'),
        (b'{"messages":[1,2]}', b'{"messages":[1,2e3]}'),
        (b'{"messages":[1,tru]}', b'{"messages":[1,true]}'),
        (b'{"messages":[{"a":1} , {"b":2}]}', b'{"messages":[{"a":1} , {"b":2} ,\n {"c":3}]}'),
        (b'{"messages":[{"a":1},{"b":2}]}', b'{"messages":[{"a":1}],"messages":[]}'),
        (b'{"messages":[{"a":1},{"b":2}]}', b'{"messages":[{"a":1}] broken'),
        (b'{"messages":[{"a":1},{"b":2}]}', b'{"messages":[{"a":1}'),
        (b'{"messages":[{"a":1},{"b":2}]}', b'{"messages":[{"a":1}}'),
        (b'{"messages":["a","b"],"system":["c"]}', b'{"messages":["a","b","d"],"tools":["c"]}'),
        (b'{"system":["c"],"messages":["a","b"]}', b'{"system":["c"],"messages":["a","b","d"]}'),
        (b'{"tools":[{"cache_control":{}}],"messages":["a"]}', b'{"tools":[{"cache_control":{}}],"messages":["b"]}'),
    ],
)  # fmt: skip
def test_what_follows_may_change_everything(desk, hello, before, after) -> None:
    record(desk, "a", before)
    record(desk, "b", after)
    assert [stored(hello.db, name) for name in "ab"] == [before, after]


def test_a_learned_secret_is_taken_out_of_what_was_remembered(desk, hello) -> None:
    texts = [f"{number} and {SECRET}" for number in range(5)]
    record(desk, "a", dumps(turn(*texts)))
    record(desk, "b", dumps(turn(*texts, "more")), **{"x-api-key": SECRET})
    assert SECRET.encode() in stored(hello.db, "a")
    assert SECRET.encode() not in stored(hello.db, "b")
    record(desk, "c", dumps(turn(*texts, "more", "and more")), **{"x-api-key": SECRET})
    assert stored(hello.db, "c").count(b"REDACTED") == 5


def test_another_database_is_given_everything(desk, hello, tmp_path) -> None:
    record(desk, "a", body(5))
    assert desk._store
    desk._store.close()  # the shelf and its memory stay, as when the file is exchanged under the writer
    desk._store = None
    for path in tmp_path.glob("records.db*"):
        path.unlink()
    record(desk, "b", body(7))
    assert stored(hello.db, "b") == body(7)


def test_sessions_are_told_apart_and_a_batch_may_hold_several_turns(desk, hello) -> None:
    bodies = [body(count) for count in (1, 3, 5)]
    frames = [opening(f"{session}{n}", data, n) for n, data in enumerate(bodies) for session in "ab"]
    assert not any(ack.error for ack in desk.take(frames))
    for number, data in enumerate(bodies):
        assert stored(hello.db, f"a{number}") == stored(hello.db, f"b{number}") == data


def test_where_the_messages_begin_in_a_body() -> None:
    data = b'{"system":["c", {"a":1,"cache_control":{}}],"tools":["e"],"messages":["a","b"]}'
    assert begun(cut_request(data)).opened == data.index(b'"a","b"')


def test_the_hash_is_that_of_the_whole_body() -> None:
    recall = Recall(KEY)
    data = secrets.token_bytes(3 * module.STEP_BYTES)
    for size in (0, 1, module.STEP_BYTES, 2 * module.STEP_BYTES + 5, 3 * module.STEP_BYTES, module.STEP_BYTES + 7):
        seen = recall.look("s", data[:size])
        assert seen.mac == (hmac.digest(KEY, data[:size], hashlib.sha256).hex() if size else None)
        recall.keep(seen, Beginning(0, (), ()))
        recall.confirm()


def test_a_byte_that_differs_anywhere_is_in_the_hash() -> None:
    recall = Recall(KEY)
    data = secrets.token_bytes(2 * module.STEP_BYTES + 9)
    for at in (8, module.STEP_BYTES - 1, module.STEP_BYTES, 2 * module.STEP_BYTES - 1, 2 * module.STEP_BYTES):
        recall.keep(recall.look("s", data), Beginning(0, (), ()))
        recall.confirm()
        other = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        assert recall.look("s", other).mac == hmac.digest(KEY, other, hashlib.sha256).hex()


def test_what_is_kept_is_bounded_and_the_longest_unused_goes(monkeypatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 5000)
    recall = Recall(KEY)

    def keep(name: str) -> None:
        seen = recall.look(name, body(10))
        recall.keep(seen, Beginning(13, (100,), (KEY,)))
        recall.confirm()

    for name in "aba":
        keep(name)
    for name in "cd":
        keep(name)
    assert [recall.look(name, body(10)).beginning is not None for name in "abcd"] == [True, False, True, True]
    assert recall._size <= 5000
    keep("huge" * 2000)
    recall.forget()
    assert recall.look("d", body(10)).beginning is None


def test_nothing_is_known_before_it_is_confirmed() -> None:
    recall = Recall(KEY)
    recall.keep(recall.look("s", body(3)), Beginning(13, (100,), (KEY,)))
    assert recall.look("s", body(3)).beginning is None
    recall.confirm()
    assert recall.look("s", body(3)).beginning is not None
    assert recall.look("t", body(3)).beginning is None


@given(st.binary(max_size=40), st.binary(max_size=40), st.binary(max_size=40), st.integers(1, 9))
def test_same_bytes(begin: bytes, one: bytes, other: bytes, step: int) -> None:
    first, second = begin + one, begin + other
    expected = next(
        (at for at, (x, y) in enumerate(zip(first, second, strict=False)) if x != y), min(len(first), len(second))
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "STEP_BYTES", step)
        assert _same_bytes(first, second) == expected


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans(), st.sampled_from(["x", "y"])), min_size=1, max_size=6))
def test_any_order_of_turns_is_recorded_as_it_was_sent(turns) -> None:
    """Cut as the writer does, without its store: the pieces of all messages join to the body."""
    recall = Recall(KEY)
    pieces_of: dict[bytes, tuple] = {}
    for count, mark, model in turns:
        data = body(count, mark=mark).replace(b'"m"', json.dumps(model).encode())
        seen = recall.look("s", data)
        cut = cut_request(seen.excerpt())
        pieces = without_stand_in(cut.pieces) if seen.beginning else cut.pieces
        known = seen.beginning or begun(cut)
        links = [
            Link(NewPart(kind="message", content=piece.content, digest=hashlib.sha256(piece.content).digest()))
            for piece in pieces[Slot.MESSAGES]
        ]
        marks = tuple(
            (len(known.ends) + at, mark.offset, mark.data)
            for at, piece in enumerate(pieces[Slot.MESSAGES])
            for mark in piece.marks
        )
        whole = extended(known, pieces[Slot.MESSAGES], links, marks)
        head = pieces_of[known.keys[-1]] if known.keys else ()
        bare = [*head, *pieces[Slot.MESSAGES]]
        for at, key in enumerate(whole.keys):
            pieces_of[key] = tuple(bare[: at + 1])
        assert [data[end - 1 : end] for end in whole.ends] == [b"}"] * count
        marked = tuple(
            Piece(piece.content, piece.role, piece.lead, _marks_at(whole.marks, at)) for at, piece in enumerate(bare)
        )
        joined = join_request(Cut(cut.envelope, cut.slots, {**pieces, Slot.MESSAGES: marked}))
        assert joined == data
        recall.keep(seen, whole)
        recall.confirm()


def _marks_at(marks, position):
    return tuple(Mark(offset, data) for at, offset, data in marks if at == position)
