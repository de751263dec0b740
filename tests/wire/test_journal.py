from recorder.wire.anomaly import Anomaly
from recorder.wire.journal import MAX_ANOMALIES, UNKNOWN, Delta, Journal, read_event


def test_an_event_is_kept_with_its_place() -> None:
    journal = Journal()
    journal.keep_event(5, read_event("new", '{"a":1}'), "unknown_event", "why")
    journal.keep_event(6, read_event("odd", "[1]"), "malformed_event", "why")
    assert journal.unknown_events == [{"event": "new", "data": {"a": 1}}, {"event": "odd", "text": "[1]"}]
    assert journal.deltas == [Delta(5, UNKNOWN, 0, 7), Delta(6, UNKNOWN, 1, 3)]
    assert [(found.kind, found.raw) for found in journal.anomalies] == [
        ("unknown_event", b'{"a":1}'),
        ("malformed_event", b"[1]"),
    ]


def test_anomalies_beyond_the_limit_are_counted() -> None:
    journal = Journal()
    for _ in range(MAX_ANOMALIES + 3):
        journal.note("odd", "x")
    assert len(journal.anomalies) == MAX_ANOMALIES + 1
    assert journal.anomalies[-1] == Anomaly("more_anomalies", "3 more anomalies are not listed")
