"""Real processes, secrets in every place, every kind of end: no file that they wrote holds one of them afterwards."""

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import pytest

from recorder.demo.answers import Answer, Failure, Text, ToolCall
from recorder.demo.provider import Provider
from recorder.demo.requests import SeenRequest
from tests.support.canaries import BOTH, LEARNED, SHAPED, leaks
from tests.support.recorder_process import CACHE, ROOT, WAIT_SECONDS
from tests.support.redactors import fresh
from tests.support.requests import dumps, headers, message
from tests.support.wire_client import WireClient, post

# The program that runs with a detector that raises for every text.
BROKEN = """
import runpy, sys
from recorder.capture import link
link.WRITER_MODULE = "tests.support.broken_writer"
sys.argv = sys.argv[1:]
sys.path.insert(0, sys.argv[0].rpartition("/")[0])
runpy.run_path(sys.argv[0], run_name="__main__")
"""
SERVE = str(ROOT / "addons" / "serve.py")


ANSWERS = {
    "error": Answer(status=401, failure=Failure("authentication_error", f"bad key {BOTH}")),
    "mid-stream": Answer(blocks=(Text(BOTH),), failure=Failure("api_error", f"bad key {BOTH}"), failure_at=4),
    "breaks off": Answer(blocks=(Text(f"so: {BOTH} " * 3),), cut_chars=9, abort_at=11),
    "page": Answer(status=502, raw=("text/html", f"<pre>{BOTH}</pre>".encode())),
    "damaged": Answer(raw=("text/event-stream", f"event: x\ndata: {{{BOTH}\n\ndata: {BOTH}".encode())),
}
CALL = ToolCall("toolu_1", "Bash", {"command": f"curl -H 'x: {BOTH}'"})
WHOLE = Answer(blocks=(Text(f"take {BOTH}"), CALL), headers=(("x-echo", BOTH), ("request-id", SHAPED)))
WAYS = ("whole", *ANSWERS)


def answer(request: SeenRequest) -> Answer:
    """Answer as a header of the request says."""
    way = str(request.header("x-way"))
    return Answer(blocks=(Text(BOTH),), gates={5: asyncio.Event()}) if way == "waits" else ANSWERS.get(way, WHOLE)


def request(way: str, *, text: str = BOTH) -> tuple[bytes, dict[str, str]]:
    """Return a body with the canaries in text, tool input, tool name, key and metadata, and headers with them."""
    blocks = [
        {"type": "tool_use", "id": "toolu_1", "name": SHAPED, "input": {"env": {LEARNED: BOTH}, "n": 1}},
        {"type": "tool_result", "tool_use_id": "toolu_1", "content": [{"type": "text", "text": BOTH}]},
    ]
    body = message(text, metadata={"user_id": SHAPED}, tools=[{"name": "t", "description": BOTH, "input_schema": {}}])
    body["messages"].append({"role": "assistant", "content": blocks})
    fields = headers("s", **{"x-api-key": LEARNED, "user-agent": f"cli {SHAPED}", "x-other": BOTH, "x-way": way})
    return dumps(body), fields


async def talk(proxy: str, target: str, *, ways: tuple[str, ...] = WAYS) -> None:
    """Send each kind of exchange, and bodies that are no JSON; whether they are answered is not asked."""
    url = f"{target}/v1/messages?key={LEARNED}&trace={SHAPED}"
    for way in ways:
        body, fields = request(way)
        await post(proxy, url, body, fields)
    await post(proxy, url, f'{{"cut": "{BOTH}", {SHAPED}'.encode(), fields)
    await post(proxy, f"{target}/{SHAPED}/v1/other", BOTH.encode(), fields)


async def leave(proxy: str, target: str) -> None:
    """Go away in the middle of an answer."""
    body, fields = request("waits")
    async with WireClient(proxy, f"{target}/v1/messages") as client:
        await client.send(body, fields)
        await client.head()
        await client.piece()


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    """Have the detectors compiled and in the cache, of which each program gets a copy."""
    fresh()


class Program:
    """A proxy in a process of its own; all that it may write to lies in `home`."""

    def __init__(self, home: Path, *words: str, env: dict[str, str] | None = None) -> None:
        self.home = home
        for name in ("config", "state", "data", "tmp", "cache"):
            (home / name).mkdir()
        shutil.copytree(CACHE, home / "cache", dirs_exist_ok=True)
        places = {f"XDG_{name.upper()}_HOME": str(home / name) for name in ("config", "state", "data", "cache")}
        self._env = os.environ | places | {"HOME": str(home), "TMPDIR": str(home / "tmp"), "PYTHONUNBUFFERED": "1"}
        self._env |= env or {}
        self._words = words

    def __enter__(self) -> Self:
        with (self.home / "said.txt").open("wb") as said:
            self.process = subprocess.Popen(
                self._words,
                env=self._env,
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
        return self

    def __exit__(self, *_: object) -> None:
        self.end(signal.SIGTERM)

    def end(self, number: int) -> None:
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(WAIT_SECONDS)

    async def url(self) -> str:
        """Wait until it listens, and give its address."""
        deadline = asyncio.get_running_loop().time() + 2 * WAIT_SECONDS
        while asyncio.get_running_loop().time() < deadline and self.process.poll() is None:
            said = (self.home / "said.txt").read_text()
            if found := re.search(r'"port": (\d+)|listening at \S*?:(\d+)', said):
                return f"http://127.0.0.1:{found[1] or found[2]}"
            await asyncio.sleep(0.02)  # its output is a file, so that nothing it says can block it
        raise AssertionError((self.home / "said.txt").read_text())


def serve(home: Path, **more: Any) -> Program:
    return Program(home, sys.executable, SERVE, *_places(home), "--db", str(home / "records.db"), **more)


def mitmdump(home: Path) -> Program:
    program = str(Path(sys.executable).with_name("mitmdump"))
    words = ("-s", str(ROOT / "addons" / "audit.py"), "--set", f"recorder_db={home / 'records.db'}")
    return Program(home, program, *words, *_places(home), "--set", "termlog_verbosity=debug")


def broken(home: Path) -> Program:
    words = (sys.executable, "-c", BROKEN, SERVE, *_places(home), "--db", str(home / "records.db"))
    return Program(home, *words, env={"RECORDER_TEST_BREAK": "always", "PYTHONPATH": str(ROOT)})


def _places(home: Path) -> tuple[str, ...]:
    return ("--mode", "regular@127.0.0.1:0", "--set", f"confdir={home / 'mitmproxy'}")


@pytest.mark.parametrize("program", [mitmdump, broken])
async def test_no_file_holds_a_secret(tmp_path: Path, program: Callable[[Path], Program]) -> None:
    async with Provider(answer) as provider:
        with program(tmp_path) as running:
            proxy = await running.url()
            await talk(proxy, provider.url)
            await leave(proxy, provider.url)
        assert len(provider.exchanges) > len(WAYS)  # it was all said, and to somebody
    assert running.process.returncode == 0
    assert leaks(tmp_path) == []


async def test_no_file_holds_a_secret_after_a_kill_in_the_middle(tmp_path: Path) -> None:
    async with Provider(answer) as provider:
        with serve(tmp_path) as running:
            proxy = await running.url()
            await talk(proxy, provider.url)
            before = len(provider.exchanges)
            going = [asyncio.ensure_future(leave(proxy, provider.url)) for _ in range(4)]
            await provider.arrival(before + 1)  # one at least is being written now
            running.end(signal.SIGKILL)
            await asyncio.gather(*going, return_exceptions=True)
    assert leaks(tmp_path) == []
