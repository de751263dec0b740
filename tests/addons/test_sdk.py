"""Anthropic's own clients read what the recorder makes of another protocol's answers: bodies, streams, tool calls."""

import asyncio
from pathlib import Path
from typing import Any

import anthropic
import pytest

from recorder.demo.answers import Answer, Text, ToolCall
from recorder.demo.provider import Provider
from recorder.demo.requests import SeenRequest
from tests.addons.test_route import Routed, upstream
from tests.addons.test_translating import CLOUD

MODELS = {
    "messages": "claude-haiku-4-5-20251001",
    "bedrock": "us.anthropic.claude-haiku-4-5-20251001-v1:0",
    "vertex": "claude-haiku-4-5@20251001",
}
INPUT = {"path": "/etc/hosts", "lines": [1, 2], "said": "«ü»\n"}
TOOLS = [{"name": "read", "description": "Reads.", "input_schema": {"type": "object", "properties": {}}}]


def answer(request: SeenRequest) -> Answer:
    return Answer(blocks=(Text("I shall look into that file."), ToolCall("toolu_1", "read", INPUT)))


def client(protocol: str, url: str, to: str) -> Any:
    fields: dict[str, Any] = {"default_headers": {"x-to": to}, "max_retries": 0, "base_url": url}
    if protocol == "messages":
        return anthropic.Anthropic(api_key="made-up", **fields)
    if protocol == "bedrock":
        return anthropic.AnthropicBedrock(aws_region="us-east-1", api_key="made-up", **fields)
    fields["base_url"] = f"{url}/v1"
    return anthropic.AnthropicVertex(region="us-east5", project_id="p", access_token="made-up", **fields)


def ask(protocol: str, url: str, to: str, *, streamed: bool) -> Any:
    asked: dict[str, Any] = {
        "model": MODELS[protocol],
        "max_tokens": 1000,
        "messages": [{"role": "user", "content": "Look."}],
        "tools": TOOLS,
    }
    with client(protocol, url, to) as using:
        if not streamed:
            return using.messages.create(**asked)
        with using.messages.stream(**asked) as stream:
            assert "".join(stream.text_stream) == "I shall look into that file."
            return stream.get_final_message()


async def test_all_directions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    async with Provider(answer) as provider:
        text = "".join(
            upstream(name, provider.url, f'protocol = "{name}"', CLOUD.get(name, ""))
            + f'[[route]]\nto = "{name}"\nwhen.header = {{ x-to = "{name}" }}\n'
            for name in MODELS
        )
        with Routed(tmp_path, text) as process:
            for there in MODELS:
                for here in MODELS:
                    for streamed in (False, True):
                        got = await asyncio.to_thread(ask, here, process.url, there, streamed=streamed)
                        said, call = got.content
                        case = (here, there, streamed)
                        assert (said.text, call.name, call.input) == ("I shall look into that file.", "read", INPUT), (
                            case
                        )
                        assert (got.stop_reason, got.usage.output_tokens) == ("tool_use", 20), case
                        assert (call.id, got.role) == ("toolu_1", "assistant"), case
            assert len(provider.model_calls) == 18
