import json
from typing import Any

import pytest

from recorder.wire.journal import UNKNOWN, Delta, ErrorInfo, Journal
from recorder.wire.jsontext import render_json
from recorder.wire.messages import METRICS, MessageAssembler
from tests.wire.streams import (
    RICH,
    START,
    STOP,
    USAGE,
    block_delta,
    block_start,
    block_stop,
    ending,
    text_block,
    tool_block,
)


def run(*events: dict[str, Any] | str) -> tuple[MessageAssembler, dict[str, Any], Journal]:
    """Assemble events, the n-th at n µs; a string is an event's text as it came, named `message`."""
    journal = Journal()
    assembler = MessageAssembler(journal)
    for at_us, event in enumerate(events):
        text = event if isinstance(event, str) else json.dumps(event)
        assembler.event("message", text, at_us)
    message = assembler.finish()
    return assembler, json.loads(render_json(message)) if message is not None else {}, journal


def kinds(journal: Journal) -> list[str]:
    return [anomaly.kind for anomaly in journal.anomalies]


def test_a_stream_amounts_to_a_message_in_the_apis_own_shape() -> None:
    assembler, message, journal = run(*RICH)
    assert message == {
        "id": "msg_01",
        "type": "message",
        "role": "assistant",
        "model": "claude-opus-4-8",
        "content": [
            {"type": "thinking", "thinking": "Let me see…", "signature": "EqQBCg==", "estimated_tokens": 50},
            {
                "type": "text",
                "text": "Grüße 😀\n",
                "citations": [{"type": "char_location", "cited_text": "x"}],
            },
            {"type": "redacted_thinking", "data": "AAAA"},
            {"type": "tool_use", "id": "toolu_01", "name": "Bash", "input": {"command": "echo hi", "n": 1.5}},
        ],
        "stop_reason": "tool_use",
        "stop_sequence": None,
        "usage": {**USAGE, "output_tokens": 20, "output_tokens_details": {"thinking_tokens": 7}},
    }
    assert list(message)[:5] == ["id", "type", "role", "model", "content"]
    assert assembler.complete
    assert journal.anomalies == ()


def test_every_event_leaves_its_time_type_and_size() -> None:
    _, _, journal = run(START, {"type": "ping"}, *text_block(0, "Hi", "😀"), *tool_block(1, '{"a":1}'), ending(), STOP)
    assert journal.deltas == [
        Delta(0, "message_start"),
        Delta(1, "ping"),
        Delta(2, "content_block_start", 0),
        Delta(3, "text_delta", 0, 2),
        Delta(4, "text_delta", 0, 1),
        Delta(5, "content_block_stop", 0),
        Delta(6, "content_block_start", 1),
        Delta(7, "input_json_delta", 1, 7),
        Delta(8, "content_block_stop", 1),
        Delta(9, "message_delta"),
        Delta(10, "message_stop"),
    ]


@pytest.mark.parametrize("events", range(1, len(RICH)))
def test_a_stream_cut_anywhere_keeps_what_came(events: int) -> None:
    assembler, message, journal = run(*RICH[:events])
    assert not assembler.complete
    assert "truncated" in kinds(journal)
    assert message["id"] == "msg_01"
    assert len(journal.deltas) == events
    if events >= 4:
        assert message["content"][0]["thinking"].startswith("Let me ")
    if events == RICH.index(block_delta(3, "input_json_delta", partial_json=', "n": 1.50}')):
        assert message["content"][3]["partial_json"] == '{"command": "echo hi"'
        assert message["content"][3]["input"] == {}
        assert "malformed_tool_input" in kinds(journal)


def test_an_error_in_mid_stream_ends_the_answer() -> None:
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}, "request_id": "req_1"}
    assembler, message, journal = run(START, *text_block(0, "Hi"), error)
    assert assembler.error == ErrorInfo("overloaded_error", "Overloaded")
    assert not assembler.complete
    assert message["content"] == [{"type": "text", "text": "Hi"}]
    assert message["error"] == error["error"]
    assert message["event_extras"] == [{"event": "error", "request_id": "req_1"}]
    assert kinds(journal) == []


def test_an_error_after_the_stop_still_counts() -> None:
    assembler, _, _ = run(START, ending(), STOP, {"type": "error", "error": {"type": "api_error", "message": "x"}})
    assert not assembler.complete


def test_an_error_alone_is_the_message() -> None:
    error = {"type": "error", "error": {"type": "api_error", "message": "x"}, "request_id": "req_1"}
    assembler, message, _ = run({"type": "ping"}, error)
    assert message == error
    assert assembler.error == ErrorInfo("api_error", "x")


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("error", '{"message":"bad"}', ErrorInfo("error", "bad")),
        ("error", '{"type":"overloaded_error","message":"busy"}', ErrorInfo("overloaded_error", "busy")),
        ("message", '{"error":{"message":"litellm","code":"500"}}', ErrorInfo("500", "litellm")),
    ],
)
def test_gateways_say_error_in_their_own_ways(name: str, text: str, expected: ErrorInfo) -> None:
    assembler = MessageAssembler(Journal())
    assembler.event(name, text, 0)
    assert assembler.error == expected


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ({"type": "vertex_event", "x": 1}, "unknown_event"),
        ({"no": "type"}, "unknown_event"),
        ({"type": ["ping"]}, "unknown_event"),
        (block_delta(0, "future_delta", x=1), "unknown_event"),
        (block_delta(0, "text_delta", text=7), "unknown_event"),
        ({"type": "content_block_delta", "index": "0", "delta": {}}, "unexpected_event"),
        (START, "unexpected_event"),
        (block_start(0, type="text", text=""), "unexpected_event"),
        (block_start(True, type="text", text=""), "unexpected_event"),  # type: ignore[arg-type]
        (block_stop(7), "unexpected_event"),
        ({"type": "message_delta", "delta": 5}, "unexpected_event"),
        ({"type": "message_start"}, "unexpected_event"),
    ],
)
def test_an_event_that_cannot_be_applied_is_kept(event: dict[str, Any], kind: str) -> None:
    assembler, message, journal = run(START, block_start(0, type="text", text=""), event, block_stop(0), ending(), STOP)
    assert message["unknown_events"] == [{"event": "message", "data": event}]
    assert journal.deltas[2] == Delta(2, UNKNOWN, 0, len(json.dumps(event)))
    assert kinds(journal) == [kind]
    assert assembler.complete


