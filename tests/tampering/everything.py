"""A record with something in every table that is evidence, and in every column of it that anything can stand in."""

import json
from collections.abc import Iterator
from pathlib import Path

from recorder.ledger.kinds import RecordKind
from recorder.model import Finding, Identity, SafeText
from recorder.store.choice import Choice
from recorder.store.database import open_writer
from recorder.store.keeping import Order
from recorder.store.rows import Closed, LeftOut, Limited, Opened, Provided, Routed, SentOn
from recorder.store.writer import Writer
from scripts import sample
from tests.store.conftest import Make
from tests.tampering.base import KEPT_EVERY, KEY, add_interaction, kept_every

NAMES = [f"{number:02x}" * 16 for number in range(3)]
SAID = {"role": "user", "content": "to be translated"}


def fill_all(path: Path) -> None:
    """Write sessions, agents, retries, tool calls, failures, secrets under two keys, erasures, holds, one call open."""
    with kept_every(KEPT_EVERY):
        _fill_all(path, Make())


def _fill_all(path: Path, make: Make) -> None:
    sample.fill(path, KEY)
    with open_writer(path) as db:
        store = Writer(db, key=KEY)
        store.write([make.event(RecordKind.START, run_id="run1", host="box", pid=1, version="0")])
        for number in range(12):
            add_interaction(store, make, number)
        placeholder = f"[REDACTED:github-pat:{NAMES[0]}]"
        secret = {"role": "user", "content": f"{placeholder} and [REDACTED:github-pat:{NAMES[1]}]"}
        called = sample.called("toolu_1", "Bash", command="env")
        found = tuple(Finding("github-pat", name) for name in NAMES[:2])
        talk = [secret, sample.said("assistant", called), sample.said("user", sample.gave("toolu_1", placeholder))]
        for number, messages in enumerate(([secret], talk)):
            body = json.dumps({"model": "m", "system": [{"type": "text", "text": "x"}], "messages": messages}).encode()
            name = f"secret{number}"
            store.write([make.cut(name, body, findings=found, session="secret"), make.closed(name)])
        store.write([make.event(RecordKind.KEY, links=[{"fingerprint": NAMES[2], "former": NAMES[0]}])])
        store.write(
            [make.event(RecordKind.HOLD, event="placed", id="h", choice={"users": ["ada"]}, by="c", reason="r")]
        )
        store.write([make.event(RecordKind.HOLD, event="released", id="h", by="c", reason="r")])
        for kind, choice, days in (
            (RecordKind.ERASURE, Choice(sessions=("s1",)), None),
            (RecordKind.ERASURE, Choice(texts=("Release notes",)), None),
            (RecordKind.RETENTION, Choice(sessions=("s2",)), 183),
        ):
            at_utc = "2026-12-01T00:00:00.000Z"
            order = Order(kind=kind, choice=choice, at_utc=at_utc, by="a", reason="b", days=days)
            assert store.erase(order).parts
        store.write([*_translated(make)])
        store.write([make.event(RecordKind.CRASH, run_id="run1", interactions=0)])


def _translated(make: Make) -> Iterator[Opened | Closed]:
    """A call that was routed, limited and put into another protocol, and one whose body could not be cut."""
    headers = ((SafeText("x-app"), SafeText("cli")),)
    sent = json.dumps(
        {
            "anthropic_version": "x",
            "system": [{"type": "text", "text": "s"}],
            "tools": [{"name": "t"}],
            "messages": [SAID],
        }
    ).encode()
    cut = sample.cut(sent)
    yield make.opened(
        "translated",
        [SAID],
        identity=Identity(session_id="s9", agent_id="a2", parent_agent_id="a1", agent_type="Explore", client="c"),
        team="core",
        branch="main",
        access_key="0123456789ab",
        user="ada",
        routed=Routed(
            policy="ab" * 32,
            rule="r",
            upstream="u",
            url=SafeText("https://u.example/x"),
            model=SafeText("m2"),
            protocol="bedrock-invoke",
            dropped=(LeftOut(SafeText("speed"), "not known there", 1),),
        ),
        limited=Limited(policy="ab" * 32, usd="0.01", input_tokens=5, output_tokens=7, notes=(SafeText("80 %"),)),
        sent=SentOn(
            headers=headers, bytes=len(sent), envelope=cut["envelope"], slots=cut["slots"], chains=cut["chains"]
        ),
        headers=headers,
    )
    said = make.part("answer", {"role": "assistant", "content": []}, "assistant")
    provided = Provided(status=200, headers=headers, request_id="q", bytes=9, answer=said)
    yield make.closed("translated", headers=headers, provided=provided, answer=said, status=200)
    raw = make.part("body", b"not JSON at all")
    yield make.opened("raw", body=raw, sent=SentOn(body=raw))
    yield make.closed("raw")
