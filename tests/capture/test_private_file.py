"""Private files: whole or not there, and refused when others may have a hand in them."""

import os
from pathlib import Path

import pytest

from recorder.capture.private_file import create_private, read_private, replace_private
from recorder.errors import ConfigError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.key"


def test_made_private_whatever_the_umask(path: Path) -> None:
    before = os.umask(0)
    try:
        create_private(path, b"one")
        replace_private(path, b"two")
    finally:
        os.umask(before)
    assert read_private(path) == b"two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["a.key"]


def test_one_that_is_there_is_not_made_again(path: Path) -> None:
    create_private(path, b"one")
    create_private(path, b"two")
    assert read_private(path) == b"one"


def test_none_is_told_from_one_that_cannot_be_read(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_private(path)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601, 0o644])
def test_a_file_that_others_can_use_is_refused(path: Path, mode: int) -> None:
    create_private(path, b"one")
    path.chmod(mode)
    with pytest.raises(ConfigError, match=f"mode 0{mode:o}.*chmod 600.*key rotate"):
        read_private(path)


def test_a_symbolic_link_is_refused(path: Path) -> None:
    create_private(path.with_name("real"), b"one")
    path.symlink_to(path.with_name("real"))
    with pytest.raises(ConfigError, match="symbolic link"):
        read_private(path)


def test_a_folder_and_a_pipe_are_refused(path: Path) -> None:
    path.mkdir()
    with pytest.raises(ConfigError, match="no regular file"):
        read_private(path)
    path.rmdir()
    os.mkfifo(path, 0o600)
    with pytest.raises(ConfigError, match="no regular file"):
        read_private(path)


def test_a_file_of_another_user_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    create_private(path, b"one")
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(ConfigError, match="another user"):
        read_private(path)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert read_private(path) == b"one"


def test_a_file_that_cannot_be_read_says_why(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    create_private(path, b"one")

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(ConfigError, match="Permission denied; the recorder needs this file"):
        read_private(path)


def test_a_replacement_that_fails_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    create_private(path, b"one")

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        with pytest.raises(OSError, match="No space"):
            replace_private(path, b"two")
    assert read_private(path) == b"one"
    assert [entry.name for entry in path.parent.iterdir()] == ["a.key"]
