"""Retention beside a recorder: at its start, in a process of its own, and ended with it."""

import asyncio
from pathlib import Path

import pytest

from recorder.capture import retention
from recorder.capture.retention import Retention
from recorder.capture.run import Run
from recorder.config import RetentionSettings, Settings
from recorder.errors import ConfigError
from recorder.ledger.kinds import RecordKind
from recorder.store.database import open_reader, open_writer
from recorder.store.queries import records


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    path = tmp_path / "records.db"
    open_writer(path).close()
    return path


def kinds(db: Path) -> list[RecordKind]:
    with open_reader(db) as reader:
        return [record.kind for record in records(reader)]


async def begun(run: Retention) -> asyncio.subprocess.Process:
    run.start()
    while run._process is None:  # noqa: ASYNC110 -- the process is all that there is to be seen
        await asyncio.sleep(0)
    return run._process


async def until_done(run: Retention) -> int:
    return await (await begun(run)).wait()


async def test_it_is_done_at_the_start(db: Path) -> None:
    run = Retention(Settings(db=db, retention=RetentionSettings(days=183)))
    assert await until_done(run) == 0
    await run.stop()
    assert kinds(db) == [RecordKind.RETENTION]


async def test_nothing_is_done_unless_it_is_configured(db: Path) -> None:
    run = Retention(Settings(db=db))
    run.start()
    await run.stop()
    assert kinds(db) == []


async def test_it_ends_with_the_recorder(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Retention(Settings(db=db, retention=RetentionSettings(days=183)))
    process = await begun(run)
    await run.stop()
    assert process.returncode is not None


def test_a_failure_is_told_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert retention.main(str(tmp_path / "none.db"), "183", "0") == 1
    assert "no such database" in capsys.readouterr().err


def test_too_few_days_are_refused_before_anything_is_recorded(db: Path) -> None:
    with pytest.raises(ConfigError, match="below_minimum"):
        Run(Settings(db=db, retention=RetentionSettings(days=30)))
    Run(Settings(db=db, retention=RetentionSettings(days=30, below_minimum=True)))
