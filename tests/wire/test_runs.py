import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.wire import ssestream
from recorder.wire.answer import Answer, Chunk, assemble_or_raise
from recorder.wire.runs import Texts, find_run
from tests.wire.streams import SSE_HEADERS, START, STOP, block_delta, block_start, block_stop, call, ending
from tests.wire.test_plaindelta import ODD_TEXTS, dumps, events


def block(text: str, name: str = "content_block_delta") -> bytes:
    return f"event: {name}\ndata: {text}\n\n".encode(errors="surrogatepass")


def block_of(event: dict[str, Any]) -> bytes:
    return block(dumps(event), event["type"])


def plain(text: str, index: int = 0) -> bytes:
    return block_of(block_delta(index, "text_delta", text=text))


def answer(body: bytes, sizes: list[int]) -> Answer:
    chunks = [Chunk(1000 + number, size) for number, size in enumerate(sizes)]
    return assemble_or_raise(call(), 200, SSE_HEADERS, body, chunks)


def without_runs(body: bytes, sizes: list[int]) -> Answer:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssestream, "find_run", lambda _data, at: (at, []))
        return answer(body, sizes)


def assert_same(body: bytes, sizes: list[int]) -> Answer:
    found = answer(body, sizes)
    assert found == without_runs(body, sizes)
    return found


@given(events, st.lists(st.integers(0, 90)), st.sampled_from([b"", b": x\n", b": x\n\n", b"id: 3\n", b"\r\n", b"\n"]))
def test_runs_are_read_as_each_event_by_itself(some: list[dict[str, Any]], sizes: list[int], odd: bytes) -> None:
    told = [block_of(event) for event in (START, *some, ending(), STOP)]
    told.insert(len(told) // 2, odd)
    assert_same(b"".join(told), sizes)


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_what_is_odd_within_a_run(text: str) -> None:
    told = [*map(block_of, (START, block_start(0, type="text", text=""))), plain("a"), block(text), plain("b")]
    assert_same(b"".join(told), [100] * 20)


@pytest.mark.parametrize(
    "odd",
    [
        plain("x").replace(b"\n\n", b"\n"),
        plain("x").replace(b"\n", b"\r\n"),
        plain("x").replace(b'"x"', b'"\xff"'),
        plain("x").replace(b'"x"', b'"\x01"'),
        plain("x").replace(b'"x"', b'"\\x"'),
        plain("x").replace(b'"x"', b'"\\ud83d"'),
        plain("x").replace(b'"text":', b'"thinking":'),
        plain("x").replace(b":0", b":00"),
        plain("x").replace(b":0", b":-1"),
        plain("x", index=7),
        plain("x")[:-20],
    ],
)
def test_what_is_no_piece_of_text(odd: bytes) -> None:
    told = [*map(block_of, (START, block_start(0, type="text", text=""))), plain("a"), odd, plain("b"), plain("c")]
    for sizes in ([], [7] * 200):
        assert_same(b"".join(told), sizes)


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_a_run_is_taken_at_once_with_the_time_of_each_event(separators: tuple[str, str]) -> None:
    texts = ["a", "", 'é"\\\n', "\U0001f600"]
    some = [block_delta(0, "text_delta", text=text) for text in texts]
    some += [block_delta(0, "thinking_delta", thinking="t"), block_delta(1, "input_json_delta", partial_json="{}")]
    told = [block(json.dumps(event, separators=separators)[:-1] + "   }") for event in some]
    end, run = find_run(b"".join([*told, b"event: ping\n"]), 0)
    assert end == sum(map(len, told))
    assert [(one.block, one.delta, one.field, one.texts) for one in run] == [
        (0, "text_delta", "text", texts),
        (0, "thinking_delta", "thinking", ["t"]),
        (1, "input_json_delta", "partial_json", ["{}"]),
    ]
    assert [end for one in run for end in one.ends] == [sum(map(len, told[: n + 1])) for n in range(len(told))]


def test_a_run_that_no_block_is_open_for_is_added_to_none() -> None:
    told = [*map(block_of, (START, block_start(0, type="text", text=""), block_stop(0))), plain("late"), plain("too")]
    found = assert_same(b"".join(told), [])
    assert [anomaly.kind for anomaly in found.anomalies] == ["unexpected_event", "unexpected_event", "truncated"]


def test_events_between_chunks_have_the_time_of_the_chunk_that_made_them_whole() -> None:
    told = [*map(block_of, (START, block_start(0, type="text", text=""))), *map(plain, "abcdef")]
    cuts = random.Random(3).sample(range(1, sum(map(len, told))), 12)
    sizes = [high - low for low, high in zip([0, *sorted(cuts)], [*sorted(cuts), 10**6], strict=True)]
    assert_same(b"".join(told), sizes)


def test_a_run_of_nothing() -> None:
    assert find_run(b"", 0) == (0, [])
    assert find_run(b"x" + plain("a"), 0) == (0, [])
    assert isinstance(find_run(b"x" + plain("a"), 1)[1][0], Texts)
