"""Time in a room is its own alone, and after the measurement everything is as before."""

import pytest

from recorder.capture.desk import Desk
from recorder.redact import Redactor
from tests.bench import shares
from tests.bench.shares import Clock, clocked
from tests.support.redactors import fresh


def test_a_room_is_not_charged_for_the_rooms_that_it_enters(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([0, 10, 13, 20])
    monkeypatch.setattr(shares.time, "process_time_ns", lambda: next(times))
    clock = Clock()
    clock.enter("outer")
    clock.enter("inner")
    clock.leave()
    clock.leave()
    assert clock.busy_ns == {"outer": 17, "inner": 3}


def test_ways_are_timed_within_the_block_alone() -> None:
    before = Redactor.json, Desk.take
    redactor = fresh()
    with clocked() as clock:
        assert (Redactor.json, Desk.take) != before
        assert redactor.json(b"{}").value == b"{}"
        assert list(clock.busy_ns) == ["redaction"]
    assert (Redactor.json, Desk.take) == before
