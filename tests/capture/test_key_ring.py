"""The keys of redaction: which stay, which change, and what is left of one that was forgotten."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from recorder.capture.key_ring import KeyRing, ensure_ring, read_ring, rotate
from recorder.capture.keys import ensure_key
from recorder.errors import ConfigError
from recorder.redact import derive_key

AT, LATER = datetime(2026, 11, 24, 3, 4, 5, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)


def test_none_is_made_by_looking(tmp_path: Path) -> None:
    assert read_ring(tmp_path / "config") is None
    assert not (tmp_path / "config").exists()


def test_the_first_key_is_the_file(tmp_path: Path) -> None:
    key = ensure_key(tmp_path)
    ring = ensure_ring(tmp_path)
    assert ring == read_ring(tmp_path)
    assert (ring.parts, ring.current.root) == (derive_key(key, "parts"), key)
    assert ring.former_fingerprints == ()


def test_a_rotation_keeps_the_old_key_and_the_parts_key(tmp_path: Path) -> None:
    old = ensure_ring(tmp_path)
    new = rotate(tmp_path, AT)
    assert new == ensure_ring(tmp_path)
    assert new.parts == old.parts
    assert new.current.root != old.current.root
    assert (new.current.made_utc, new.current.retired_utc) == ("2026-11-24T03:04:05Z", None)
    assert new.former_fingerprints == (old.current.fingerprints,)
    newest = rotate(tmp_path, LATER)
    assert [key.id for key in newest.keys[1:]] == [new.current.id, old.current.id]
    assert [key.retired_utc for key in newest.keys] == [None, "2026-12-01T00:00:00Z", "2026-11-24T03:04:05Z"]
    assert (tmp_path / "store.key").stat().st_mode & 0o777 == 0o600


def test_a_forgotten_key_is_nowhere(tmp_path: Path) -> None:
    old = rotate(tmp_path, AT)
    new = rotate(tmp_path, LATER, forget=True)
    assert new == ensure_ring(tmp_path)
    assert (new.parts, len(new.keys)) == (old.parts, 1)
    import base64  # noqa: PLC0415 -- used here alone

    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for key in old.keys:
        assert key.root not in content
        assert base64.b64encode(key.root) not in content


def test_the_three_keys_of_one_root_differ(tmp_path: Path) -> None:
    ring = ensure_ring(tmp_path)
    key = ring.current
    assert len({ring.parts, key.fingerprints, key.bodies, key.root, bytes.fromhex(key.id)}) == 5


@pytest.mark.parametrize(
    "content",
    [
        b"short",
        b"x" * 33,
        b"{",
        b'{"parts":"","keys":[]}',
        b'{"parts":"QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=","keys":[]}',
        b'{"parts":"QUFB","keys":[{"root":"QUFB","made_utc":"x"}]}',
    ],
)
def test_a_damaged_file_is_refused_not_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "store.key"
    path.write_bytes(content)
    path.chmod(0o600)
    for use in (ensure_ring, read_ring, lambda folder: rotate(folder, AT)):
        with pytest.raises(ConfigError, match="restore it from a backup"):
            use(tmp_path)
    assert path.read_bytes() == content


def test_a_key_that_looks_like_json_is_a_key(tmp_path: Path) -> None:
    path = tmp_path / "store.key"
    path.write_bytes(b"{" + b"k" * 31)
    path.chmod(0o600)
    assert isinstance(ensure_ring(tmp_path), KeyRing)


def test_a_rotation_that_cannot_be_written_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = ensure_ring(tmp_path)

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("recorder.capture.key_ring.replace_private", refuse)
        with pytest.raises(ConfigError, match="No space left on device; nothing changed"):
            rotate(tmp_path, AT)
    assert ensure_ring(tmp_path) == old
