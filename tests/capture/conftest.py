"""A desk of its own for each test."""

from pathlib import Path

import pytest

from recorder.capture.desk import Desk
from recorder.capture.messages import Hello
from tests.support.recorder_process import CACHE


@pytest.fixture
def hello(tmp_path: Path) -> Hello:
    return Hello(
        db=str(tmp_path / "records.db"),
        run_id="run",
        config_dir=str(tmp_path / "config"),
        cache_dir=str(CACHE),
        started_us=1_000_000,
        version="0",
        on_failure="block",
    )


@pytest.fixture
def desk(hello: Hello) -> Desk:
    desk = Desk(hello)
    desk.sit_down()
    return desk
