"""The limits addon in the recorder's own proxy: who may go, who waits, what the client and the record are told."""

import asyncio
import json
import signal
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from recorder.demo.answers import Answer, Text, Tokens
from recorder.demo.provider import Provider
from recorder.store.database import open_reader
from recorder.store.queries import records
from recorder.store.results import InteractionRow
from tests.support.recorder_process import RecorderProcess
from tests.support.requests import headers, message
from tests.support.wire_client import WireClient, post

COST = Decimal("0.1")
"""Haiku 4.5: 5 USD a million of output, so 20,000 tokens."""
ANSWER = Answer(blocks=(Text("Hello."),), tokens=Tokens(input=0, output=20_000))


def always(_request: object) -> Answer:
    return ANSWER


class Limited(RecorderProcess):
    """A recorder in front of a provider, with limits."""

    def __init__(self, home: Path, text: str, upstream: str, **env: str) -> None:
        home.mkdir(exist_ok=True)
        self.config = home / "recorder.toml"
        self.config.write_text(text)
        words = ("--limit", "--set", f"recorder_config={self.config}")
        super().__init__(home, *words, mode=f"reverse:{upstream}@127.0.0.1:0", env=env)

    def rows(self, state: str) -> list[InteractionRow]:
        return self.interactions(state=state)

    def left_over(self) -> list[tuple[object, ...]]:
        db = open_reader(self.db)
        try:
            return db.execute("SELECT * FROM reservations").fetchall()
        finally:
            db.close()


def ask(process: RecorderProcess, session: str = "s", **fields: object):
    body = message("hi", max_tokens=20_000, **fields)
    return post(process.url, "/v1/messages", body, headers(session, Host="127.0.0.1"))


async def test_a_budget_runs_out(tmp_path: Path) -> None:
    text = '[[budget]]\nname = "daily"\nusd = 0.25\nwindow = "day"\nwarn = [0.3]\n'
    async with Provider(always) as provider:
        with Limited(tmp_path, text, provider.url) as process:
            for _ in range(2):
                assert (await ask(process)).status == 200
            refused = await ask(process)
            assert refused.status == 402
            assert refused.headers["x-should-retry"] == "false"
            error = json.loads(refused.body)["error"]
            assert error["type"] == "billing_error"
            assert "Budget 'daily' has not enough left: 0.20 USD of 0.25 USD spent today" in error["message"]
            assert "It starts again at 20" in error["message"]
            assert len(provider.model_calls) == 2
            (blocked,) = process.rows("blocked")
            assert blocked.cost_usd is None
            notes = [row.limit_note for row in reversed(process.rows("complete"))]
            assert notes == [None, "budget daily: 40% of 0.25 USD spent today"]
            assert process.left_over() == []


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/v1/messages", 402, "billing_error"),
        ("/model/us.anthropic.claude-haiku-4-5-20251001-v1%3A0/invoke", 409, "ServiceQuotaExceededException"),
        (
            "/v1/projects/p/locations/us-east5/publishers/anthropic/models/claude-haiku-4-5@20251001:rawPredict",
            409,
            "billing_error",
        ),
    ],
)
async def test_a_refusal_speaks_the_protocol(tmp_path: Path, path: str, status: int, kind: str) -> None:
    text = '[[budget]]\nname = "one"\nrequests = 1\nwindow = "month"\nzone = "Europe/Berlin"\n'
    async with Provider(always) as provider:
        with Limited(tmp_path, text, provider.url) as process:
            fields = headers("s", Host="127.0.0.1")
            assert (await post(process.url, path, message("hi", stream=False), fields)).status == 200
            refused = await post(process.url, path, message("hi", stream=False), fields)
            assert (refused.status, refused.headers["x-should-retry"]) == (status, "false")
            body = json.loads(refused.body)
            said = body["message"] if "message" in body else body["error"]["message"]
            assert refused.headers.get("x-amzn-errortype", body.get("error", {}).get("type")) == kind
            assert said.startswith(
                "Budget 'one' is used up: 1 requests of 1 requests spent this month. It starts again"
            )
            assert "00:00 CE" in said


async def test_fifty_at_once_do_not_overshoot(tmp_path: Path) -> None:
    """Ten fit, whatever all of them hold at most; the others are told so. The provider answers when all have asked."""
    gate = asyncio.Event()
    held = Answer(blocks=ANSWER.blocks, tokens=ANSWER.tokens, gates={-1: gate})
    text = '[[budget]]\nname = "b"\nusd = 1.0\nwindow = "hour"\nwait_seconds = 1\n'
    async with Provider(lambda _: held) as provider:
        with Limited(tmp_path, text, provider.url) as process:
            asking = [asyncio.create_task(ask(process, f"s{number}")) for number in range(50)]
            done, _ = await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED)
            assert {task.result().status for task in done} == {402}
            assert b"requests under way" in next(iter(done)).result().body
            gate.set()
            answers = await asyncio.gather(*asking)
            spent = sum((Decimal(row.cost_usd or 0) for row in process.rows("complete")), Decimal(0))
            sent = [answer for answer in answers if answer.status == 200]
            assert len(provider.model_calls) == len(sent) == 9
            assert Decimal("0.8") < spent <= 1
            assert process.left_over() == []


