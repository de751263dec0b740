"""Installs the peers, each into an environment of its own; who cannot be installed is left out with a word."""

from collections.abc import Callable
from pathlib import Path

from tests.bench.contestants import Contestant, claude_tap, litellm
from tests.e2e.installs import CHECKOUT, ensure_environment, ensure_litellm

CACHE = CHECKOUT / ".bench"


def peers(say: Callable[[str], None]) -> list[Contestant]:
    """Return those that can be installed here."""
    found = []
    for name, ensure, make in (
        ("claude-tap", _ensure_claude_tap, claude_tap),
        ("LiteLLM", ensure_litellm, litellm),
    ):
        try:
            found.append(make(ensure()))
        except (AssertionError, OSError) as error:
            say(f"{name} is left out, it could not be installed: {str(error).splitlines()[0]}")
    return found


def _ensure_claude_tap() -> Path:
    pins = Path(__file__).with_name("claude_tap") / "requirements.txt"
    return ensure_environment(CACHE / "claude-tap", pins, "--no-deps") / "claude-tap"
