"""A day of heavy use in minutes: memory and open files stay where they were, and all of it is on the record.

Conversations grow and end, new ones begin; clients leave in the middle, providers fail, bodies are large now and then,
secrets come by. What a recorder keeps of each would show.
"""

import asyncio
import contextlib
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from recorder.config import APP
from recorder.demo.answers import Answer, Failure, Text
from recorder.demo.provider import Provider
from recorder.demo.secret import made_up_github_token
from recorder.ledger.verdict import Verdict
from recorder.store.database import open_reader
from tests.bench.machine import memory_mb
from tests.faults import workload
from tests.faults.counts import count
from tests.support.recorder_process import RecorderProcess
from tests.support.requests import dumps, headers, message
from tests.support.wire_client import WireClient

CALLS = count("interactions of a soak", ci=600, full=24_000)
"""In full: a thousand an hour for a day."""
CLIENTS = 8
TURNS = 20
WORDS = "the quick brown fox jumps over a lazy dog and goes on, as stories do, "
LOOKS = 12
SETTLED = 4
"""After so many of the looks everything has been used once: buffers, caches, the allocator's arenas."""
GROWTH_MB = 24
"""A leak of 2 KB an interaction is twice that in a full run; an allocator's whims are less."""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


class Look:
    """What a process holds at one moment."""

    def __init__(self, pid: int) -> None:
        self.memory_mb = memory_mb(pid) or 0.0
        self.files = len(list(Path(f"/proc/{pid}/fd").iterdir()))


def answer(dice: random.Random) -> Answer:
    """Answer as providers do: mostly well."""
    fate = dice.random()
    if fate < 0.03:
        return Answer(status=529, failure=Failure())
    if fate < 0.06:
        return Answer(blocks=(Text(WORDS * 20),), abort_at=30)
    return Answer(blocks=(Text(WORDS * dice.choice([1, 4, 16])),))


class Users:
    """Clients that talk, one conversation after the other; `asked` counts their calls."""

    def __init__(self, proxy: str, target: str, dice: random.Random) -> None:
        self.asked = 0
        self._urls = proxy, f"{target}/v1/messages"
        self._dice = dice

    async def talk(self, calls: int) -> None:
        """Make so many calls."""
        done = iter(range(calls))
        await asyncio.gather(*(self._one(number, done) for number in range(CLIENTS)))

    async def _one(self, number: int, calls: Iterator[int]) -> None:
        while True:
            session, words = f"{number}-{self.asked}", [WORDS]
            for _ in range(TURNS):
                if next(calls, None) is None:
                    return
                self.asked += 1
                await self._call(session, words)
                words.append(self._more())

    async def _call(self, session: str, words: list[str]) -> None:
        messages = [{"role": ("user", "assistant")[at % 2], "content": text} for at, text in enumerate(words)]
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            async with WireClient(*self._urls) as client:
                await client.send(dumps(message("") | {"messages": messages}), headers(session))
                await client.head()
                if self._dice.random() < 0.05:
                    return  # leaves in the middle
                await client.rest()

    def _more(self) -> str:
        size = self._dice.choice([1, 10, 10, 100, 1000 if self._dice.random() < 0.2 else 5])
        token = made_up_github_token(str(self._dice.random())) if self._dice.random() < 0.2 else ""
        return f"{self._dice.random()} {token} {WORDS * size}"


@pytest.mark.timeout(3600 if CALLS > 5000 else 300)
async def test_memory_and_files_stay_where_they_were(tmp_path: Path) -> None:
    looks: dict[str, list[Look]] = {"proxy": [], "writer": []}
    with RecorderProcess(tmp_path) as process:
        dice = random.Random(CALLS)
        async with Provider(lambda _: answer(dice)) as provider:
            users = Users(process.url, provider.url, dice)
            for _ in range(LOOKS):
                await users.talk(CALLS // LOOKS)
                provider.exchanges.clear()
                for name, pid in (("proxy", process.process.pid), ("writer", _child(process.process.pid))):
                    looks[name].append(Look(pid))
    for name, seen in looks.items():
        told = name, [(round(look.memory_mb), look.files) for look in seen]
        rest, settled = seen[SETTLED:], seen[SETTLED - 1]
        assert max(look.memory_mb for look in rest) < settled.memory_mb + GROWTH_MB, told
        # Sockets of clients that left a moment ago may still be there.
        assert max(look.files for look in rest) <= settled.files + CLIENTS, told
    with open_reader(tmp_path / "records.db") as db:
        (recorded,) = db.execute("SELECT count(*) FROM interactions WHERE state != 'open'").fetchone()
    assert recorded == users.asked
    found = workload.verified(tmp_path, tmp_path / "config" / APP)
    assert found.verdict is Verdict.OK, found.findings


def _child(pid: int) -> int:
    """Return the recorder's only child, its writer."""
    (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(child)
