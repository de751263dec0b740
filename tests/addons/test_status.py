"""A disk that fails under a running recorder: asking is answered as configured, it is seen, it goes on by itself.

And no file holds a secret of what was asked and answered meanwhile.
"""

import asyncio
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from recorder.capture.status_file import RunStatus, read_statuses
from recorder.demo.answers import Answer, Text, in_order
from recorder.demo.provider import Provider
from recorder.ledger.kinds import RecordKind
from recorder.store.database import open_reader
from recorder.store.queries import records
from tests.support.canaries import BOTH, LEARNED, SHAPED, leaks
from tests.support.recorder_process import ROOT, WAIT_SECONDS, RecorderProcess
from tests.support.requests import headers, message
from tests.support.wire_client import Received, post

HELLO = Answer(blocks=(Text(f"You sent {BOTH}."),), headers=(("x-echo", BOTH),))
_MOUNT = shutil.which("mount")


def status(process: RecorderProcess) -> RunStatus:
    """Return what the recorder says of itself."""
    (said,) = read_statuses(process.home / "state" / "llm-audit-recorder", process.db)
    return said


async def becomes(process: RecorderProcess, wanted: Callable[[RunStatus], bool]) -> RunStatus:
    """Wait until the recorder says what is wanted."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not wanted(said := status(process)):
        assert time.monotonic() < deadline, said
        await asyncio.sleep(0.05)  # the file alone tells
    return said


def command(process: RecorderProcess, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `recorder status` as a user of this recorder would."""
    env = os.environ | {"HOME": str(process.home), "XDG_STATE_HOME": str(process.home / "state"), "NO_COLOR": "1"}
    run = [sys.executable, "-c", "from recorder.cli import main; main()", "status", "--db", str(process.db), *words]
    return subprocess.run(run, env=env | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False)


async def ask(process: RecorderProcess, provider: Provider, session: str) -> Received:
    fields = headers(session, **{"x-api-key": LEARNED, "user-agent": f"cli {SHAPED}"})
    return await post(process.url, f"{provider.url}/v1/messages?key={LEARNED}", message(f"take {BOTH}"), fields)


def started(home: Path, policy: str, db: Path | None = None) -> RecorderProcess:
    process = RecorderProcess(
        home,
        *("--set", f"recorder_on_failure={policy}", *(("--db", str(db)) if db else ())),
        env={"XDG_STATE_HOME": str(home / "state")},
    )
    process.db = db or process.db
    return process


@contextmanager
def forbidden_to_write(process: RecorderProcess) -> Iterator[None]:
    """Let no file grow that the writer writes: its next write is an I/O error."""
    writer = status(process).writer_pid
    assert writer
    before = resource.prlimit(writer, resource.RLIMIT_FSIZE)
    resource.prlimit(writer, resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.prlimit(writer, resource.RLIMIT_FSIZE, before)


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Leave no room on the disk that a folder lies on."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
    try:
        yield
    finally:
        ballast.unlink()


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="Linux alone can set another process's limits")
@pytest.mark.parametrize("policy", ["block", "pass"])
async def test_an_error_of_the_disk(tmp_path: Path, policy: str) -> None:
    with started(tmp_path, policy) as process:
        async with Provider(in_order(*[HELLO] * 9)) as provider:
            assert (await ask(process, provider, "before")).complete
            good = await becomes(process, lambda said: said.healthy and said.last_commit_us is not None)
            assert (good.reason, good.gaps, good.open_interactions, good.on_failure) == (None, 0, 0, policy)
            with forbidden_to_write(process):
                await failing(process, provider, policy)
                assert leaks(tmp_path) == []
            await going_on(process, provider)
        assert command(process).returncode == 0
    assert leaks(tmp_path) == []
    assert not read_statuses(process.home / "state" / "llm-audit-recorder")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    words = [_MOUNT or "mount", "-t", "tmpfs", "-o", "size=2m,mode=700", "tmpfs", str(folder)]
    if not _MOUNT or subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("a small disk cannot be mounted here; tests/faults fills one below SQLite")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("policy", ["block", "pass"])
async def test_a_full_disk(tmp_path: Path, small_disk: Path, policy: str) -> None:
    with started(tmp_path, policy, small_disk / "records.db") as process:
        async with Provider(in_order(*[HELLO] * 9)) as provider:
            assert (await ask(process, provider, "before")).complete
            await becomes(process, lambda said: said.healthy)
            with filled(small_disk):
                await failing(process, provider, policy)
                assert "full" in (status(process).reason or "")
                assert leaks(tmp_path, process.db) == []
            await going_on(process, provider)
    assert leaks(tmp_path, process.db) == []


async def failing(process: RecorderProcess, provider: Provider, policy: str) -> None:
    """Ask while nothing can be recorded, and look at what is said of it."""
    during = await ask(process, provider, "during")
    assert (during.status, during.complete) == ((503, True) if policy == "block" else (200, True))
    bad = await becomes(process, lambda said: not said.healthy and bool(said.reason) and said.gaps > 0)
    assert bad.since_us > (bad.last_commit_us or 0) - 1
    shown = command(process)
    assert shown.returncode == 1
    assert "does not record, since" in shown.stdout
    assert f"on_failure = {policy}" in shown.stdout
    (told,) = json.loads(command(process, "--json").stdout)
    assert (told["healthy"], told["reason"], told["gaps"]) == (False, bad.reason, bad.gaps)
    assert told["since_utc"].endswith("Z")


async def going_on(process: RecorderProcess, provider: Provider) -> None:
    """Look that it records again, which it finds out by itself."""
    await becomes(process, lambda said: said.healthy)
    assert (await ask(process, provider, "after")).complete
    with open_reader(process.db) as db:
        gaps = [record.body for record in records(db) if record.kind is RecordKind.GAP]
    assert gaps
    assert {row.session_id for row in process.interactions()} >= {"before", "after"}


async def test_what_is_said_of_a_recorder_that_hangs_or_is_not_there(tmp_path: Path) -> None:
    with started(tmp_path, "block") as process:
        await becomes(process, lambda said: said.healthy)
        shown = command(process)
        assert shown.returncode == 0
        assert f"recorder {process.process.pid} (run {process.said['run_id'][:8]}): records, since" in shown.stdout
        process.stop(signal.SIGKILL)
        gone = command(process)
        assert (gone.returncode, gone.stdout) == (1, f"no recorder runs on {process.db}\n")
        assert json.loads(command(process, "--json").stdout) == []
