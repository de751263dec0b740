"""A recorder from start to end: settings that it refuses, writers that die, disks that fail, neighbours, crashes."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from recorder.demo.answers import Answer, Text, in_order
from recorder.demo.provider import Provider
from recorder.ledger.kinds import RecordKind
from recorder.store.database import open_reader
from recorder.store.gaps import find_gaps
from recorder.store.in_flight import find_in_flight
from recorder.store.queries import answer_body, records
from tests.support.recorder_process import ROOT, WAIT_SECONDS, RecorderProcess
from tests.support.requests import MODEL, dumps, headers, message
from tests.support.wire_client import WireClient, post

HELLO = Answer(blocks=(Text("Hello from the other side of the proxy."),))
SESSION = "00000000-0000-4000-8000-00000000000a"


def kinds(process: RecorderProcess) -> list[str]:
    return [record.kind for record in records(open_reader(process.db))]


def writer_pid(process: RecorderProcess) -> int:
    words = ["ps", "-o", "pid=", "--ppid", str(process.process.pid)]
    return int(subprocess.run(words, capture_output=True, check=True).stdout.split()[0])


async def ask(process: RecorderProcess, provider: Provider, session: str = SESSION):
    return await post(process.url, f"{provider.url}/v1/messages", message("hi"), headers(session))


async def test_a_run_has_a_start_and_a_stop(tmp_path: Path) -> None:
    with RecorderProcess(tmp_path) as process:
        async with Provider(in_order(HELLO)) as provider:
            await ask(process, provider)
            await post(process.url, f"{provider.url}/api/hello", b"{}")
        assert process.stop() == 0
        assert kinds(process) == [RecordKind.START, RecordKind.OPENED, RecordKind.CLOSED, RecordKind.STOP]
        *_, last = records(open_reader(process.db))
        assert last.body["passed"] == 1
        assert process.errors == ""
    assert not list(tmp_path.glob("*.lock"))


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--set", "recorder_on_failur=pass"), 2, "recorder_on_failur"),
        (("--set", "recorder_on_failure=ignore"), 2, "on_failure"),
        (("--set", "recorder_wait_seconds=soon"), 2, "wait_seconds"),
        (("--set", "recorder_config=/no/such.toml"), 2, "--config"),
        (("--via", "nonsense://x"), 2, "--via nonsense://x"),
        (("--db", "/dev/null/records.db"), 1, "/dev/null/records.db"),
        (("--db", str(ROOT / "README.md")), 1, "README.md"),
    ],
)
def test_a_wrong_setting_is_refused_at_the_start(tmp_path: Path, words, code: int, said: str) -> None:
    process = RecorderProcess(tmp_path, *words)
    with pytest.raises(AssertionError, match=f"exit {code}"), process:
        pass
    assert said in process.errors
    assert "Traceback" not in process.errors


async def test_a_killed_writer_is_replaced_and_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    gate = asyncio.Event()
    answers = (HELLO, Answer(blocks=HELLO.blocks, gates={3: gate}), HELLO)
    with RecorderProcess(tmp_path, "--set", "recorder_wait_seconds=120") as process:
        async with Provider(in_order(*answers)) as provider:
            assert (await ask(process, provider, "first")).complete
            async with WireClient(process.url, f"{provider.url}/v1/messages") as client:
                await client.send(dumps(message("hi")), headers("second"))
                await client.head()
                os.kill(writer_pid(process), signal.SIGKILL)
                gate.set()
                assert (await client.rest()).complete
            os.kill(writer_pid(process), signal.SIGKILL)
            assert (await ask(process, provider, "third")).complete
        assert {row.session_id: row.state for row in process.interactions()} == dict.fromkeys(
            ("first", "second", "third"), "complete"
        )
        process.stop()
        assert kinds(process).count(RecordKind.START) == 1


@pytest.mark.parametrize("policy", ["block", "pass"])
async def test_what_cannot_be_recorded_is_blocked_or_passed_as_configured(tmp_path: Path, policy: str) -> None:
    with RecorderProcess(tmp_path, "--set", f"recorder_on_failure={policy}") as process:
        async with Provider(in_order(*[HELLO] * 4)) as provider:
            await ask(process, provider, "before")
            blocker = sqlite3.connect(process.db)
            blocker.execute("CREATE TRIGGER full BEFORE INSERT ON records BEGIN SELECT raise(FAIL, 'no'); END")
            blocker.commit()
            first = await ask(process, provider, "during")
            second = await ask(process, provider, "during")
            seen = len(provider.exchanges)
            blocker.execute("DROP TRIGGER full")
            blocker.commit()
            blocker.close()
            after = await ask(process, provider, "after")
        assert after.complete
        if policy == "block":
            assert (first.status, second.status) == (503, 503)
            assert b'"type":"error"' in first.body.replace(b" ", b"")
            assert b"Hello from" not in first.body
            assert seen == 2  # once it is known to fail, nothing is asked of the provider that would be thrown away
        else:
            assert (first.status, second.status, seen) == (200, 200, 3)
            assert first.complete
        process.stop()
        rows = {row.session_id for row in process.interactions()}
        with open_reader(process.db) as db:
            gaps = [gap for gap in find_gaps(db) if gap.kind == ("blocked" if policy == "block" else "unrecorded")]
    assert {"before", "after"} <= rows
    assert len({gap.interaction for gap in gaps}) == 2  # both are named, in one record or in two


async def test_a_crash_is_found_at_the_next_start(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with Provider(in_order(Answer(blocks=HELLO.blocks, gates={3: gate}), HELLO)) as provider:
        with RecorderProcess(tmp_path) as process:
            async with WireClient(process.url, f"{provider.url}/v1/messages") as client:
                await client.send(dumps(message("hi")), headers(SESSION))
                await client.head()
                process.stop(signal.SIGKILL)
        with RecorderProcess(tmp_path) as process:
            row = process.one(SESSION)
            assert (row.state, row.state_reason) == ("lost", "crash")
            assert RecordKind.CRASH in kinds(process)


async def test_a_crash_loses_no_more_of_an_answer_than_its_last_moments(tmp_path: Path) -> None:
    gate = asyncio.Event()
    words = "the quick brown fox jumps over a lazy dog and goes on, as stories do, " * 30
    answer = Answer(blocks=(Text(words),), gates={120: gate})
    async with Provider(in_order(answer)) as provider:
        with RecorderProcess(tmp_path) as process:
            async with WireClient(process.url, f"{provider.url}/v1/messages") as client:
                await client.send(dumps(message("hi")), headers(SESSION))
                await client.head()
                await kept_of(process, b"fox")
                for pid in (writer_pid(process), process.process.pid):
                    os.kill(pid, signal.SIGKILL)
                process.stop(signal.SIGKILL)
        with RecorderProcess(tmp_path) as process:
            row = process.one(SESSION)
            assert (row.state, row.state_reason, row.model_answered, row.input_tokens) == ("lost", "crash", MODEL, 10)
            body = answer_body(open_reader(process.db), row.id)
    assert b"the quick brown fox" in body


async def kept_of(process: RecorderProcess, word: bytes) -> None:
    """Wait until a word of the only answer under way is kept."""
    db = open_reader(process.db)
    deadline = time.monotonic() + WAIT_SECONDS
    while word not in b"".join(find_in_flight(db, process.one(SESSION).id)):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)  # the database alone tells


async def test_a_stop_lets_a_stream_finish(tmp_path: Path) -> None:
    gate = asyncio.Event()
    with RecorderProcess(tmp_path) as process:
        async with (
            Provider(in_order(Answer(blocks=HELLO.blocks, gates={3: gate}))) as provider,
            WireClient(process.url, f"{provider.url}/v1/messages") as client,
        ):
            await client.send(dumps(message("hi")), headers(SESSION))
            await client.head()
            process.process.send_signal(signal.SIGTERM)
            gate.set()
            assert (await client.rest()).complete
        assert process.process.wait(30) == 0
        assert process.one(SESSION).state == "complete"
        assert kinds(process)[-1] == RecordKind.STOP


async def test_two_recorders_share_a_database(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with RecorderProcess(tmp_path) as one, RecorderProcess(tmp_path / "other", "--db", str(one.db)) as two:
        async with Provider(in_order(*[HELLO] * 20)) as provider:
            asked = [ask(process, provider, f"s{number}") for number in range(10) for process in (one, two)]
            answers = await asyncio.gather(*asked)
        assert all(answer.complete for answer in answers)
        rows = one.interactions()
        assert [row.state for row in rows] == ["complete"] * 20
    assert kinds(one).count(RecordKind.STOP) == 2
    # Each has a signing key of its own, and says once that it met another's.
    assert kinds(one).count(RecordKind.DISCREPANCY) == 2
    numbers = [record.seq for record in records(open_reader(one.db))]
    assert numbers == list(range(1, 2 + 40 + 2 + 2 + 1))


async def test_behind_a_corporate_proxy_in_both_directions(tmp_path: Path) -> None:
    for name in ("corporate", "forward", "reverse"):
        (tmp_path / name).mkdir()
    async with Provider(in_order(HELLO, HELLO)) as provider:
        with RecorderProcess(tmp_path / "corporate") as corporate:
            forward = RecorderProcess(tmp_path / "forward", mode=f"upstream:{corporate.url}@127.0.0.1:0")
            reverse = RecorderProcess(
                tmp_path / "reverse", "--via", corporate.url, mode=f"reverse:{provider.url}@127.0.0.1:0"
            )
            with forward, reverse:
                assert (await ask(forward, provider, "forward")).complete
                assert (await post(reverse.url, "/v1/messages", message("hi"), headers("reverse"))).complete
                assert forward.one("forward").state == "complete"
                assert reverse.one("reverse").state == "complete"
            assert {row.session_id for row in corporate.interactions()} == {"forward", "reverse"}


def test_the_end_of_standard_input_is_the_end_with_a_parent_pipe(tmp_path: Path) -> None:
    words = [sys.executable, str(ROOT / "addons" / "serve.py"), "--mode", "regular@127.0.0.1:0", "--parent-pipe"]
    words += ["--db", str(tmp_path / "records.db"), "--set", f"confdir={tmp_path}"]
    env = os.environ | {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env) as process:
        assert process.stdout
        assert process.stdin
        assert process.stdout.readline()
        process.stdin.close()
        assert process.wait(30) == 0


@pytest.mark.parametrize(("policy", "state"), [("block", "blocked"), ("pass", "lost")])
async def test_an_answer_that_cannot_be_recorded_ends_as_what_it_is(tmp_path: Path, policy: str, state: str) -> None:
    gate = asyncio.Event()
    with RecorderProcess(tmp_path, "--set", f"recorder_on_failure={policy}") as process:
        async with (
            Provider(in_order(Answer(blocks=HELLO.blocks, gates={3: gate}))) as provider,
            WireClient(process.url, f"{provider.url}/v1/messages") as client,
        ):
            await client.send(dumps(message("hi")), headers(SESSION))
            await client.head()
            blocker = sqlite3.connect(process.db)
            condition = "NEW.kind = 'closed' AND NEW.body LIKE '%end_turn%'"
            blocker.execute(
                f"CREATE TRIGGER no BEFORE INSERT ON records WHEN {condition} BEGIN SELECT raise(FAIL, 'no'); END"
            )
            blocker.commit()
            blocker.close()
            gate.set()
            assert (await client.rest()).complete is (policy == "pass")
        row = await process.closed(SESSION)
        assert row.state == state
