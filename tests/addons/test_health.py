"""Upstreams that stand in for each other, in the recorder's own proxy: what a client notices, and what it does not."""

import asyncio
import contextlib
import json
from pathlib import Path

import msgspec

from recorder.demo.answers import Answer, Failure, Text, in_order
from recorder.demo.provider import Provider
from recorder.routing.health import read_health
from recorder.store.database import open_reader
from recorder.store.queries import records
from tests.addons.test_route import Routed, upstream
from tests.addons.test_status import command as status
from tests.support.recorder_process import RecorderProcess
from tests.support.requests import headers, message
from tests.support.wire_client import Received, post

HELLO = Answer(blocks=(Text("Hello."),))
FULL = Answer(status=529, failure=Failure("overloaded_error", "Overloaded"), headers=(("retry-after", "600"),))
BRIEFLY_FULL = msgspec.structs.replace(FULL, headers=(("retry-after", "1"),))


def always(_request: object) -> Answer:
    return HELLO


def overloaded(_request: object) -> Answer:
    return FULL


def rule(name: str, to: str, *lines: str) -> str:
    return "\n".join([f'[[route]]\nname = "{name}"\nto = {to}\nwhen.header = {{ x-case = "{name}" }}', *lines, ""])


def fields(case: str, session: str) -> dict[str, str]:
    return headers(session, Host="127.0.0.1", **{"x-case": case})


async def ask(process: RecorderProcess, case: str, session: str) -> Received:
    return await post(process.url, "/v1/messages", message("hi"), fields(case, session))


async def test_upstreams_stand_in_for_each_other(tmp_path: Path) -> None:
    async with (
        Provider(always) as one,
        Provider(always) as two,
        Provider(overloaded) as full,
        Provider(always) as dying,
    ):
        text = (
            upstream("one", one.url)
            + upstream("two", f"{two.url}/two")
            + upstream("full", full.url)
            + upstream("gone", "http://127.0.0.1:9")
            + upstream("dying", dying.url)
            + rule("gone", '["gone", "one"]')
            + rule("full", '["full", "two"]')
            + rule("dying", '["dying", "two"]')
            + rule("session", '["one", "two"]', 'balance = "session"')
            + rule("weights", "{ one = 1000000, two = 0.001 }")
        )
        with Routed(tmp_path, text, env={"XDG_STATE_HOME": str(tmp_path / "state")}) as process:
            await check_gone(process, one)
            await check_full(process, full, two)
            await check_dying(process, dying, two)
            await check_sessions(process, one, two)
            assert {seen.upstream: seen.reason for seen in read_health(process.db)} == {
                "gone": "no connection can be made",
                "full": "it answered 529",
                "dying": "no connection can be made",
            }
            shown = status(process).stdout
            assert "  set aside     full, it answered 529; tried again in" in shown
            (told,) = json.loads(status(process, "--json").stdout)
            assert [one["upstream"] for one in told["set_aside"]] == ["gone", "full", "dying"]
            states = {row.session_id: (row.upstream, row.state) for row in process.interactions()}
        found = [record.body for record in records(open_reader(process.db)) if record.kind == "health"]
        assert [(body["upstream"], body["state"], body["seconds"]) for body in found] == [
            ("gone", "set aside", 5),
            ("full", "set aside", 600),
            ("dying", "set aside", 5),
        ]
        assert read_health(process.db) == []
        assert states["gone"] == ("one", "complete")
        assert states["full 1"] == ("full", "failed")
        assert states["full 2"] == ("two", "complete")


async def check_gone(process: RecorderProcess, one: Provider) -> None:
    """A connection that cannot be made: the client notices nothing."""
    assert (await ask(process, "gone", "gone")).status == 200
    assert len(one.model_calls) == 1


