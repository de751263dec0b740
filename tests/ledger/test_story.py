"""What records say, put together."""

import json
from typing import Any

import pytest

from recorder.ledger.checkpoint import Checkpoint
from recorder.ledger.note import SigningKey
from recorder.ledger.story import Announced, Story
from recorder.ledger.verdict import Findings, Verdict

KEY = SigningKey(bytes(32))


brought: list[tuple[object, ...]] = []


def told(*records: tuple[str, dict[str, Any]], at: tuple[str, ...] = ()) -> tuple[Story, list[Verdict]]:
    found = Findings()
    brought.clear()
    story = Story([KEY.verifier("log")], found, lambda seq, parts: brought.append((seq, *parts)))
    for seq, (kind, body) in enumerate(records, 1):
        at_utc = at[seq - 1] if at else "2026-11-24T00:00:00.000Z"
        story.record(seq, kind.encode(), at_utc.encode(), json.dumps(body).encode())
    story.finish()
    return story, [finding.verdict for finding in found.shown]


START = ("start", {"run_id": "r"})
STOP = ("stop", {"run_id": "r"})


def opened(id_: str = "a", **more: Any) -> tuple[str, dict[str, Any]]:
    return "opened", {"id": id_, "run_id": "r", **more}


def closed(id_: str = "a", **more: Any) -> tuple[str, dict[str, Any]]:
    return "closed", {"id": id_, **more}


def test_a_whole_story() -> None:
    assert told(START, opened(), closed(), STOP)[1] == []


def test_what_is_open_while_its_recorder_is_at_work_is_no_gap() -> None:
    assert told(START, opened())[1] == []
    assert told(START, opened(), STOP)[1] == [Verdict.GAP]
    assert told(START, opened(), ("crash", {"run_id": "r"}))[1] == [Verdict.GAP]
    assert told(opened())[1] == [Verdict.GAP]


@pytest.mark.parametrize(
    "records", [[opened(), opened()], [opened(), closed(), opened()], [closed()], [opened(), closed(), closed()]]
)
def test_halves_that_do_not_pair(records: list[tuple[str, dict[str, Any]]]) -> None:
    assert told(START, *records)[1] == [Verdict.MODIFIED]


@pytest.mark.parametrize(
    ("reason", "verdict"),
    [
        ("unsigned", Verdict.UNSIGNED),
        ("cut", Verdict.TRUNCATED),
        ("replaced", Verdict.TRUNCATED),
        ("forked", Verdict.FORKED),
        ("damaged", Verdict.MODIFIED),
        ("other key", Verdict.WRONG_KEY),
    ],
)
def test_what_the_recorder_noticed_is_said_again(reason: str, verdict: Verdict) -> None:
    assert told(("discrepancy", {"reason": reason}))[1] == [verdict]


def test_another_recorders_key_is_no_finding_when_it_is_trusted() -> None:
    for key, verdicts in ((KEY, []), (SigningKey(bytes(range(32))), [Verdict.WRONG_KEY])):
        note = Checkpoint("log", 1, bytes(32)).signed(key)
        assert told(("discrepancy", {"reason": "other key", "checkpoint": note}))[1] == verdicts


def test_gaps_are_findings() -> None:
    assert told(("gap", {"reason": "disk full"}))[1] == [Verdict.GAP]
    assert told(("gap", {"reason": "disk full", "interaction": "a", "others": {"b": 1}}))[1] == [Verdict.GAP]


@pytest.mark.parametrize(
    ("kind", "body"), [("opened", {}), ("opened", {"id": 1}), ("nonsense", {}), ("gap", {"reason": 1})]
)
def test_what_has_not_the_form_of_a_record(kind: str, body: dict[str, Any]) -> None:
    assert told((kind, body))[1] == [Verdict.MODIFIED]


def test_parts_are_told() -> None:
    part = {"kind": "answer", "role": "assistant", "bytes": 3, "commitment": "aa"}
    headers = {"kind": "headers", "bytes": 2, "commitment": "bb"}
    told(START, opened(parts=[headers]), closed(parts=[part]))
    assert brought == [(2, Announced("headers", 2, "bb")), (3, Announced("answer", 3, "aa", "assistant"))]


def test_a_clock_that_was_set_back() -> None:
    at = (
        "2026-11-24T12:00:00.000Z",
        "2026-11-24T11:30:00.000Z",
        "2026-11-24T10:59:59.999Z",
        "2026-11-24T12:00:01.000Z",
    )
    story, verdicts = told(*[("gap", {})] * 4, at=at)
    assert story.clock_set_back == [3]
    assert verdicts == [Verdict.GAP] * 4
