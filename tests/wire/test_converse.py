import json
from typing import Any

import pytest

from recorder.wire.converse import ConverseAssembler
from recorder.wire.journal import Delta, ErrorInfo, Journal

STREAM: list[tuple[str, dict[str, Any]]] = [
    ("messageStart", {"role": "assistant", "p": "abc"}),
    ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"reasoningContent": {"text": "Hm"}}, "p": "a"}),
    ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"reasoningContent": {"signature": "sig"}}}),
    ("contentBlockStop", {"contentBlockIndex": 0}),
    ("contentBlockDelta", {"contentBlockIndex": 1, "delta": {"text": "Hel"}}),
    ("contentBlockDelta", {"contentBlockIndex": 1, "delta": {"text": "lo"}}),
    ("contentBlockStop", {"contentBlockIndex": 1}),
    ("contentBlockStart", {"contentBlockIndex": 2, "start": {"toolUse": {"toolUseId": "tooluse_1", "name": "Bash"}}}),
    ("contentBlockDelta", {"contentBlockIndex": 2, "delta": {"toolUse": {"input": '{"a"'}}}),
    ("contentBlockDelta", {"contentBlockIndex": 2, "delta": {"toolUse": {"input": ":1}"}}}),
    ("contentBlockStop", {"contentBlockIndex": 2}),
    ("messageStop", {"stopReason": "tool_use"}),
    ("metadata", {"usage": {"inputTokens": 1, "outputTokens": 2}, "metrics": {"latencyMs": 5}}),
]


def run(*events: tuple[str, Any]) -> tuple[ConverseAssembler, dict[str, Any] | None, Journal]:
    journal = Journal()
    assembler = ConverseAssembler(journal)
    for at_us, (name, event) in enumerate(events):
        assembler.event(name, event if isinstance(event, str) else json.dumps(event), at_us)
    return assembler, assembler.finish(), journal


def test_a_stream_amounts_to_what_converse_would_have_answered() -> None:
    assembler, answer, journal = run(*STREAM)
    assert answer == {
        "output": {
            "message": {
                "role": "assistant",
                "content": [
                    {"reasoningContent": {"reasoningText": {"text": "Hm", "signature": "sig"}}},
                    {"text": "Hello"},
                    {"toolUse": {"toolUseId": "tooluse_1", "name": "Bash", "input": {"a": 1}}},
                ],
            }
        },
        "stopReason": "tool_use",
        "usage": {"inputTokens": 1, "outputTokens": 2},
        "metrics": {"latencyMs": 5},
    }
    assert assembler.complete
    assert journal.anomalies == ()
    assert journal.deltas[4:6] == [Delta(4, "contentBlockDelta", 1, 3), Delta(5, "contentBlockDelta", 1, 2)]


@pytest.mark.parametrize("events", range(1, len(STREAM)))
def test_a_stream_cut_anywhere_keeps_what_came(events: int) -> None:
    assembler, answer, journal = run(*STREAM[:events])
    assert answer is not None
    assert answer["output"]["message"]["role"] == "assistant"
    assert assembler.complete is (events == len(STREAM) - 1)
    assert journal.anomalies[0].kind == "truncated"
    if events == 9:
        assert answer["output"]["message"]["content"][2]["toolUse"] == {
            "toolUseId": "tooluse_1",
            "name": "Bash",
            "input": {},
            "partial_json": '{"a"',
        }


@pytest.mark.parametrize(
    ("name", "event", "kind"),
    [
        ("contentBlockDelta", {"contentBlockIndex": 1, "delta": {"citation": {"title": "x"}}}, "unknown_event"),
        ("contentBlockDelta", {"contentBlockIndex": 1, "delta": {"text": 5}}, "unknown_event"),
        ("contentBlockDelta", {"contentBlockIndex": 1, "delta": {"text": "a", "new": "b"}}, "unknown_event"),
        ("contentBlockStart", {"contentBlockIndex": 2, "start": {}}, "unknown_event"),
        ("contentBlockStart", {"contentBlockIndex": 9, "start": {"toolUse": 5}}, "unknown_event"),
        ("future", {"a": 1}, "unknown_event"),
        ("metadata", "{", "malformed_event"),
    ],
)
def test_what_cannot_be_applied_is_kept(name: str, event: Any, kind: str) -> None:
    _, answer, journal = run(*STREAM, (name, event))
    assert answer is not None
    content = {"text": event} if isinstance(event, str) else {"data": event}
    assert answer["unknown_events"] == [{"event": name, **content}]
    assert [anomaly.kind for anomaly in journal.anomalies] == [kind]


def test_an_exception_ends_the_answer() -> None:
    journal = Journal()
    assembler = ConverseAssembler(journal)
    assembler.event("messageStart", '{"role":"assistant"}', 1)
    assembler.fail(ErrorInfo("throttlingException", "slow"), 2)
    answer = assembler.finish()
    assert answer is not None
    assert answer["error"] == {"type": "throttlingException", "message": "slow"}
    assert not assembler.complete
    assert journal.anomalies == ()
