"""The three protocols that Claude Code speaks, for parametrised tests."""

from collections.abc import Callable
from decimal import Decimal

import msgspec
import pytest

from recorder.demo.requests import Form
from tests.e2e.claude_code import bedrock_settings, messages_settings, vertex_settings


class Mode(msgspec.Struct, frozen=True):
    """How the client is told to speak a protocol, and what the provider then sees."""

    settings: Callable[[str, str], dict[str, str]]
    """Takes the base URL and the key."""
    form: Form
    cost_factor: Decimal = Decimal(1)


BEDROCK_REGIONAL = Decimal("1.1")
"""Bedrock charges 10 % more in a geographic profile (`us.`) than in the global one, from Sonnet 4.5 on, as the price
table knows. The client's own sum leaves that out."""

MODES = pytest.mark.parametrize(
    "mode",
    [
        pytest.param(Mode(messages_settings, Form.MESSAGES), id="messages"),
        pytest.param(Mode(bedrock_settings, Form.BEDROCK_INVOKE, BEDROCK_REGIONAL), id="bedrock"),
        pytest.param(Mode(vertex_settings, Form.VERTEX), id="vertex"),
    ],
)
