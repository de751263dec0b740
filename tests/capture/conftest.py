"""A desk of its own for each test."""

from pathlib import Path

import pytest

from recorder.capture.desk import Desk
from recorder.capture.messages import Hello
from tests.support.desk import greeting, seated


@pytest.fixture
def hello(tmp_path: Path) -> Hello:
    return greeting(tmp_path)


@pytest.fixture
def desk(hello: Hello) -> Desk:
    return seated(hello)
