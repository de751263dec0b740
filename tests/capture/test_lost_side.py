"""What a crash leaves of an answer that was under way: all of it that was kept, none of its secrets."""

import gzip
import json
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

from recorder.capture.desk import Desk
from recorder.capture.frames import Frame
from recorder.capture.messages import Chunks, Hello, Progress
from recorder.capture.partial_side import HELD_BYTES
from recorder.errors import StoreError
from recorder.redact import RedactionError
from recorder.store.contents import every_content
from recorder.store.database import open_reader
from recorder.store.in_flight import find_in_flight
from recorder.store.queries import answer_body, get_interaction, timing
from recorder.store.writer import Writer
from recorder.wire.answer import Chunk
from tests.capture.test_desk import ANSWER, SECRET, TARGET, closing, opening
from tests.support.desk import seated
from tests.support.requests import message
from tests.wire import streams

WORDS = "the quick brown fox jumps over a lazy dog and goes on, as stories do, "
HEADERS = (*streams.SSE_HEADERS, ("request-id", "req_011"))
TOKEN = "ghp_" + "Zk3vQ8mW1xR5tY7uB2nC4pL6sD9fG0hJaKeE"


def told(desk: Desk, body: bytes, cuts: Iterable[int], headers: Any = HEADERS, path: str = TARGET.path) -> None:
    """Tell the desk of the answer to `a` in pieces that end at the cuts."""
    for start, end in pairwise([0, *cuts]):
        progress = Progress(
            id="a",
            target=msgspec.structs.replace(TARGET, path=path),
            status=200,
            headers=headers if start == 0 else (),
            chunks=Chunks.of(Chunk(1000 + end, end - start)),
            ttft_us=1000,
            offset=start,
        )
        (ack,) = desk.take([Frame(1, progress, body[start:end])])
        assert ack.error is None


