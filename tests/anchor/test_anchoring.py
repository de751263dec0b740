"""The newest checkpoint goes into the anchors; what came of it is a record; `recorder verify` uses what they hold."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from recorder.anchor import job
from recorder.capture.anchor_schedule import AnchorSchedule, Job
from recorder.capture.signing_keys import ensure_signing_keys
from recorder.cli import main
from recorder.cli.anchor_watch import AnchorWatch
from recorder.config import AnchorSettings, config_dir, load, state_dir
from recorder.errors import ConfigError
from recorder.ledger.kinds import RecordKind
from recorder.store.database import open_reader
from recorder.store.records import events, last_seq
from tests.tampering.base import THIEF, fill, origin, unguarded
from tests.tampering.edits import resign


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("CONFIG", "STATE", "CACHE", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    return tmp_path


@pytest.fixture
def db(home: Path) -> Path:
    path = home / "records.db"
    fill(path, ensure_signing_keys(config_dir()).key)
    return path


@pytest.fixture
def config(home: Path) -> Path:
    path = home / "recorder.toml"
    path.write_text(f'[[anchor]]\nname = "disk"\ntype = "file"\npath = "{home / "disk" / "kept"}"\n')
    return path


def run(config: Path, *words: str | Path) -> Result:
    return CliRunner().invoke(main, ["--config", str(config), *map(str, words)])


def outcomes(db: Path) -> list[tuple[str, Any]]:
    with open_reader(db) as reader:
        rows = [row.body for row in events(reader, RecordKind.ANCHOR)]
    return [(row["event"], row.get("size") or row.get("reason")) for row in rows]


@pytest.mark.parametrize("command", [("tail", "--no-follow", "-n", "0"), ("status",)])
def test_what_fails_is_told_until_it_is_mended(db: Path, config: Path, home: Path, command: tuple[str, ...]) -> None:
    assert run(config, *command, "--db", db).stderr == ""
    run(config, "anchor", "now", "--db", db)
    (told,) = run(config, *command, "--db", db).stderr.splitlines()
    assert told.startswith("recorder: anchor disk fails since ")
    assert told.endswith(": its folder is not there; is the disk mounted?")
    (home / "disk").mkdir()
    run(config, "anchor", "now", "--db", db)
    assert run(config, *command, "--db", db).stderr == ""


def test_an_anchor_that_nobody_configured_any_more_does_not_fail(db: Path, config: Path) -> None:
    run(config, "anchor", "now", "--db", db)
    config.write_text("")
    assert run(config, "tail", "--no-follow", "-n", "0", "--db", db).stderr == ""


def test_what_happens_to_an_anchor_is_told_once_while_somebody_watches(
    db: Path, config: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_reader(db) as reader:
        watch = AnchorWatch(reader, load(config, {}, {}).anchor)
        said = []
        for step in ("whole", "failed", "still", "mended"):
            if step == "mended":
                (home / "disk").mkdir()
            if step in {"failed", "mended"}:
                run(config, "anchor", "now", "--db", db)
            watch.look(last_seq(reader))
            said.append(capsys.readouterr().err)
    assert (said[0], said[2]) == ("", "")
    assert said[1].startswith("recorder: anchor disk fails since ")
    assert said[3].startswith("recorder: anchor disk took a checkpoint again at ")


def test_a_failure_is_said_once_and_a_success_each_time(db: Path, config: Path, home: Path) -> None:
    for _ in range(2):
        result = run(config, "anchor", "now", "--db", db)
        assert (result.exit_code, result.stdout) == (1, "disk: its folder is not there; is the disk mounted?\n")
    (home / "disk").mkdir()
    assert run(config, "anchor", "now", "disk", "--db", db).exit_code == 0
    assert run(config, "anchor", "now", "--db", db).exit_code == 0
    why = "its folder is not there; is the disk mounted?"
    assert outcomes(db) == [("failed", why), ("anchored", 51), ("anchored", 52)]
    (row,) = json.loads(run(config, "anchor", "list", "--db", db, "--json").stdout)
    assert (row["name"], row["records"], row["failure"]) == ("disk", 52, None)
    result = run(config, "anchor", "verify", "--db", db)
    assert (result.exit_code, result.stdout) == (
        0,
        "disk: 2 checkpoints, the newest over 52 records; all fit\n",
    )


def test_verification_uses_what_the_anchors_hold(db: Path, config: Path, home: Path) -> None:
    (home / "disk").mkdir()
    older = shutil.copy(db, home / "older.db")
    assert run(config, "anchor", "now", "--db", db).exit_code == 0
    assert run(config, "verify", "--db", db).exit_code == 0
    shutil.rmtree(state_dir())  # which remembers as well
    with unguarded(db) as connection:
        connection.execute("UPDATE records SET at_utc = '2026-01-01T00:00:00.000Z' WHERE seq = 9")
        resign(connection, ensure_signing_keys(config_dir()).key, origin(db))
    connection.close()
    result = run(config, "verify", "--db", db)
    assert result.exit_code == 16
    assert "checkpoint 1 of anchor disk was signed over other records" in result.stdout
    assert run(config, "anchor", "verify", "--db", db).exit_code == 1
    shutil.rmtree(home / "disk")
    result = run(config, "verify", "--db", older)
    assert result.exit_code == 0
    assert "anchor disk was not used: the file is not there" in result.stderr


def test_somebody_elses_checkpoint_is_not_anchored(home: Path, config: Path) -> None:
    path = home / "theirs.db"
    fill(path, THIEF)
    ensure_signing_keys(config_dir())
    result = run(config, "anchor", "now", "--db", path)
    assert result.exit_code == 1
    assert "not by this machine's key" in result.stderr


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('name = "a"\ntype = "file"', "needs 'path'"),
        ('name = "a"\ntype = "timestamp"\nurl = "ftp://x"', "must begin with https://"),
        ('name = "a"\ntype = "file"\npath = "x"\nevery_minuets = 3', "did you mean every_minutes"),
        ('name = "a"\ntype = "file"\npath = "x"\nevery_records = 0', "must be more than 0"),
        ('name = "a"\ntype = "file"\npath = "x"\n[[anchor]]\nname = "a"\ntype = "file"\npath = "y"', "two anchors"),
    ],
)
def test_wrong_settings(home: Path, text: str, says: str) -> None:
    path = home / "recorder.toml"
    path.write_text(f"[[anchor]]\n{text}\n")
    with pytest.raises(ConfigError, match=says):
        load(path, {})


def test_the_job_of_a_recorder(db: Path, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    import io  # noqa: PLC0415

    import msgspec  # noqa: PLC0415

    anchor = AnchorSettings(name="disk", type="file", path=str(home / "disk" / "kept"))
    told = io.TextIOWrapper(io.BytesIO(msgspec.json.encode(Job(str(db), (anchor,)))))
    monkeypatch.setattr(sys, "stdin", told)
    job.main()
    assert capsys.readouterr().out == "anchor disk: its folder is not there; is the disk mounted?\n"


async def test_a_run_anchors_after_so_many_records_and_at_its_end(home: Path) -> None:
    import asyncio  # noqa: PLC0415

    log, counts = home / "rounds", [0]
    write = f"import sys; sys.stdin.read(); open({str(log)!r}, 'a').write('round\\n')"
    anchor = AnchorSettings(name="disk", type="file", path="x", every_records=2)
    schedule = AnchorSchedule("db", [anchor], lambda: counts[0], (sys.executable, "-c", write))
    schedule.start()
    counts[0] = 2
    while not log.exists():  # noqa: ASYNC110 -- another process writes it
        await asyncio.sleep(0.02)
    await schedule.stop(60)
    assert log.read_text() == "round\nround\n"
    await schedule.stop(60)
    assert log.read_text() == "round\nround\n"


async def test_an_anchor_that_does_not_answer_holds_up_nothing(home: Path) -> None:
    anchor = AnchorSettings(name="disk", type="file", path="x")
    schedule = AnchorSchedule("db", [anchor], lambda: 1, (sys.executable, "-c", "import time; time.sleep(300)"))
    schedule.start()
    await schedule.stop(0.05)
