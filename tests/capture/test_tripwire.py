"""Redaction that finds nothing: what the tripwire keeps out of the database, and what is recorded instead."""

from pathlib import Path

import pytest

from recorder.capture.desk import Desk
from recorder.capture.messages import Hello
from recorder.model import WITHHELD
from recorder.redact.pipeline import Pipeline
from recorder.store.contents import every_content
from recorder.store.database import open_reader
from recorder.store.queries import details, get_interaction, request_body
from tests.capture.test_desk import ANSWER, closing, opening
from tests.support.requests import dumps, message

TOKEN = "ghp_" + "Zk3vQ8mW1xR5tY7uB2nC4pL6sD9fG0hJa123"


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make redaction find nothing."""
    monkeypatch.setattr(Pipeline, "scan_of", lambda *_: [])


def everything(hello: Hello) -> bytes:
    path = Path(hello.db)
    files = [file.read_bytes() for file in path.parent.glob("records.db*")]
    return b"\0".join([*files, *(content for _, content in every_content(open_reader(path)))])


@pytest.mark.usefixtures("broken")
def test_a_canary_in_content_is_withheld(desk: Desk, hello: Hello) -> None:
    request = opening("a", message(f"the token is {TOKEN}"), 1)
    answer = closing("a", ANSWER.replace(b"done", TOKEN.encode()), 2)
    assert [ack.error for ack in desk.take([request, answer, opening("b", message("hi"), 3)])] == [None] * 3
    db = open_reader(Path(hello.db))
    found = details(db, "a")
    for body, kind in ((found.opened, "message"), (found.closed, "answer")):
        assert body["anomalies"] == [f"withheld: the tripwire found github-pat in a part of the kind {kind}"]
        assert [finding["kind"] for finding in body["findings"]] == [WITHHELD]
    row = get_interaction(db, "a")
    assert (row.state, row.session_id, row.model, row.output_tokens) == ("complete", "s", message("")["model"], 2)
    assert request_body(db, "b") == dumps(message("hi"))
    assert TOKEN.encode() not in everything(hello)


@pytest.mark.usefixtures("broken")
def test_a_canary_in_a_header_leaves_what_needs_no_scan(desk: Desk, hello: Hello) -> None:
    assert desk.take([opening("a", message("hi"), **{"user-agent": TOKEN})])[0].error is None
    (anomaly,) = details(open_reader(Path(hello.db)), "a").opened["anomalies"]
    assert anomaly == "withheld: the tripwire found github-pat among what is said about the exchange"
    assert TOKEN.encode() not in everything(hello)


def test_what_was_withheld_is_not_taken_for_stored(desk: Desk, hello: Hello, monkeypatch: pytest.MonkeyPatch) -> None:
    body = message(f"the token is {TOKEN}")
    with monkeypatch.context() as patch:
        patch.setattr(Pipeline, "scan_of", lambda *_: [])
        desk.take([opening("a", body)])
    assert desk.take([opening("b", body)])[0].error is None
    assert b"[REDACTED:github-pat:" in request_body(open_reader(Path(hello.db)), "b")
