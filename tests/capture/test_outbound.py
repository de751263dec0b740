"""Secrets that are about to leave: what the writer notes of them, and when a request is refused for it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest

from recorder.capture import recall
from recorder.capture.desk import Desk
from recorder.capture.frames import Frame
from recorder.capture.messages import Ack, Hello
from recorder.capture.outbound import placed, refusal
from recorder.config import RedactSettings
from recorder.model import OutboundSecret
from recorder.redact.pipeline import Pipeline
from recorder.store.database import open_reader
from recorder.store.queries import details, follow
from tests.capture.test_desk import TARGET, opening, turn
from tests.support.requests import message

TOKEN = "ghp_" + "Zk3vQ8mW1xR5tY7uB2nC4pL6sD9fG0hJa123"
KIND = "github-pat"


@pytest.fixture(autouse=True)
def short_beginnings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take small bodies for turns of one conversation, as large ones are."""
    monkeypatch.setattr(recall, "_TELLING_BYTES", 8)


type Ask = Callable[[str, Any], Ack]


@pytest.fixture
def ask(hello: Hello) -> Callable[[Literal["off", "warn", "block"]], Ask]:
    """Start a writer with that setting; gives what asks it about a body."""

    def start(outbound: Literal["off", "warn", "block"]) -> Ask:
        desk = Desk(msgspec.structs.replace(hello, redact=RedactSettings(outbound=outbound)))
        desk.sit_down()
        return lambda id_, body: desk.take([opening(id_, body)])[0]

    return start


def places(ack: Ack) -> list[str]:
    assert all(secret.kind == KIND for secret in ack.outbound)
    return [secret.place for secret in ack.outbound]


def test_nothing_is_noted_unless_asked_for(ask: Any, hello: Hello) -> None:
    assert ask("off")("a", message(TOKEN)).outbound == ()
    assert "outbound" not in details(open_reader(Path(hello.db)), "a").opened


def test_a_warning_is_about_what_is_new(ask: Any, hello: Hello) -> None:
    warn = ask("warn")
    assert places(warn("a", turn("hi", f"it is {TOKEN}"))) == ["messages[1].content[0].text"]
    assert places(warn("b", turn("hi", f"it is {TOKEN}", "go on"))) == []
    assert places(warn("c", turn("hi", f"it is {TOKEN}", "go on", f"and {TOKEN}"))) == ["messages[3].content[0].text"]
    db = open_reader(Path(hello.db))
    noted = {"kind": KIND, "place": "messages[1].content[0].text"}
    assert details(db, "a").opened["outbound"] == [noted]
    assert [len(event.outbound) for event in follow(db, 0)] == [1, 0, 1]


def test_a_block_is_about_all_that_the_body_has(ask: Any) -> None:
    block = ask("block")
    for name, texts in (("a", (TOKEN,)), ("b", (TOKEN, "go on")), ("c", (TOKEN, "go on", "more"))):
        assert places(block(name, turn(*texts))) == ["messages[0].content[0].text"]
    assert places(block("d", turn("hi", "go on"))) == []


def test_every_part_of_a_body_is_looked_at(ask: Any) -> None:
    body = message("hi") | {
        "system": [{"type": "text", "text": TOKEN}],
        "tools": [{"name": "a"}, {"name": "b", "description": TOKEN}],
        "metadata": {"note": TOKEN},
    }
    assert sorted(places(ask("warn")("a", body))) == ["metadata.note", "system[0].text", "tools[1].description"]


def test_a_body_that_is_no_json(ask: Any) -> None:
    # Behind the token there is more: what a text ends with may be the beginning of a longer key, and is named so.
    assert places(ask("warn")("a", f"this is {TOKEN} indeed".encode())) == ["the body"]


def test_a_call_around_model_calls_is_searched_and_not_stored(hello: Hello) -> None:
    desk = Desk(msgspec.structs.replace(hello, redact=RedactSettings(outbound="block")))
    desk.sit_down()
    target = msgspec.structs.replace(TARGET, path="/v1/messages/count_tokens")
    frame = opening("a", message(TOKEN))
    frame = Frame(0, msgspec.structs.replace(frame.message, target=target), frame.body)
    (ack,) = desk.take([frame])
    assert places(ack) == ["messages[0].content[0].text"]
    assert "envelope" not in details(open_reader(Path(hello.db)), "a").opened


def test_what_could_not_be_searched_is_told(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError

    block = ask("block")
    assert not block("a", message("hi")).unchecked
    monkeypatch.setattr(Pipeline, "_scan", fail)
    assert block("b", message("something else")).unchecked


def test_a_refusal_names_kinds_places_and_remedies() -> None:
    secrets = [OutboundSecret(KIND, f"messages[{at}].content") for at in range(5)]
    said = refusal(secrets)
    assert "github-pat at messages[0].content, " in said
    assert "and 2 more" in said
    assert "/clear" in said
    assert "allow" in said


def test_places_in_a_request() -> None:
    assert placed([OutboundSecret("x", ".a")], "") == (OutboundSecret("x", "a"),)
    assert placed([OutboundSecret("x", "")], "") == (OutboundSecret("x", "the body"),)
    assert placed([OutboundSecret("x", "[1]")], "system[0]") == (OutboundSecret("x", "system[0][1]"),)
