import pytest

from recorder.redact import Redactor


@pytest.fixture(scope="session")
def shared() -> Redactor:
    """A redactor for tests that teach it nothing; the engine's rules are compiled once."""
    return Redactor(b"k" * 32)


@pytest.fixture
def redactor() -> Redactor:
    return Redactor(b"k" * 32)
