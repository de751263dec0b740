"""A copy is whole, private, of one moment, and never in the place of something else."""

import stat

import pytest

from recorder.errors import StoreError
from recorder.ledger.verdict import Verdict
from recorder.store import backup
from recorder.store.backup import back_up
from recorder.store.database import open_reader, open_writer
from recorder.store.queries import request_body
from recorder.store.writer import Writer
from tests.tampering.base import KEY, fill, head, origin, ours


@pytest.fixture
def path(tmp_path):
    fill(tmp_path / "records.db")
    return tmp_path / "records.db"


def test_a_copy_of_a_database_that_is_written(path, tmp_path, make):
    copy = tmp_path / "copy.db"
    with open_writer(path) as db:
        Writer(db, key=KEY).write([make.cut("new", b'{"messages":["1"]}'), make.closed("new")])
        assert path.with_name("records.db-wal").stat().st_size
        with open_reader(path) as reader:
            back_up(reader, copy)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert sorted(file.name for file in tmp_path.iterdir() if "copy" in file.name) == ["copy.db"]
    assert head(copy) == head(path)
    assert ours(copy, (KEY.verifier(origin(path)),), (head(path),)).verdict is Verdict.OK
    with open_reader(copy) as db:
        assert request_body(db, "new") == b'{"messages":["1"]}'


def test_a_copy_is_gone_on_with(path, tmp_path, make):
    copy = tmp_path / "copy.db"
    with open_reader(path) as reader:
        back_up(reader, copy)
    with open_writer(copy) as db:
        Writer(db, key=KEY).write([make.cut("new", b"{}"), make.closed("new")])
    assert ours(copy, (KEY.verifier(origin(path)),)).verdict is Verdict.OK


@pytest.mark.parametrize("how", ["file", "link"])
def test_nothing_is_overwritten(path, tmp_path, how):
    copy = tmp_path / "copy.db"
    copy.write_bytes(b"mine") if how == "file" else copy.symlink_to(tmp_path / "nowhere")
    with open_reader(path) as reader, pytest.raises(StoreError, match="overwrites nothing"):
        back_up(reader, copy)
    assert how == "link" or copy.read_bytes() == b"mine"


def test_a_copy_that_fails_leaves_nothing(path, tmp_path, monkeypatch):
    monkeypatch.setattr(backup, "_copy", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with open_reader(path) as reader, pytest.raises(StoreError, match="No space left"):
        back_up(reader, tmp_path / "copy.db")
    assert not [file for file in tmp_path.iterdir() if "copy" in file.name]


def test_a_folder_that_is_none(path, tmp_path):
    with open_reader(path) as reader, pytest.raises(StoreError, match="No such file"):
        back_up(reader, tmp_path / "no" / "copy.db")
