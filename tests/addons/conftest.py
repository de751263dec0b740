"""A recorder that many tests share: each test is a session of its own in its record."""

import itertools
from collections.abc import Iterator

import pytest

from tests.support.recorder_process import RecorderProcess

_numbers = itertools.count()


@pytest.fixture(scope="session")
def recorder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RecorderProcess]:
    with RecorderProcess(tmp_path_factory.mktemp("recorder")) as process:
        yield process


@pytest.fixture
def session() -> str:
    """A session id that no other test uses."""
    return f"00000000-0000-4000-8000-{next(_numbers):012d}"
