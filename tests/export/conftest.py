"""A made-up record, written once."""

import pytest

from recorder.store.database import open_reader
from scripts.sample import fill


@pytest.fixture(scope="session")
def sample_path(tmp_path_factory):
    path = tmp_path_factory.mktemp("sample") / "records.db"
    fill(path)
    return path


@pytest.fixture
def db(sample_path):
    with open_reader(sample_path) as database:
        yield database
