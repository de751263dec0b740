"""A run's lock tells a living neighbour from a crash."""

import subprocess
import sys
from pathlib import Path

from recorder.capture.run_lock import hold, is_alive

HOLDER = """
import sys; from pathlib import Path; from recorder.capture.run_lock import hold
lock = hold(Path(sys.argv[1]), "abc"); print("held", flush=True); sys.stdin.read()
"""


def test_a_run_that_holds_its_lock_is_alive_and_a_killed_one_is_not(tmp_path: Path) -> None:
    db = tmp_path / "records.db"
    words = [sys.executable, "-c", HOLDER, str(db)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout
        assert other.stdout.readline() == b"held\n"
        assert is_alive(db, "abc")
        other.kill()
        other.wait()
        assert not is_alive(db, "abc")
    assert list(tmp_path.iterdir()) == []


def test_a_run_without_a_lock_is_gone(tmp_path: Path) -> None:
    lock = hold(tmp_path / "records.db", "one")
    assert not is_alive(tmp_path / "records.db", "two")
    lock.release()