def thirds(body: bytes) -> list[int]:
    return [len(body) // 3, len(body) * 2 // 3, len(body)]


def text_stream(text: str, size: int = 7) -> bytes:
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    return streams.sse([streams.START, *streams.text_block(0, *pieces)])


def kept(hello: Hello) -> bytes:
    """Return what is kept of the answer to `a`, one piece after the other."""
    with open_reader(Path(hello.db)) as db:
        return b"".join(find_in_flight(db, "a"))


def after_a_crash(desk: Desk, hello: Hello) -> Any:
    """End the desk as if its recorder had crashed, start the next; return the message that was kept."""
    desk.close()
    seated(msgspec.structs.replace(hello, run_id="next")).close()
    with open_reader(Path(hello.db)) as db:
        return json.loads(answer_body(db, "a"))


def test_an_answer_that_was_under_way_is_closed_with_what_was_kept(desk: Desk, hello: Hello) -> None:
    desk.take([opening("a", message("hi"))])
    body = text_stream(WORDS * 40)
    told(desk, body, thirds(body))
    (block,) = after_a_crash(desk, hello)["content"]
    assert (WORDS * 40).startswith(block["text"])
    assert len(block["text"]) > len(WORDS * 40) - HELD_BYTES - len(WORDS)
    db = open_reader(Path(hello.db))
    row = get_interaction(db, "a")
    assert (row.state, row.state_reason, row.status, row.request_id) == ("lost", "crash", 200, "req_011")
    assert (row.model_answered, row.message_id) == ("claude-opus-4-8", "msg_01")
    assert (row.input_tokens, row.cache_read_tokens, row.ttft_ms) == (10, 50, 1.0)
    assert (row.response_bytes, row.duration_ms) == (len(body), (1000 + len(body)) / 1000)
    assert row.cost_usd is not None
    events = [event for _, event, *_ in json.loads(timing(db, "a") or b"[]")]
    assert events.count("text_delta") == len(WORDS * 40) // 7
    assert db.execute("SELECT count(*) FROM in_flight").fetchone() == (0,)


@pytest.mark.parametrize("size", [2, 60])
def test_a_secret_is_never_kept_in_part(desk: Desk, hello: Hello, size: int) -> None:
    desk.take([opening("a", message("hi"), **{"x-api-key": SECRET})])
    text = f"{WORDS * 9}the token is {TOKEN} and {WORDS * 9} the key {SECRET} {WORDS * 9}"
    body = text_stream(text, size)
    for count in (23, 7):
        told(desk, body, [len(body) * number // count for number in range(1, count + 1)])
        got = kept(hello)
        assert got.count(b"[REDACTED:") == 2
        assert not any(secret[at : at + 8].encode() in got for secret in (TOKEN, SECRET) for at in range(0, 20, 4))
    assert SECRET not in json.dumps(after_a_crash(desk, hello))
    assert get_interaction(open_reader(Path(hello.db)), "a").findings == 2


def test_a_secret_that_began_in_one_block_and_goes_on_in_the_next(desk: Desk, hello: Hello) -> None:
    desk.take([opening("a", message("hi"))])
    first, second = streams.text_block(0, WORDS * 9 + TOKEN[:20]), streams.text_block(1, TOKEN[20:], " " + WORDS * 9)
    head, tail = streams.sse([streams.START, *first]), streams.sse(second)
    told(desk, head + tail, [len(head), len(head) + 200, len(head + tail)])
    got = kept(hello)
    assert WORDS[-20:].encode() in got
    assert not any(TOKEN[at : at + 8].encode() in got for at in range(4, len(TOKEN) - 8))


def test_a_private_key_that_has_not_ended_is_not_kept(desk: Desk, hello: Hello) -> None:
    desk.take([opening("a", message("hi"))])
    line = "MIIEpAIBAAKCAQEAy8Dbv8prpJ/0kKhlGeJYozo2t60EG8L0561g13R29LvMR5hy\n"
    kind = "RSA PRIVATE KEY"
    body = text_stream(WORDS * 9 + f"-----BEGIN {kind}-----\n" + line * 40)
    told(desk, body, range(100, len(body), 500))
    got = kept(hello)
    assert b"stories" in got
    assert b"MIIEp" not in got
    assert b"MR5hy" not in got


def test_each_piece_is_looked_at_a_few_times_however_long_the_answer(desk: Desk) -> None:
    looked_at: list[int] = []
    redact = desk._redactor.json

    def counted(data: bytes, **options: Any) -> Any:
        looked_at.append(len(data))
        return redact(data, **options)

    desk._redactor.json = counted  # type: ignore[method-assign]
    desk.take([opening("a", message("hi"))])
    body = text_stream(WORDS * 1500)
    del looked_at[:]
    told(desk, body, range(0, len(body), 20_000)[1:])
    assert len(looked_at) > 50
    assert max(looked_at) < 20_000
    assert sum(looked_at) < 4 * len(WORDS * 1500)


def test_text_without_a_place_to_end_at_costs_no_square(desk: Desk, hello: Hello) -> None:
    looked_at: list[int] = []
    redact = desk._redactor.json
    desk._redactor.json = lambda data, **options: looked_at.append(len(data)) or redact(data, **options)  # type: ignore[method-assign,func-returns-value]
    desk.take([opening("a", message("hi"))])
    body = text_stream("-" * 600_000, 100)
    del looked_at[:]
    told(desk, body, range(0, len(body), 30_000)[1:])
    assert sum(looked_at) < 4 * 600_000
    assert b"-----" not in kept(hello)


@pytest.mark.parametrize(
    ("headers", "body", "path"),
    [
        (streams.SSE_HEADERS, streams.sse(streams.RICH[:-2]), TARGET.path),
        (
            (*streams.SSE_HEADERS, ("content-encoding", "gzip")),
            gzip.compress(streams.sse(streams.RICH[:-2])),
            TARGET.path,
        ),
        (
            (("content-type", "application/vnd.amazon.eventstream"),),
            b"".join(map(streams.chunk_frame, streams.RICH[:-2])),
            "/model/us.anthropic.claude-haiku-4-5-20251001-v1:0/invoke-with-response-stream",
        ),
    ],
    ids=["events", "gzip", "frames"],
)
def test_every_kind_of_event_is_put_together_as_in_an_answer_that_broke_off(
    desk: Desk, hello: Hello, headers: Any, body: bytes, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recorder.capture.partial_side.HELD_BYTES", 0)
    desk.take([opening("a", message("hi"))])
    told(desk, body, thirds(body), headers, path)
    got = after_a_crash(desk, hello)
    thinking, text, hidden, tool = got["content"]
    assert thinking == {"type": "thinking", "thinking": "Let me ", "signature": "", "estimated_tokens": 50} | thinking
    assert (text["text"].split()[0], hidden) == ("Grüße", {"type": "redacted_thinking", "data": "AAAA"})
    assert text["citations"] == [{"type": "char_location", "cited_text": "x"}]
    assert (tool["name"], tool["id"]) == ("Bash", "toolu_01")
    assert "unknown_events" not in got
    assert get_interaction(open_reader(Path(hello.db)), "a").tool_calls == 1


def test_converse_streams_are_kept_too(desk: Desk, hello: Hello) -> None:
    desk.take([opening("a", message("hi"))])
    deltas = [
        streams.converse_frame("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": WORDS}})
        for _ in range(20)
    ]
    body = b"".join([streams.converse_frame("messageStart", {"role": "assistant"}), *deltas])
    path = "/model/us.anthropic.claude-haiku-4-5-20251001-v1:0/converse-stream"
    told(desk, body, thirds(body), (("content-type", "application/vnd.amazon.eventstream"),), path)
    (block,) = after_a_crash(desk, hello)["output"]["message"]["content"]
    assert (WORDS * 20).startswith(block["text"])
    assert len(block["text"]) > 10 * len(WORDS)


def test_of_an_answer_in_one_json_text_what_is_beside_it_is_kept(desk: Desk, hello: Hello) -> None:
    desk.take([opening("a", message("hi"))])
    told(desk, ANSWER, thirds(ANSWER), (*streams.JSON_HEADERS, ("request-id", "req_012")))
    desk.close()
    seated(msgspec.structs.replace(hello, run_id="next")).close()
    row = get_interaction(open_reader(Path(hello.db)), "a")
    assert (row.state, row.request_id, row.response_bytes) == ("lost", "req_012", len(ANSWER))


def test_nothing_is_kept_of_what_has_ended_and_no_byte_of_it_is_left(desk: Desk, hello: Hello) -> None:
    desk.take([opening("a", message("hi"))])
    mark = "a word that stands nowhere else, xyzzy, "
    body = text_stream(WORDS * 9 + mark + WORDS * 9)
    told(desk, body, thirds(body))
    assert mark.encode() in kept(hello)
    with open_reader(Path(hello.db)) as db:  # `recorder scan` looks through it as well
        assert any(mark.encode() in content for _, content in every_content(db))
    assert desk.take([closing("a")])[0].error is None
    assert kept(hello) == b""
    told(desk, body, thirds(body))  # late: it was on its way when the answer ended
    assert kept(hello) == b""
    desk.close()
    assert not any(mark.encode() in content for _, content in every_content(open_reader(Path(hello.db))))


@pytest.mark.parametrize("case", ["ended", "unknown", "not recorded"])
def test_nothing_stays_in_memory_of_an_answer_that_nothing_will_end(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    if case == "ended":
        assert [desk.take([frame])[0].error for frame in (opening("a", message("hi")), closing("a"))] == [None, None]
    if case == "not recorded":
        monkeypatch.setattr(Writer, "write", fail_to_write)
        assert all(ack.error for ack in desk.take([opening("a", message("hi")), beginning()]))
    else:
        desk.take([beginning()])
    assert desk._partials._partials == {}


def fail_to_write(*_: object) -> None:
    raise StoreError("the disk is full")


def beginning() -> Frame:
    """Return the first that is told of the answer to `a`."""
    body = text_stream(WORDS * 30)
    told_first = Progress(
        id="a", target=TARGET, status=200, headers=HEADERS, chunks=Chunks.of(Chunk(1, len(body))), ttft_us=1, offset=0
    )
    return Frame(1, told_first, body)


def test_an_answer_whose_request_is_in_the_same_batch_is_kept(desk: Desk, hello: Hello) -> None:
    desk.take([opening("a", message("hi")), beginning()])
    assert b"stories" in kept(hello)


def test_an_answer_that_is_told_from_its_beginning_again_is_kept_once(desk: Desk, hello: Hello) -> None:
    desk.take([opening("a", message("hi"))])
    body = text_stream(WORDS * 20)
    told(desk, body, thirds(body)[:2])
    told(desk, body, thirds(body))
    assert after_a_crash(desk, hello)["content"][0]["text"].count("quick") <= 20


def test_a_piece_that_did_not_come_through_ends_what_is_kept(desk: Desk, hello: Hello) -> None:
    desk.take([opening("a", message("hi"))])
    body = text_stream(WORDS * 30)
    first, second, third = thirds(body)
    told(desk, body, [first])
    before = kept(hello)
    progress = Progress(id="a", target=TARGET, status=200, headers=(), chunks=Chunks(), offset=second)
    assert desk.take([Frame(1, progress, body[second:third])])[0].error is None
    assert kept(hello) == before


def test_what_cannot_be_redacted_is_kept_at_the_end_alone(
    desk: Desk, hello: Hello, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(data: bytes, **_: Any) -> Any:
        raise RedactionError("engine: MemoryError")

    desk.take([opening("a", message("hi"))])
    body = text_stream(WORDS * 30)
    with monkeypatch.context() as patch:
        patch.setattr(desk._redactor, "json", fail)
        told(desk, body, thirds(body)[:1])
    told(desk, body, thirds(body))
    assert kept(hello) == b""
    assert desk.take([closing("a")])[0].error is None


def test_the_tripwire_looks_at_what_is_kept(desk: Desk, hello: Hello, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.take([opening("a", message("hi"))])
    body = text_stream(WORDS * 30)
    monkeypatch.setattr(desk._redactor, "left_in", lambda data: ("github-pat",))
    told(desk, body, thirds(body))
    assert kept(hello) == b""


def test_a_damaged_piece_does_not_keep_an_interaction_open(desk: Desk, hello: Hello) -> None:
    desk.take([opening("a", message("hi"))])
    body = text_stream(WORDS * 30)
    told(desk, body, thirds(body))
    assert desk._store
    desk._store.db.execute("UPDATE in_flight SET content = x'00'")
    desk.close()
    seated(msgspec.structs.replace(hello, run_id="next")).close()
    assert get_interaction(open_reader(Path(hello.db)), "a").state == "lost"
