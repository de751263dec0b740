"""Runs the real Claude Code, once, in a folder of its own, with a made-up key."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from tests.e2e.installs import SHARED_CACHE
from tests.e2e.processes import bare_environment, run_to_end

RUN_SECONDS = 120
WORDS = ("-p", "Read token.txt with Bash.", "--output-format", "json", "--allowedTools", "Bash")
COMMAND = "cat token.txt"
"""What the synthetic provider's script calls Bash with; `run_claude` puts the secrets into that file."""


class Planted(msgspec.Struct, frozen=True):
    """Made-up secrets: the key that the client sends, and a token. A tool prints both; no record may hold either."""

    key: str
    token: str

    @property
    def all(self) -> tuple[str, ...]:
        """Both."""
        return self.key, self.token


class ClaudeRun(msgspec.Struct, frozen=True):
    """What the client said about its session."""

    exit_code: int
    output: str
    errors: str
    raw_bodies: tuple[dict[str, Any], ...]
    """The request bodies as the client logged them itself (OTEL_LOG_RAW_API_BODIES), in no order."""

    @property
    def result(self) -> dict[str, Any]:
        """The client's own summary: `total_cost_usd`, `usage`, `session_id`, ..."""
        summary: dict[str, Any] = json.loads(self.output, parse_float=Decimal)
        return summary


def messages_settings(url: str, key: str) -> dict[str, str]:
    """Give the environment for the Messages protocol."""
    return {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": key}


def bedrock_settings(url: str, key: str) -> dict[str, str]:
    """Give the environment for Bedrock InvokeModel; the key goes as a bearer token."""
    return {
        "CLAUDE_CODE_USE_BEDROCK": "1",
        "CLAUDE_CODE_SKIP_BEDROCK_AUTH": "1",
        "ANTHROPIC_BEDROCK_BASE_URL": url,
        "AWS_REGION": "us-east-1",
        "ANTHROPIC_CUSTOM_HEADERS": f"Authorization: Bearer {key}",
    }


def vertex_settings(url: str, key: str) -> dict[str, str]:
    """Give the environment for Vertex; the key goes as a bearer token."""
    return {
        "CLAUDE_CODE_USE_VERTEX": "1",
        "CLAUDE_CODE_SKIP_VERTEX_AUTH": "1",
        "ANTHROPIC_VERTEX_PROJECT_ID": "p",
        "CLOUD_ML_REGION": "us-east5",
        "ANTHROPIC_VERTEX_BASE_URL": f"{url}/v1",
        "ANTHROPIC_CUSTOM_HEADERS": f"Authorization: Bearer {key}",
    }


async def run_claude(
    program: Path, folder: Path, settings: Mapping[str, str], planted: Planted, *, around: Sequence[str] = ()
) -> ClaudeRun:
    """Run the client to its end; `around` stands before it on the command line (`recorder run … --`)."""
    home, work, raw = folder / "home", folder / "work", folder / "raw"
    for each in (home, work):
        each.mkdir(parents=True, exist_ok=True)
    (work / "token.txt").write_text("\n".join(f"TOKEN_{number}={value}" for number, value in enumerate(planted.all)))
    env = bare_environment(
        home,
        CLAUDE_CODE_ENABLE_TELEMETRY="1",
        OTEL_LOGS_EXPORTER="none",
        OTEL_LOG_RAW_API_BODIES=f"file:{raw}",
        XDG_CACHE_HOME=str(SHARED_CACHE),
        **settings,
    )
    exit_code, output, errors = await run_to_end([*around, str(program), *WORDS], env, work, RUN_SECONDS)
    bodies = [json.loads(path.read_bytes()) for path in raw.glob("*.request.json")]
    return ClaudeRun(exit_code, output.decode(), errors.decode(), tuple(bodies))
