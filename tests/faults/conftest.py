"""Detectors that all desks of this folder share, and the file system under the product's SQLite, where there is one."""

import pytest

from recorder.redact import Redactor
from tests.faults import vfs, workload
from tests.support.recorder_process import CACHE


@pytest.fixture(scope="session")
def redactor() -> Redactor:
    rules = CACHE / "rules"
    rules.mkdir(parents=True, exist_ok=True)
    return Redactor(b"k" * 32, engine_cache_dir=str(rules))


@pytest.fixture
def detectors(redactor: Redactor, monkeypatch: pytest.MonkeyPatch) -> None:
    if vfs.library() is None:
        pytest.skip("this SQLite does not export its interface; pysqlite3's wheel does")
    workload.share_detectors(monkeypatch, redactor)
