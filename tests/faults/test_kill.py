"""Proxy and writer are killed at any moment, with streams running: nothing that was acknowledged is lost.

What a client has seen is what the recorder acknowledged: the head of an answer comes after the record of its request,
the end of an answer after the record of the answer.
"""

import asyncio
import contextlib
import random
from pathlib import Path

import pytest

from recorder.config import APP
from recorder.demo.answers import Answer, Text
from recorder.demo.provider import Provider
from recorder.demo.requests import SeenRequest
from recorder.ledger.kinds import RecordKind
from recorder.ledger.verdict import Verdict
from recorder.store.database import open_reader
from recorder.store.queries import list_interactions, records
from tests.faults import workload
from tests.faults.counts import count
from tests.faults.nursery import Nursery, NurseryProcess
from tests.support.requests import dumps, headers, message
from tests.support.wire_client import WireClient

KILLS = count("kills", ci=10, full=1000)
TARGETS = ("writer", "both", "writer", "proxy")
STREAMS = 4
LONG = Text("the quick brown fox jumps over a lazy dog and goes on, as stories do, " * 20)
EVENTS = 120
"""Of an answer, at least."""
LONGEST_WAIT = 60
"""Seconds for what takes less than one, on a machine that has nothing else to do."""


class Streams:
    """Clients in the middle of streams; `seen` says of each session how much of its answer its client got."""

    def __init__(self, dice: random.Random) -> None:
        self.seen: dict[str, str] = {}
        self._dice = dice
        self._gate = asyncio.Event()
        self._begun = asyncio.Event()

    def answer(self, _request: SeenRequest) -> Answer:
        """Return an answer that waits somewhere in its middle, or none that waits."""
        at = self._dice.randrange(EVENTS)
        return Answer(blocks=(LONG,), gates={at: self._gate} if self._dice.random() < 0.8 else {})

    async def run(self, process: NurseryProcess, provider: Provider, number: int, target: str) -> None:
        """Run some streams, kill somewhere in them, let them go on."""
        self._gate, self._begun = asyncio.Event(), asyncio.Event()
        clients = [
            asyncio.create_task(self._one(process.url, provider.url, f"s{number}-{index}")) for index in range(STREAMS)
        ]
        if number % 8 < 6:  # else before it is known whether anything arrived
            await asyncio.wait_for(self._begun.wait(), LONGEST_WAIT)
        await asyncio.sleep(self._dice.random() * self._dice.choice([0.01, 0.1, 1.2]))  # the moment is the point
        process.kill(target)
        self._gate.set()
        await asyncio.wait_for(asyncio.gather(*clients), LONGEST_WAIT)

    async def _one(self, proxy: str, target: str, session: str) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            async with WireClient(proxy, f"{target}/v1/messages") as client:
                await client.send(dumps(message("hi")), headers(session))
                if (await client.head()).status == 200:
                    self.seen[session] = "opened"
                    self._begun.set()
                    received = await client.rest()
                    self.seen[session] = "closed" if received.complete else "opened"


def lost(states: dict[str | None, str], seen: dict[str, str]) -> list[str]:
    """Return the sessions of which a client has seen more than is on the record."""
    return [
        f"{session}: seen {much}, recorded {states.get(session)}"
        for session, much in seen.items()
        if session not in states or (much == "closed" and states[session] != "complete")
    ]


@pytest.mark.timeout(7200 if KILLS > 100 else 300)
async def test_nothing_acknowledged_is_lost_when_processes_are_killed(tmp_path: Path) -> None:
    dice = random.Random(KILLS)
    streams, number = Streams(dice), 0
    options = ("--set", "recorder_wait_seconds=120")
    with Nursery(tmp_path) as nursery:
        async with Provider(streams.answer) as provider:
            while number < KILLS:
                with NurseryProcess(tmp_path, nursery.path, *options) as process:
                    target = "writer"
                    while target == "writer" and number < KILLS:
                        target = TARGETS[number % len(TARGETS)]
                        await streams.run(process, provider, number, target)
                        number += 1
        with NurseryProcess(tmp_path, nursery.path):
            pass  # what was open is closed when the next one starts
    with open_reader(tmp_path / "records.db") as db:
        states = {row.session_id: row.state for row in list_interactions(db)}
        crashes = sum(record.kind is RecordKind.CRASH for record in records(db))
    assert lost(states, streams.seen) == []
    assert set(states.values()) <= {"complete", "aborted", "lost"}
    assert {"complete", "lost"} <= set(states.values())
    assert crashes == sum(TARGETS[number % len(TARGETS)] != "writer" for number in range(KILLS))
    found = workload.verified(tmp_path, tmp_path / "config" / APP)
    assert found.verdict is Verdict.OK, found.findings
