"""Runs a real LiteLLM on the loopback whose upstream is the synthetic provider, kept off every other network."""

import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

from recorder.demo.client import Client
from tests.e2e.processes import bare_environment, free_port, running, until

START_SECONDS = 120
BEDROCK_MODEL = "us.anthropic.claude-opus-5-5"
"""What the client (2.1.332) asks for on Bedrock when it cannot list the profiles."""
MODELS = (
    "claude-opus-5-5",
    "claude-haiku-5-5",
    "claude-opus-4-8",
    "claude-sonnet-4-6",
    "claude-sonnet-4-5-20250929",
    "claude-haiku-4-5-20251001",
)
REGION = "us-east-1"
MASTER_KEY = "sk-" + "e2e" + "0a1B2c3D4e5F6g7H8i9J"
"""What clients authenticate with at the gateway; made up."""


@contextlib.asynccontextmanager
async def running_litellm(
    program: Path, folder: Path, upstream: str, upstream_key: str, **settings: str
) -> AsyncIterator[int]:
    """Give the gateway's port. Clients speak with MASTER_KEY; it speaks to `upstream` with `upstream_key`."""
    folder.mkdir()
    port = free_port()
    config, log = folder / "config.yaml", folder / "litellm.log"
    config.write_text(json.dumps(_config(upstream, upstream_key)))  # JSON is YAML
    env = bare_environment(
        folder,
        LITELLM_LOCAL_MODEL_COST_MAP="True",
        LITELLM_TELEMETRY="False",
        DISABLE_ADMIN_UI="True",
        NO_DOCS="True",
        ANTHROPIC_API_BASE=upstream,
        ANTHROPIC_API_KEY=upstream_key,
        AWS_BEDROCK_RUNTIME_ENDPOINT=upstream,
        AWS_REGION_NAME=REGION,
        **settings,
    )
    words = [str(program), "--config", str(config), "--host", "127.0.0.1", "--port", str(port), "--telemetry", "False"]
    url = f"http://127.0.0.1:{port}"
    async with running(words, env, log) as process:
        await until(lambda: _is_ready(url), process, log, START_SECONDS)
        yield port


def _config(upstream: str, upstream_key: str) -> dict[str, object]:
    def entry(model: str) -> dict[str, object]:
        parameters = {"model": f"anthropic/{model}", "api_base": upstream, "api_key": upstream_key}
        return {"model_name": model, "litellm_params": parameters}

    bedrock = {
        "model": f"bedrock/{BEDROCK_MODEL}",
        "aws_bedrock_runtime_endpoint": upstream,
        "aws_region_name": REGION,
        "aws_access_key_id": "AKIA" + "E2E" + "X" * 13,
        "aws_secret_access_key": "e2e" + "x" * 37,
    }
    return {
        "model_list": [
            *(entry(model) for model in MODELS),
            {"model_name": BEDROCK_MODEL, "litellm_params": bedrock},
        ],
        "general_settings": {"master_key": MASTER_KEY},
        "litellm_settings": {"telemetry": False, "num_retries": 0},
    }


async def _is_ready(url: str) -> bool:
    try:
        async with Client(url) as client:
            return (await client.request("GET", "/health/liveliness")).status == 200
    except OSError:
        return False
