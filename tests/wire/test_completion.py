import json
from typing import Any

from recorder.wire.completion import CompletionAssembler
from recorder.wire.journal import Delta, ErrorInfo, Journal


def run(*events: tuple[str, Any]) -> tuple[CompletionAssembler, dict[str, Any] | None, Journal]:
    journal = Journal()
    assembler = CompletionAssembler(journal)
    for at_us, (name, event) in enumerate(events):
        assembler.event(name, json.dumps(event), at_us)
    return assembler, assembler.finish(), journal


def piece(text: str, stop: str | None = None) -> tuple[str, dict[str, Any]]:
    return "completion", {
        "type": "completion",
        "id": "compl_1",
        "completion": text,
        "stop_reason": stop,
        "model": "claude-2.1",
    }


def test_pieces_add_up() -> None:
    assembler, answer, journal = run(piece(" He"), ("ping", {}), piece("llo"), piece("", "stop_sequence"))
    assert answer == {**piece(" Hello", "stop_sequence")[1]}
    assert assembler.complete
    assert journal.anomalies == ()
    assert journal.deltas[:3] == [Delta(0, "completion", 0, 3), Delta(1, "ping"), Delta(2, "completion", 0, 3)]


def test_a_cut_stream_keeps_its_text() -> None:
    assembler, answer, journal = run(piece("a"), ("new", {"x": 1}))
    assert answer is not None
    assert answer["completion"] == "a"
    assert answer["unknown_events"] == [{"event": "new", "data": {"x": 1}}]
    assert [anomaly.kind for anomaly in journal.anomalies] == ["unknown_event", "truncated"]
    assert not assembler.complete


def test_an_error_ends_it() -> None:
    assembler, answer, _ = run(piece("a", "stop_sequence"), ("error", {"error": {"type": "api_error", "message": "x"}}))
    assert assembler.error == ErrorInfo("api_error", "x")
    assert not assembler.complete
    assert answer is not None
    assert answer["error"] == {"type": "api_error", "message": "x"}


def test_nothing_is_nothing() -> None:
    assert run()[1] is None
