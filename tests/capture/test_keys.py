"""The store's key: made once, private, refused when damaged."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from recorder.capture.keys import KEY_BYTES, ensure_key
from recorder.errors import ConfigError


def test_is_made_once_and_private(tmp_path: Path) -> None:
    key = ensure_key(tmp_path / "config")
    assert len(key) == KEY_BYTES
    assert ensure_key(tmp_path / "config") == key
    assert [path.name for path in (tmp_path / "config").iterdir()] == ["store.key"]
    assert (tmp_path / "config" / "store.key").stat().st_mode & 0o777 == 0o600


def test_many_that_start_at_once_have_the_same_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(lambda _: ensure_key(tmp_path), range(64)))) == 1


def test_a_damaged_key_is_refused_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "store.key").write_bytes(b"short")
    (tmp_path / "store.key").chmod(0o600)
    with pytest.raises(ConfigError, match="5 bytes, it must have 32"):
        ensure_key(tmp_path)
    assert (tmp_path / "store.key").read_bytes() == b"short"


def test_a_folder_that_cannot_be_had_is_a_setting_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="needs this file"):
        ensure_key(tmp_path / "file")
