"""A writer's desk in the test's own process, on a database of its own."""

from pathlib import Path
from typing import Any

from recorder.capture.desk import Desk
from recorder.capture.messages import Hello
from tests.support.recorder_process import RECORDER_CACHE


def greeting(folder: Path, **settings: Any) -> Hello:
    """Return what a proxy greets its writer with; the database is `records.db` in the folder."""
    given = {
        "db": str(folder / "records.db"),
        "run_id": "run",
        "config_dir": str(folder / "config"),
        "cache_dir": str(RECORDER_CACHE),
        "started_us": 1_000_000,
        "version": "0",
        "on_failure": "block",
    }
    return Hello(**given | settings)


def seated(hello: Hello) -> Desk:
    """Return a desk with its detectors."""
    desk = Desk(hello)
    desk.sit_down()
    return desk
