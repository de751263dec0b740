import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.wire.journal import Journal
from recorder.wire.jsontext import render_json
from recorder.wire.messages import MessageAssembler
from recorder.wire.plaindelta import PLAIN_DELTA, maybe_plain_delta
from tests.wire.streams import START, STOP, block_delta, block_start, block_stop, ending

ODD = [
    block_delta(0, "text_delta", text="a", more=1),
    block_delta(0, "text_delta", text=None),
    block_delta(0, "text_delta", text=1),
    block_delta(0, "text_delta"),
    block_delta(0, "thinking_delta", thinking="a", estimated_tokens=3),
    block_delta(0, "signature_delta", signature="a"),
    block_delta(0, "citations_delta", citation={}),
    {**block_delta(0, "text_delta", text="a"), "more": 1},
    {**block_delta(0, "text_delta", text="a"), "index": 0.0},
    {**block_delta(0, "text_delta", text="a"), "index": True},
    {**block_delta(0, "text_delta", text="a"), "index": "0"},
    {**block_delta(0, "text_delta", text="a"), "type": "ping"},
]
ODD_TEXTS = [
    '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\\ud83d"}}',
    '{"type":"content_block_delta","index":0,"index":1,"delta":{"type":"text_delta","text":"a"}}',
    '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","type":"thinking_delta","text":"a"}}',
    '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a","text":"b"}}',
    '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}} x',
    '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":NaN}}',
    '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}',
    "[" * 100_000,
]

texts = st.text(max_size=4)
deltas = st.builds(
    block_delta,
    st.integers(0, 3),
    st.just("text_delta"),
    text=texts,
) | st.builds(
    block_delta, st.integers(0, 3), st.just("input_json_delta"), partial_json=st.sampled_from(["{", "}", "1"])
)
events = st.lists(
    deltas
    | st.sampled_from(ODD)
    | st.builds(block_delta, st.integers(0, 3), st.just("thinking_delta"), thinking=texts)
    | st.builds(block_start, st.integers(0, 3), type=st.just("text"), text=st.sampled_from(["", "x", None, 1]))
    | st.builds(block_start, st.integers(0, 3), type=st.just("tool_use"), input=st.just({}))
    | st.builds(block_stop, st.integers(0, 3)),
    max_size=30,
)


class Thorough(MessageAssembler):
    """Reads every event with the reader of all events."""

    def _take_plain_delta(self, data: str, at_us: int) -> bool:
        return False


def assembled(assembler_class: type[MessageAssembler], some: list[str]) -> tuple[Any, ...]:
    journal = Journal()
    assembler = assembler_class(journal)
    for at_us, text in enumerate(some):
        assembler.event(PLAIN_DELTA, text, at_us)
    return render_json(assembler.finish()), journal.deltas, journal.anomalies, assembler.complete


def dumps(event: dict[str, Any]) -> str:
    return json.dumps(event, separators=(",", ":"))


@given(events)
def test_plain_deltas_are_taken_as_the_reader_of_all_events_takes_them(some: list[dict[str, Any]]) -> None:
    told = [dumps(event) for event in (START, *some, ending(), STOP)]
    assert assembled(MessageAssembler, told) == assembled(Thorough, told)


@pytest.mark.parametrize("text", [*map(dumps, ODD), *ODD_TEXTS])
@pytest.mark.parametrize("name", ["text", "thinking", "partial_json"])
def test_what_is_more_than_a_piece_of_text_is_left_to_the_reader_of_all_events(text: str, name: str) -> None:
    start, delta = block_start(0, type="text", text=""), block_delta(0, "text_delta", text="z")
    told = [*map(dumps, (START, start, delta)), text.replace('"text":', f'"{name}":'), dumps(delta)]
    assert assembled(MessageAssembler, told) == assembled(Thorough, told)


@pytest.mark.parametrize("text", ODD_TEXTS[:1] + ODD_TEXTS[2:3] + ODD_TEXTS[4:])
def test_what_is_no_plain_delta(text: str) -> None:
    assert maybe_plain_delta(text) is None


def test_a_plain_delta() -> None:
    event = maybe_plain_delta(dumps(block_delta(2, "thinking_delta", thinking="é")) + "   ")
    assert event is not None
    assert (event.index, event.delta.text) == (2, "é")
