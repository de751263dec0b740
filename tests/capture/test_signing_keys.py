"""The file of the key that signs: made, rotated, moved into a keyring and back, refused when it is damaged."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from recorder.capture.signing_keys import (
    SIGNING_KEY,
    ensure_signing_keys,
    maybe_lineage,
    move_signing,
    read_signing_keys,
    rotate_signing,
)
from recorder.errors import ConfigError
from recorder.ledger.succession import open_succession

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)


class Memory(KeyringBackend):
    """A desktop's keyring."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}
        self.is_locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.is_locked:
            raise KeyringLocked
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


@pytest.fixture
def memory() -> Iterator[Memory]:
    before, ours = keyring.get_keyring(), Memory()
    keyring.set_keyring(ours)
    yield ours
    keyring.set_keyring(before)


def test_made_once(tmp_path: Path) -> None:
    assert read_signing_keys(tmp_path) is None
    first = ensure_signing_keys(tmp_path)
    assert first.key.public == ensure_signing_keys(tmp_path).key.public
    assert (tmp_path / SIGNING_KEY).stat().st_mode & 0o777 == 0o600


def test_the_old_key_signs_the_new_one_and_is_gone(tmp_path: Path) -> None:
    old = ensure_signing_keys(tmp_path).key
    rotated = rotate_signing(tmp_path, AT)
    read = read_signing_keys(tmp_path)
    assert read
    assert (read.key.public, read.made_utc) == (rotated.key.public, "2026-11-25T12:00:00Z")
    (step,) = map(open_succession, read.lineage.notes)
    assert (step.old, step.new) == (old.public, read.key.public)
    assert old.seed not in (tmp_path / SIGNING_KEY).read_bytes()
    again = rotate_signing(tmp_path, AT)
    assert again.lineage.former == (rotated.key.public, old.public)
    assert (tmp_path / SIGNING_KEY).stat().st_mode & 0o777 == 0o600


def test_into_the_keyring_and_back(tmp_path: Path, memory: Memory) -> None:
    rotate_signing(tmp_path, AT)
    keys = ensure_signing_keys(tmp_path)
    assert move_signing(tmp_path, "keyring").place == "keyring"
    assert keys.key.seed not in (tmp_path / SIGNING_KEY).read_bytes()
    assert list(json.loads((tmp_path / SIGNING_KEY).read_bytes())) == ["keyring"]
    found = read_signing_keys(tmp_path)
    assert found
    assert (found.key.public, found.lineage.notes, found.place) == (keys.key.public, keys.lineage.notes, "keyring")
    rotated = rotate_signing(tmp_path, AT)
    assert rotated.place == "keyring"
    assert ensure_signing_keys(tmp_path).key.public == rotated.key.public
    move_signing(tmp_path, "file")
    assert memory.entries == {}
    assert ensure_signing_keys(tmp_path).key.public == rotated.key.public


def test_a_keyring_that_does_not_open(tmp_path: Path, memory: Memory) -> None:
    move_signing(tmp_path, "keyring")
    memory.is_locked = True
    with pytest.raises(ConfigError, match="unlock it"):
        ensure_signing_keys(tmp_path)
    assert maybe_lineage(tmp_path) is None
    memory.is_locked = False
    memory.entries.clear()
    with pytest.raises(ConfigError, match="which is not there"):
        ensure_signing_keys(tmp_path)


@pytest.mark.parametrize("damage", ["seed", "order", "last", "nonsense", "short"])
def test_a_damaged_file_is_refused(tmp_path: Path, damage: str) -> None:
    path = tmp_path / SIGNING_KEY
    rotate_signing(tmp_path, AT)
    rotate_signing(tmp_path, AT)
    content = json.loads(path.read_bytes())
    match damage:
        case "seed":
            content["seed"] = "AAAA"
        case "order":
            content["successions"].reverse()
        case "last":
            content["successions"].pop()
        case "nonsense":
            content["successions"][0] = "x"
    path.write_text(json.dumps(content) if damage != "short" else "short")
    with pytest.raises(ConfigError, match="restore it from a backup"):
        ensure_signing_keys(tmp_path)
