"""Every way in which something is not on the record, and that what is whole is none."""

from datetime import datetime, timedelta

import pytest

from recorder.ledger.kinds import RecordKind
from recorder.model import WITHHELD, Finding, State
from recorder.store.gaps import find_gaps


@pytest.fixture
def started(store, make):
    store.write([make.event(RecordKind.START, run_id="run1", host="box", pid=1, version="0")])
    return store


def gaps(db, *alive):
    return [(gap.kind, gap.interaction, gap.requests, gap.reason) for gap in find_gaps(db, frozenset(alive))]


def test_nothing_is_missing(started, make, db):
    started.write([make.opened("a"), make.closed("a"), make.opened("b"), make.closed("b", State.FAILED, status=529)])
    assert gaps(db, "run1") == []
    started.write([make.event(RecordKind.STOP, run_id="run1")])
    assert gaps(db) == []


@pytest.mark.parametrize("state", [State.ABORTED, State.LOST, State.BLOCKED])
def test_answers_that_are_not_whole(started, make, db, state):
    started.write([make.opened("a"), make.closed("a", state, reason="why", response_bytes=77)])
    (gap,) = find_gaps(db, frozenset({"run1"}))
    assert (gap.kind, gap.reason, gap.bytes, gap.seconds, gap.run_id) == (state.value, "why", 77, 1.0, "run1")


@pytest.mark.parametrize(("policy", "kind"), [("pass", "unrecorded"), ("block", "blocked")])
def test_what_went_by_unrecorded(started, make, db, policy, kind):
    started.write(
        [make.event(RecordKind.GAP, run_id="run1", interaction="x", side="request", policy=policy, reason="r")]
    )
    assert gaps(db, "run1") == [(kind, "x", 1, "r")]


def test_a_gap_that_names_several_is_several(started, make, db):
    body = {"interaction": "x", "others": {"y": 61_500, "z": -1}, "side": "request", "policy": "block", "reason": "r"}
    row = make.event(RecordKind.GAP, run_id="run1", **body)
    started.write([row])
    found = {gap.interaction: gap for gap in find_gaps(db, frozenset({"run1"}))}
    assert {id_: (gap.kind, gap.requests, gap.reason, gap.seq) for id_, gap in found.items()} == dict.fromkeys(
        "xyz", ("blocked", 1, "r", 2)
    )
    began = datetime.fromisoformat(row.at_utc)
    after = {id_: datetime.fromisoformat(gap.since_utc) - began for id_, gap in found.items()}
    assert after == {"x": timedelta(), "y": timedelta(seconds=61.5), "z": timedelta(milliseconds=-1)}
    assert all(gap.since_utc == gap.until_utc and len(gap.since_utc) == len(row.at_utc) for gap in found.values())


def test_content_that_was_withheld(started, make, db):
    findings, anomalies = (Finding(WITHHELD),), ("withheld: a detector hung",)
    started.write([make.opened("a", findings=findings, anomalies=anomalies), make.closed("a", findings=findings)])
    assert gaps(db, "run1") == [
        ("withheld", "a", 1, "content of the request withheld: a detector hung"),
        ("withheld", "a", 1, "content of the answer withheld"),
    ]


def test_a_crash_is_a_gap_since_the_last_sign_of_life(started, make, db):
    started.write([make.opened("a"), make.closed("a", State.LOST, reason="crash")])
    started.write([make.event(RecordKind.CRASH, run_id="run1", interactions=1)])
    assert [(gap.kind, gap.requests, gap.seconds) for gap in find_gaps(db)] == [("lost", 1, 1.0), ("crash", 1, 1.0)]


def test_an_end_that_nobody_found_yet(started, make, db):
    opened = make.opened("a")
    started.write([opened, make.closed("a")])
    (gap,) = find_gaps(db)
    assert (gap.kind, gap.since_utc, gap.until_utc, gap.seconds) == ("unclean end", opened.at_utc, None, None)


@pytest.mark.parametrize("kind", [RecordKind.DISCREPANCY, RecordKind.REFUSED])
def test_what_else_the_record_admits(started, make, db, kind):
    started.write([make.event(kind, run_id="run1", reason="r")])
    assert gaps(db, "run1") == [(kind.value, None, 0, "r")]