async def test_who_waits_goes_on_when_less_was_used(tmp_path: Path) -> None:
    """What is held at most does not fit three times; what is used does."""
    gate = asyncio.Event()
    little = Answer(blocks=ANSWER.blocks, tokens=Tokens(input=0, output=100), gates={-1: gate})
    text = '[[budget]]\nname = "b"\nusd = 0.25\nwindow = "7 days"\n'
    async with Provider(lambda _: little) as provider:
        with Limited(tmp_path, text, provider.url) as process:
            asking = [asyncio.create_task(ask(process, f"s{number}")) for number in range(3)]
            await provider_has(provider, 2)
            gate.set()
            assert {answer.status for answer in await asyncio.gather(*asking)} == {200}
            notes = [row.limit_note for row in process.interactions() if row.limit_note]
            assert all(note.endswith(" s for requests under way") for note in notes)
            assert len(notes) >= 1


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for what another program does: it is seen by looking."""
    for _ in range(6000):
        if is_so():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen within a minute")


async def provider_has(provider: Provider, count: int) -> None:
    await until(lambda: len(provider.model_calls) >= count)


async def test_two_recorders_share_a_budget(tmp_path: Path) -> None:
    text = '[[budget]]\nname = "b"\nrequests = 5\neach = "user"\nwindow = "day"\n'
    async with Provider(always) as provider:
        with Limited(tmp_path, text, provider.url) as one, Limited(tmp_path, text, provider.url) as two:
            answers = await asyncio.gather(*(ask(process) for process in (one, two) for _ in range(6)))
            assert sorted(answer.status for answer in answers) == [200] * 5 + [402] * 7
            assert len(provider.model_calls) == 5


async def test_two_recorders_share_a_rate(tmp_path: Path) -> None:
    text = '[[rate]]\nname = "r"\nrequests_per_minute = 6\nwait_seconds = 0\n'
    async with Provider(always) as provider:
        with Limited(tmp_path, text, provider.url) as one, Limited(tmp_path, text, provider.url) as two:
            answers = await asyncio.gather(*(ask(process) for process in (one, two) for _ in range(6)))
            passed = [answer.status for answer in answers].count(200)
            assert 6 <= passed <= 8  # each ten seconds there is room for one more; apart they would let all go
            assert len(provider.model_calls) == passed
            assert sorted({answer.status for answer in answers}) == [200, 429]


async def test_a_budget_outlives_its_recorder_and_what_it_left_open(tmp_path: Path) -> None:
    """Killed in mid-answer: the call is found lost, and counts with what was expected of it."""
    gate = asyncio.Event()
    text = '[[budget]]\nname = "b"\nrequests = 2\nwindow = "day"\nwait_seconds = 1\n'
    script = iter([ANSWER, Answer(blocks=ANSWER.blocks, gates={-1: gate})])
    async with Provider(lambda _: next(script)) as provider:
        with Limited(tmp_path, text, provider.url) as process:
            assert (await ask(process)).status == 200
            asking = asyncio.create_task(ask(process))
            await provider_has(provider, 2)
            process.stop(signal.SIGKILL)
            await asyncio.gather(asking, return_exceptions=True)
        gate.set()
        with Limited(tmp_path, text, provider.url) as process:
            refused = await ask(process)
            assert refused.status == 402
            assert b"2 requests of 2 requests" in refused.body
            await until(lambda: process.left_over() == [])  # what was left open is found while others are answered
            assert len(provider.model_calls) == 2


async def test_a_rate_makes_wait_and_then_refuses(tmp_path: Path) -> None:
    text = '[[rate]]\nname = "r"\nrequests_per_minute = 60\nwait_seconds = 3\n'
    async with Provider(always) as provider:
        with Limited(tmp_path, text, provider.url) as process:
            answers = await asyncio.gather(*(ask(process) for _ in range(80)))
            refused = [answer for answer in answers if answer.status == 429]
            assert refused
            assert len(refused) + len(provider.model_calls) == 80
            assert 60 < len(provider.model_calls) < 80
            assert all(int(answer.headers["retry-after"]) >= 4 for answer in refused)
            assert b"rate_limit_error" in refused[0].body
            assert b"Rate 'r' allows 60 requests a minute" in refused[0].body
            assert any("for rate r" in (row.limit_note or "") for row in process.rows("complete"))


async def test_streams_at_once(tmp_path: Path) -> None:
    gate = asyncio.Event()
    held = Answer(blocks=ANSWER.blocks, gates={2: gate})
    text = '[[rate]]\nname = "two"\nstreams = 2\neach = "session"\n'
    async with Provider(lambda _: held) as provider:
        with Limited(tmp_path, text, provider.url) as process:
            asking = [asyncio.create_task(ask(process)) for _ in range(5)]
            await provider_has(provider, 2)
            other = asyncio.create_task(ask(process, "other"))
            await provider_has(provider, 3)
            assert len(process.left_over()) == 3
            gate.set()
            assert {answer.status for answer in await asyncio.gather(*asking, other)} == {200}
            assert process.left_over() == []


async def test_a_client_that_leaves_gives_back(tmp_path: Path) -> None:
    gate = asyncio.Event()
    held = Answer(blocks=ANSWER.blocks, gates={2: gate})
    text = '[[rate]]\nname = "one"\nstreams = 1\n[[rate]]\nname = "r"\nrequests_per_minute = 2\nwait_seconds = 300\n'
    async with Provider(lambda _: held) as provider:
        with Limited(tmp_path, text, provider.url) as process:
            first = asyncio.create_task(ask(process))
            await provider_has(provider, 1)
            async with WireClient(process.url, "/v1/messages") as client:
                await client.send(json.dumps(message("hi")).encode(), headers("gone", Host="127.0.0.1"))
                client.writer.write_eof()
                row = await process.closed("gone")
            assert (row.state, row.reserved_usd, row.limit_note) == ("aborted", "0", "its client left while it waited")
            gate.set()
            assert (await first).status == 200
            assert (await ask(process)).status == 200
            assert len(provider.model_calls) == 2
            assert process.left_over() == []


async def test_a_change_of_the_file(tmp_path: Path) -> None:
    async with Provider(always) as provider:
        with Limited(tmp_path, '[[budget]]\nname = "b"\nrequests = 1\nwindow = "day"\n', provider.url) as process:
            assert (await ask(process)).status == 200
            assert (await ask(process)).status == 402
            process.config.write_text('[[budget]]\nname = "b"\nrequests = "two"\nwindow = "day"\n')
            await until(lambda: "the limits in force stay: " in process.errors)
            assert f"{process.config}:3: [[budget]] number 1 requests: 'two' is not a whole number" in process.errors
            assert (await ask(process)).status == 402
            process.config.write_text('[[budget]]\nname = "b"\nrequests = 2\nwindow = "day"\n')
            await noted(process, 2)
            assert (await ask(process)).status == 200
            changes = [record.body for record in records(open_reader(process.db)) if record.kind == "config"]
            assert [change["changed"] for change in changes] == ["budget b", "budget b"]
            assert changes[0]["policy"] != changes[1]["policy"]


async def noted(process: RecorderProcess, count: int) -> None:
    await until(lambda: sum(record.kind == "config" for record in records(open_reader(process.db))) >= count)


async def test_a_model_without_a_price(tmp_path: Path) -> None:
    text = '[[budget]]\nname = "b"\nusd = 10\nwindow = "day"\n'
    async with Provider(always) as provider:
        with Limited(tmp_path, text, provider.url) as process:
            refused = await ask(process, model="our-own")
            assert refused.status == 402
            assert b"cannot count model our-own, whose price is not known. Name what it stands for" in refused.body
            process.config.write_text(text + "unpriced = 6\n")
            await noted(process, 2)
            assert (await ask(process, model="our-own")).status == 200
            assert b"6.00 USD of 10.00 USD spent today" in (await ask(process, model="our-own")).body


async def test_nothing_configured_is_nothing_touched(tmp_path: Path) -> None:
    async with Provider(always) as provider:
        with Limited(tmp_path, "", provider.url) as process:
            assert (await ask(process)).status == 200
            (opened,) = [record for record in records(open_reader(process.db)) if record.kind == "opened"]
            assert "limited" not in opened.body


async def test_those_who_wait_go_when_the_limit_is_raised_or_taken_away(tmp_path: Path) -> None:
    """What runs goes on, under whichever limits it was let in, and is settled by those that are there when it ends."""
    gate = asyncio.Event()
    held = Answer(blocks=ANSWER.blocks, tokens=ANSWER.tokens, gates={-1: gate})
    text = '[[budget]]\nname = "b"\noutput_tokens = {}\nwindow = "day"\n'
    async with Provider(lambda _: held) as provider:
        with Limited(tmp_path, text.format(25_000), provider.url) as process:
            asking = [asyncio.create_task(ask(process, f"s{number}")) for number in range(3)]
            await until(lambda: len(provider.model_calls) == len(process.left_over()) == 1)
            process.config.write_text(text.format(45_000))
            await provider_has(provider, 2)
            process.config.write_text("")
            await provider_has(provider, 3)
            process.config.write_text(text.format(30_000).replace('"b"', '"lower"'))
            await noted(process, 4)
            gate.set()
            assert {answer.status for answer in await asyncio.gather(*asking)} == {200}
            refused = await ask(process)
            assert refused.status == 402
            assert (
                b"Budget 'lower' is used up: 60,000 output tokens of 30,000 output tokens spent today" in refused.body
            )
            assert process.left_over() == []
