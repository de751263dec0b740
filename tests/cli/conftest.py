import os
import sys
from pathlib import Path

import pytest

from recorder.store.database import open_reader
from scripts.sample import fill

FAKE_SERVE = Path(__file__).with_name("fake_serve.py")


@pytest.fixture(scope="session")
def sample_path(tmp_path_factory):
    """A made-up record, written once."""
    path = tmp_path_factory.mktemp("sample") / "records.db"
    fill(path)
    return path


@pytest.fixture
def db(sample_path):
    with open_reader(sample_path) as database:
        yield database


@pytest.fixture
def clean_env(tmp_path, monkeypatch):
    """An environment that names no provider, no proxy and no settings of this machine; HOME is new and empty."""
    keep = {name: os.environ[name] for name in ("PATH", "LANG", "SYSTEMROOT") if name in os.environ}
    for name in list(os.environ):
        monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    for name, value in (keep | {"HOME": str(home)}).items():
        monkeypatch.setenv(name, value)
    return home


@pytest.fixture
def fake_serve():
    return [sys.executable, str(FAKE_SERVE)]
