"""Fail closed, with real processes: detectors that hang, raise, eat memory or die; what is on the record then."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from recorder.capture import link
from recorder.capture.messages import Open, Target
from recorder.capture.run import Run
from recorder.config import Settings
from recorder.model import WITHHELD
from recorder.store.contents import every_content
from recorder.store.database import open_reader
from recorder.store.queries import details, get_interaction, request_body
from tests.capture.test_desk import ANSWER, closing
from tests.support.broken_writer import TRIGGER
from tests.support.recorder_process import CACHE
from tests.support.requests import dumps, message

SESSION = "00000000-0000-4000-8000-00000000000a"
TARGET = Target(method="POST", scheme="https", host="api.anthropic.com", port=443, path="/v1/messages?beta=true")

HANGS = ("hang", "read")

type Start = Callable[[str], Awaitable[Run]]


@pytest.fixture
async def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Start]:
    """Start a run whose writers have the named break."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(CACHE))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(link, "WRITER_MODULE", "tests.support.broken_writer")
    runs = []

    async def begin(name: str) -> Run:
        monkeypatch.setenv("RECORDER_TEST_BREAK", name)
        seconds = 3 if name in HANGS else 60  # a busy machine is slow, which is not what the others are about
        run = Run(Settings(db=tmp_path / "r.db", frame_seconds=seconds, wait_seconds=240, writer_memory_mb=500))
        await run.start()
        runs.append(run)
        return run

    yield begin
    for run in runs:
        await run.stop(0)


def opening(name: str) -> Open:
    fields = (("x-claude-code-session-id", SESSION), ("content-type", "application/json"), ("x-other", TRIGGER))
    return Open(id=name, at_us=2_000_000, target=TARGET, headers=fields, wire_bytes=7)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("hang", "took longer than frame_seconds allows"),
        ("read", "took longer than frame_seconds allows"),
        ("exit", "ended with exit code 3"),
        ("kill", "was ended by SIGKILL"),
        ("abort", "was ended by SIGABRT"),
        ("raise", "detector known failed with ValueError"),
        ("always", "detector known failed with ValueError"),
        ("memory", "detector known failed with MemoryError"),
    ],
)
async def test_content_that_breaks_a_detector_is_withheld_and_all_else_recorded(
    start: Start, tmp_path: Path, name: str, said: str
) -> None:
    run = await start(name)
    others = [run.exchange(opening(f"{at}"), dumps(message("all is well")), 0.0) for at in range(2)]
    broken = run.exchange(opening("broken"), dumps(message(f"this is {TRIGGER}")), 0.0)
    assert await broken.opened() is None
    assert await broken.closed(closing("broken").message, [ANSWER]) is None
    assert [await other.opened() for other in others] == [None, None]
    db = open_reader(tmp_path / "r.db")
    row, found = get_interaction(db, "broken"), details(db, "broken")
    assert (row.state, row.session_id, row.status, row.request_bytes) == ("complete", SESSION, 200, 7)
    (anomaly, *_) = found.opened["anomalies"]
    assert anomaly.startswith("withheld: ")
    assert said in anomaly
    assert [finding["kind"] for finding in found.opened["findings"]] == [WITHHELD]
    assert request_body(db, "broken") == b""
    assert dict(found.request_headers)["content-type"] == "application/json"
    assert not any(TRIGGER.encode() in content for _, content in every_content(db))
    if name != "always":
        assert request_body(db, "0") == dumps(message("all is well"))
