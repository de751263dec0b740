from pathlib import Path

import pytest

from tests.evidence.base import make_pack, recorded, unpacked
from tests.tampering.base import THIEF


@pytest.fixture(scope="session")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return recorded(tmp_path_factory.mktemp("evidence") / "records.db")


@pytest.fixture(scope="session")
def whole(record: Path) -> Path:
    """A pack of all of it, unpacked."""
    pack = record.with_name("whole.zip")
    make_pack(record, pack)
    return unpacked(pack, record.with_name("whole"))


@pytest.fixture(scope="session")
def narrow(record: Path) -> Path:
    """A pack of one session, unpacked."""
    pack = record.with_name("narrow.zip")
    make_pack(record, pack, filters={"session": "s2"})
    return unpacked(pack, record.with_name("narrow"))


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pack of another record, by another key, unpacked."""
    db = recorded(tmp_path_factory.mktemp("stranger") / "records.db", THIEF, interactions=20)
    pack = db.with_name("pack.zip")
    make_pack(db, pack, THIEF)
    return unpacked(pack, db.with_name("pack"))