async def check_full(process: RecorderProcess, full: Provider, two: Provider) -> None:
    """Too much asked of it: the client hears that, and that it may ask again at once; then it is another's turn."""
    got = await ask(process, "full", "full 1")
    assert (got.status, got.headers.get("x-should-retry"), got.headers.get("retry-after")) == (529, "true", None)
    assert (await ask(process, "full", "full 2")).status == 200
    assert (len(full.model_calls), two.model_calls[-1].request.target) == (1, "/two/v1/messages")


async def check_dying(process: RecorderProcess, dying: Provider, two: Provider) -> None:
    """It dies in mid-session: the next connection is made to another one, at once."""
    assert (await ask(process, "dying", "dying 1")).status == 200
    before = len(two.model_calls)
    await dying.__aexit__(None, None, None)
    assert (await ask(process, "dying", "dying 2")).status == 200
    assert (len(dying.model_calls), len(two.model_calls)) == (1, before + 1)


async def test_a_connection_that_is_there_is_not_tried_again(tmp_path: Path) -> None:
    """What standing by costs: one connection for each new one, nothing for a request on one that is there."""
    accepted = 0

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal accepted
        accepted += 1
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
        writer.close()

    async with await asyncio.start_server(accept, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        text = upstream("a", url) + upstream("b", "http://127.0.0.1:9") + '[[route]]\nto = ["a", "b"]\n'
        with Routed(tmp_path, text) as process:
            reader, writer = await asyncio.open_connection(*process.url.removeprefix("http://").split(":"))
            for _ in range(5):
                writer.write(b"GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                assert (await reader.readuntil(b"{}")).startswith(b"HTTP/1.1 200")
            writer.close()
    assert accepted == 2


async def check_sessions(process: RecorderProcess, one: Provider, two: Provider) -> None:
    for _ in range(2):
        for number in range(8):
            await ask(process, "session", f"session {number}")
    went = [
        {exchange.request.header("x-claude-code-session-id") for exchange in some.model_calls} for some in (one, two)
    ]
    of_sessions = [{session for session in some if session and session.startswith("session ")} for some in went]
    assert of_sessions[0] & of_sessions[1] == set()
    assert len(of_sessions[0] | of_sessions[1]) == 8
    assert of_sessions[0]
    assert of_sessions[1]
    before = len(one.model_calls)
    for number in range(3):
        await ask(process, "weights", f"w {number}")
    assert len(one.model_calls) == before + 3


async def test_what_limits_refuse_says_nothing_about_an_upstream(tmp_path: Path) -> None:
    """It is not set aside for a rate of the recorder's own, and not used again for a budget's refusal."""
    async with Provider(in_order(HELLO, BRIEFLY_FULL, HELLO)) as one, Provider(always) as two:
        text = upstream("one", one.url) + upstream("two", two.url) + '[[route]]\nto = ["one", "two"]\n'
        text += '[[budget]]\nname = "b"\nwhen = { session = "poor" }\nusd = 0.000001\nwindow = "day"\n'
        text += '[[rate]]\nname = "r"\nwhen = { session = "fast" }\nrequests_per_minute = 1\nwait_seconds = 0.01\n'
        with Routed(tmp_path, text, words=("--limit",)) as process:

            async def say(session: str) -> Received:
                return await post(process.url, "/v1/messages", message("hi"), headers(session, Host="127.0.0.1"))

            assert (await say("fast")).status == 200
            fast = await say("fast")
            assert (fast.status, "x-should-retry" in fast.headers, "retry-after" in fast.headers) == (429, False, True)
            assert read_health(process.db) == []
            assert (await say("s")).status == 529
            await asyncio.sleep(1.1)  # what `retry-after` asks for, by the clock of another process
            assert (await say("poor")).status == 402
            assert [seen.upstream for seen in read_health(process.db)] == ["one"]
            assert (await say("s")).status == 200
            assert (len(one.model_calls), len(two.model_calls)) == (3, 0)
        found = [record.body for record in records(open_reader(process.db)) if record.kind == "health"]
        assert [(body["state"], body["reason"]) for body in found] == [
            ("set aside", "it answered 529"),
            ("in use", "it answers"),
        ]
