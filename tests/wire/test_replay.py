import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recorder.model import Protocol
from recorder.wire.answer import Chunk, Delta
from recorder.wire.messages import METRICS
from recorder.wire.replay import replay
from tests.wire.streams import (
    RICH,
    START,
    STOP,
    answer,
    block_delta,
    block_start,
    block_stop,
    chunk_frame,
    ending,
    message_of,
    sse,
    text_block,
    tool_block,
)
from tests.wire.test_answer import CONVERSE_FRAMES

BROKEN = b"event: odd\ndata: {oops\ndata: again\n\n"


def again(message: bytes, deltas: tuple[Delta, ...]) -> Any:
    return answer(b"".join(event for _, event in replay(message, deltas)))


@pytest.mark.parametrize(
    "body",
    [
        sse(RICH),
        *(sse(RICH[:count]) for count in range(1, len(RICH))),
        b": comment\n\n" + sse(RICH),
        sse([START, *text_block(0, "Hi"), {"type": "error", "error": {"type": "api_error", "message": "x"}}]),
        sse([{"type": "error", "error": {"type": "api_error", "message": "x"}, "request_id": "req_1"}]),
        sse([START, {"type": "new", "a": 1}, *text_block(0, "Hi"), START, block_stop(5), ending(), STOP]),
        sse([START]) + BROKEN + sse(text_block(0, "Hi")) + BROKEN + sse([ending(), STOP]),
        sse([START, ending("refusal", input_tokens=50), ending("end_turn", cache_read_input_tokens=99), STOP]),
        sse(
            [
                {**START, "message": {**START["message"], "content": [{"type": "text", "text": "pre"}]}},
                *text_block(1, "Hi"),
            ]
        ),
        sse([*text_block(0, "Hi"), ending(input_tokens=5), STOP]),
        sse(
            [
                START,
                block_delta(4, "text_delta", text="no start"),
                *text_block(7, "Hi"),
                ending(),
                {**STOP, METRICS: {"a": 1}},
            ]
        ),
        sse([START, *tool_block(0, '{"a":', "oops"), *tool_block(1, '{ "b" : [1.0,', "\n 2] }"), ending(), STOP]),
        sse([START, *tool_block(0, ""), ending(), STOP]),
        sse([START, *tool_block(0, '{"a":"\ud83d', '"}'), *text_block(1, "\ud83d", "\ude00x"), ending(), STOP]),
        sse(
            [
                {**START, "trace": 1},
                block_start(0, type="text", text="already", citations=None),
                block_delta(0, "text_delta", text=" there", hint=5),
                block_stop(0),
                block_start(1, type="compaction", content=None),
                block_delta(1, "compaction_delta", content="short", encrypted_content="opaque"),
                block_stop(1),
                ending(),
                STOP,
            ]
        ),
    ],
)
def test_a_replay_amounts_to_the_same_message(body: bytes) -> None:
    found = answer(body)
    assert found.message is not None
    played = again(found.message, found.deltas)
    assert message_of(played) == message_of(found)
    assert list(message_of(played)) == list(message_of(found))
    assert (played.complete, played.error, played.usage) == (found.complete, found.error, found.usage)
    assert [_cut(delta) for delta in played.deltas] == [_cut(delta) for delta in found.deltas]


def _cut(delta: Delta) -> tuple[str, int | None, int]:
    return delta.event, delta.index, delta.size if delta.event == "content_block_start" else 0


def test_a_replay_is_cut_and_timed_as_the_stream_was() -> None:
    events = [START, *text_block(0, "Hello", " wör", "ld"), *tool_block(1, '{"a": ', "1 }"), ending(), STOP]
    chunks = [Chunk(n * 10, len(sse([event]))) for n, event in enumerate(events)]
    found = answer(sse(events), chunks=chunks)
    assert found.message is not None
    assert found.usage is not None
    played = replay(found.message, found.deltas)
    assert [at_us for at_us, _ in played] == [n * 10 for n in range(len(events))]
    parsed = [json.loads(event.split(b"data: ")[1]) for _, event in played]
    assert parsed[1:9] == events[1:9]
    assert parsed[0]["message"] == {**START["message"], "usage": found.usage.raw}
    assert played[2][1] == (
        b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,'
        b'"delta":{"type":"text_delta","text":"Hello"}}\n\n'
    )
    assert again(found.message, found.deltas).deltas == tuple(
        Delta(0, delta.event, delta.index, delta.size) for delta in found.deltas
    )


@settings(deadline=None)
@given(data=st.data())
def test_any_lengths_give_the_same_message(data: st.DataObject) -> None:
    """Redaction may have made any text longer or shorter."""
    found = answer(sse(RICH))
    message = message_of(found)
    text = st.text(st.characters(codec="utf-8"), max_size=20)
    message["content"][0]["thinking"] = data.draw(text)
    message["content"][0]["signature"] = data.draw(text)
    message["content"][1]["text"] = data.draw(text)
    message["content"][3]["input"] = {"command": data.draw(text), "n": data.draw(st.integers())}
    body = json.dumps(message, indent=data.draw(st.sampled_from([None, 1]))).encode()
    assert message_of(again(body, found.deltas)) == message


def test_bedrock_streams_replay_as_server_sent_events() -> None:
    found = answer(b"".join(map(chunk_frame, RICH)), headers=(), protocol=Protocol.BEDROCK_INVOKE)
    assert found.message is not None
    assert message_of(again(found.message, found.deltas)) == message_of(found)


def test_an_unstreamed_answer_has_nothing_to_play() -> None:
    assert replay(b'{"type":"message"}', ()) == []


@pytest.mark.parametrize("message", [b"", b"[]", b'{"output":{}}'])
def test_another_apis_answer_is_refused(message: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        replay(message, (Delta(0, "ping"),))


def test_a_converse_stream_is_refused() -> None:
    found = answer(CONVERSE_FRAMES, headers=())
    assert found.message is not None
    with pytest.raises(ValueError, match="Messages API"):
        replay(found.message, found.deltas)


def test_a_message_that_lost_its_content_plays_what_is_left() -> None:
    found = answer(sse(RICH))
    for message in (b'{"type":"message"}', b'{"content":[5,{}]}', b'{"unknown_events":7}'):
        deltas = (*found.deltas, Delta(1, "unknown_event", 3, 1))
        assert len(replay(message, deltas)) == len(deltas)
