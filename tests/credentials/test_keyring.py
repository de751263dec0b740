"""`keyring:NAME`: found under our name or the service named, and what is said when it is not there or locked."""

import secrets
from collections.abc import Iterator

import keyring
import keyring.backend
import keyring.errors
import pytest

from recorder.credentials.references import read_reference
from recorder.errors import ConfigError

SECRET = "sk-" + secrets.token_hex(16)


class Memory(keyring.backend.KeyringBackend):
    """A keyring of two entries."""

    priority = 1.0  # type: ignore[assignment] # a plain value, as the library's own backends have it
    is_locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.is_locked:
            raise keyring.errors.KeyringLocked(f"locked {SECRET}")
        known = {("llm-audit-recorder", "gateway"): SECRET, ("work/vault", "key"): f"{SECRET}-2"}
        return known.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError

    def delete_password(self, service: str, username: str) -> None:
        raise NotImplementedError


@pytest.fixture
def memory() -> Iterator[Memory]:
    before, found = keyring.get_keyring(), Memory()
    keyring.set_keyring(found)
    yield found
    keyring.set_keyring(before)


def test_found(memory: Memory) -> None:
    assert read_reference("keyring", "gateway", "here") == SECRET
    assert read_reference("keyring", "work/vault/key", "here") == f"{SECRET}-2"


def test_not_found(memory: Memory) -> None:
    with pytest.raises(ConfigError) as caught:
        read_reference("keyring", "other", "here")
    assert str(caught.value) == "here: the keyring holds no other; put it there: keyring set llm-audit-recorder other"


def test_locked(memory: Memory) -> None:
    memory.is_locked = True
    with pytest.raises(ConfigError) as caught:
        read_reference("keyring", "gateway", "here")
    assert "here: the keyring cannot be asked for gateway (KeyringLocked); unlock it" in str(caught.value)
    assert SECRET not in str(caught.value)
