"""What a recorder says of itself is there as long as it runs, and in one piece."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from recorder.capture.status_file import RunStatus, StatusFile, read_statuses


def status(folder: Path, run_id: str = "run", **given: Any) -> RunStatus:
    fields = {
        "run_id": run_id, "pid": 7, "db": str(folder / "records.db"), "version": "0", "on_failure": "block",
        "started_us": 5, "updated_us": 6, "healthy": True, "since_us": 5,
    }  # fmt: skip
    return RunStatus(**fields | given)


def test_what_is_said_is_read_until_it_ends(tmp_path: Path) -> None:
    db = tmp_path / "records.db"
    first, second = (StatusFile(tmp_path, db, run) for run in ("one", "two"))
    assert read_statuses(tmp_path, db) == []  # nothing was said yet
    second.write(status(tmp_path, "two", started_us=9))
    first.write(status(tmp_path, "one", healthy=False, reason="disk is full"))
    first.write(status(tmp_path, "one"))
    assert read_statuses(tmp_path, db) == [status(tmp_path, "one"), status(tmp_path, "two", started_us=9)]
    assert read_statuses(tmp_path, tmp_path / "other.db") == []
    assert len(read_statuses(tmp_path)) == 2
    first.close()
    second.close()
    assert read_statuses(tmp_path, db) == []
    assert not list((tmp_path / "runs").iterdir())


def test_one_that_is_gone_says_nothing(tmp_path: Path) -> None:
    code = """
import os, sys; from pathlib import Path; sys.path.insert(0, sys.argv[2])
from tests.capture.test_status_file import StatusFile, status
folder = Path(sys.argv[1]); file = StatusFile(folder, folder / "records.db", "run"); file.write(status(folder))
print("written", flush=True); sys.stdin.read()
"""
    words = [sys.executable, "-c", code, str(tmp_path), str(Path(__file__).parents[2])]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout
        assert other.stdout.readline() == b"written\n"
        assert len(read_statuses(tmp_path, tmp_path / "records.db")) == 1
        other.kill()
        other.wait()
        assert read_statuses(tmp_path, tmp_path / "records.db") == []


def test_it_takes_no_room_that_it_had_not_from_the_beginning(tmp_path: Path) -> None:
    file = StatusFile(tmp_path, tmp_path / "records.db", "run")
    file.write(status(tmp_path))
    (path,) = (tmp_path / "runs").iterdir()
    size = path.stat().st_size
    file.write(status(tmp_path, healthy=False, reason="x" * 10_000))
    assert path.stat().st_size == size
    assert read_statuses(tmp_path)[0].reason == "x" * 500
    file.close()


def test_a_folder_that_cannot_be_written_is_no_reason_to_fail(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file")
    file = StatusFile(tmp_path, tmp_path / "records.db", "run")
    file.write(status(tmp_path))
    file.close()


@pytest.mark.parametrize("content", [b"", b"{", b" " * 4096, b"[]"])
def test_nonsense_is_passed_over(tmp_path: Path, content: bytes) -> None:
    file = StatusFile(tmp_path, tmp_path / "records.db", "run")
    (path,) = (tmp_path / "runs").iterdir()
    path.write_bytes(content)
    assert read_statuses(tmp_path) == []
    file.close()