@pytest.mark.parametrize("text", ["{", "[DONE]", '"text"', "", '{"type":NaN}'])
def test_malformed_json_is_kept_as_text(text: str) -> None:
    assembler, message, journal = run(START, text, ending(), STOP)
    assert message["unknown_events"] == [{"event": "message", "text": text}]
    assert kinds(journal) == ["malformed_event"]
    assert journal.anomalies[0].raw == text.encode()
    assert assembler.complete


def test_a_ping_needs_no_data() -> None:
    journal = Journal()
    MessageAssembler(journal).event("ping", "", 3)
    assert (journal.deltas, journal.anomalies) == ([Delta(3, "ping")], ())


def test_a_delta_whose_block_never_started_makes_one() -> None:
    _, message, journal = run(
        START, block_delta(2, "text_delta", text="Hi"), block_delta(1, "thinking_delta", thinking="Hm")
    )
    assert message["content"] == [{"type": "thinking", "thinking": "Hm"}, {"type": "text", "text": "Hi"}]
    assert kinds(journal) == ["unexpected_event", "unexpected_event", "truncated"]


def test_a_delta_behind_its_blocks_stop_is_applied_and_reported() -> None:
    _, message, journal = run(START, *text_block(0, "a"), block_delta(0, "text_delta", text="b"), ending(), STOP)
    assert message["content"][0]["text"] == "ab"
    assert kinds(journal) == ["unexpected_event"]


def test_a_stream_without_its_start_is_still_a_message() -> None:
    assembler, message, _ = run(*text_block(0, "Hi"), ending(), STOP)
    assert message["type"] == "message"
    assert message["usage"] == {"output_tokens": 20}
    assert assembler.complete


def test_members_without_a_place_are_kept() -> None:
    _, message, journal = run(
        {**START, "trace": "t"},
        {**block_start(0, type="text", text=""), "new": 1},
        {**block_delta(0, "text_delta", text="Hi", hint=2), "pad": "p", "nil": None},
        {**block_stop(0), "new": 3},
        {**ending(), "context_management": {"applied_edits": []}},
        {**STOP, METRICS: {"inputTokenCount": 5}, "new": 4},
    )
    assert message["event_extras"] == [
        {"event": "message_start", "trace": "t"},
        {"event": "content_block_start", "index": 0, "new": 1},
        {"event": "text_delta", "index": 0, "pad": "p", "hint": 2},
        {"event": "content_block_stop", "index": 0, "new": 3},
        {"event": "message_stop", "new": 4},
    ]
    assert message["context_management"] == {"applied_edits": []}
    assert message[METRICS] == {"inputTokenCount": 5}
    assert kinds(journal) == []


def test_message_deltas_add_up() -> None:
    first = {
        "type": "message_delta",
        "delta": {"stop_reason": "refusal", "stop_details": {"type": "refusal"}},
        "usage": None,
    }
    later = {
        "type": "message_delta",
        "delta": {"stop_reason": None, "content": ["x"]},
        "usage": {"output_tokens": 9, "input_tokens": 0},
    }
    _, message, _ = run(START, first, later, STOP)
    assert message["stop_reason"] == "refusal"
    assert message["stop_details"] == {"type": "refusal"}
    assert message["usage"] == {**USAGE, "output_tokens": 9}
    assert message["content"] == []
    assert message["event_extras"] == [{"event": "message_delta", "content": ["x"]}]


def test_a_message_delta_before_the_start_is_not_forgotten() -> None:
    _, message, _ = run(ending("refusal"), START, STOP)
    assert (message["id"], message["stop_reason"]) == ("msg_01", "refusal")
    assert message["usage"] == {**USAGE, "output_tokens": 20}


def test_a_fallback_block_names_the_model_that_answered() -> None:
    block = {"type": "fallback", "from": {"model": "claude-opus-4-8"}, "to": {"model": "claude-sonnet-4-6"}}
    _, message, _ = run(START, block_start(0, **block), block_stop(0), ending(), STOP)
    assert message["model"] == "claude-sonnet-4-6"
    assert message["content"] == [block]


def test_content_of_the_start_comes_first() -> None:
    start = {**START, "message": {**START["message"], "content": [{"type": "text", "text": "pre"}]}}  # type: ignore[dict-item]
    _, message, _ = run(start, *text_block(1, "Hi"), ending(), STOP)
    assert [block["text"] for block in message["content"]] == ["pre", "Hi"]


def test_nothing_gives_no_message() -> None:
    journal = Journal()
    assert MessageAssembler(journal).finish() is None
    assert kinds(journal) == ["truncated"]


def test_a_character_split_over_two_events_is_whole() -> None:
    _, message, _ = run(START, *text_block(0, "\ud83d", "\ude00"), ending(), STOP)
    assert message["content"][0]["text"] == "😀"
