"""A file that is there once it is whole."""

import stat
from pathlib import Path

import pytest

from recorder.cli.new_file import NewFile
from recorder.errors import ConfigError


def test_it_is_there_once_it_is_kept(tmp_path: Path) -> None:
    with NewFile(tmp_path / "a") as new:
        new.file.write(b"abc")
        assert new.finish() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        assert not (tmp_path / "a").exists()
        new.keep()
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_bytes() == b"abc"
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600


def test_nothing_is_left_without(tmp_path: Path) -> None:
    with NewFile(tmp_path / "a") as new:
        new.file.write(b"abc")
    assert list(tmp_path.iterdir()) == []


def test_what_came_to_be_there_meanwhile_stays(tmp_path: Path) -> None:
    with NewFile(tmp_path / "a") as new:
        (tmp_path / "a").write_text("mine")
        with pytest.raises(ConfigError, match="File exists; name another file"):
            new.keep()
    assert (tmp_path / "a").read_text() == "mine"


def test_a_link_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("nowhere")
    with pytest.raises(ConfigError, match="is there already"):
        NewFile(tmp_path / "a")


def test_another_that_is_being_made_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.part").write_text("half")
    with pytest.raises(ConfigError, match=r"a\.part: File exists"):
        NewFile(tmp_path / "a")
    assert (tmp_path / "a.part").read_text() == "half"
