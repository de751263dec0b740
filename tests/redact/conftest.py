import pytest

from recorder.redact import Redactor
from tests.support.redactors import fresh


@pytest.fixture(scope="session")
def shared() -> Redactor:
    """A redactor for tests that teach it nothing; the engine's rules are compiled once."""
    return fresh()


@pytest.fixture
def redactor() -> Redactor:
    return fresh()
