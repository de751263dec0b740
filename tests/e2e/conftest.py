from pathlib import Path

import pytest

from recorder.demo.secret import made_up_api_key, made_up_github_token
from tests.e2e.claude_code import Planted
from tests.e2e.installs import ensure_claude, ensure_litellm


@pytest.fixture(scope="session")
def claude() -> Path:
    return ensure_claude()


@pytest.fixture(scope="session")
def litellm() -> Path:
    return ensure_litellm()


@pytest.fixture
def planted(request: pytest.FixtureRequest) -> Planted:
    """Secrets of this test alone."""
    return Planted(made_up_api_key(request.node.name), made_up_github_token(f"{request.node.name} token"))
