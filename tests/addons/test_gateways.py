"""The set-ups of docs/routing.md, "Gateways": where a request arrives, how it is signed in, its body as it came."""

from pathlib import Path

import pytest

from recorder.demo.answers import Answer, Text
from recorder.demo.provider import Provider
from tests.addons.test_route import Routed, upstream
from tests.support.requests import dumps, headers, message
from tests.support.wire_client import post

KEY = "sk-" + "made-up-" * 4
MESSAGES = "/v1/messages?beta=true"
INVOKE = "/model/us.anthropic.claude-haiku-4-5-20251001-v1%3A0/invoke-with-response-stream"
VERTEX = "/projects/p/locations/us-east5/publishers/anthropic/models/claude-haiku-4-5@20251001:streamRawPredict"
BEARER, API_KEY = 'auth = "env:GATEWAY_KEY"', 'auth = { from = "env:GATEWAY_KEY", send = "x-api-key" }'
PORTKEY = 'headers = { x-portkey-api-key = "env:GATEWAY_KEY", x-portkey-provider = "anthropic" }'
CLOUDFLARE = 'headers = { cf-aig-authorization = "Bearer env:GATEWAY_KEY" }'
SIGNED = {"authorization": f"Bearer {KEY}"}
SETUPS = [
    # name, base path of its URL, settings, what the client asks for, where it arrives, headers there
    ("litellm", "", BEARER, MESSAGES, MESSAGES, SIGNED),
    ("litellm-anthropic", "/anthropic", BEARER, MESSAGES, f"/anthropic{MESSAGES}", SIGNED),
    ("litellm-bedrock", "/bedrock", BEARER, INVOKE, f"/bedrock{INVOKE}", SIGNED),
    ("litellm-vertex", "/vertex_ai/v1", BEARER, f"/v1{VERTEX}", f"/vertex_ai/v1{VERTEX}", SIGNED),
    ("anthropic", "", API_KEY, MESSAGES, MESSAGES, {"x-api-key": KEY, "authorization": None}),
    ("bedrock", "", BEARER, INVOKE, INVOKE, SIGNED),
    ("vertex", "/v1", BEARER, f"/v1{VERTEX}", f"/v1{VERTEX}", SIGNED),
    ("mantle", "/anthropic", BEARER, MESSAGES, f"/anthropic{MESSAGES}", SIGNED),
    ("foundry", "/anthropic", API_KEY, MESSAGES, f"/anthropic{MESSAGES}", {"x-api-key": KEY, "authorization": None}),
    (
        *("cloudflare", "/v1/ACCOUNT/GATEWAY/anthropic", CLOUDFLARE, MESSAGES),
        f"/v1/ACCOUNT/GATEWAY/anthropic{MESSAGES}",
        {"cf-aig-authorization": f"Bearer {KEY}", "authorization": "Bearer of-the-client"},
    ),
    ("openrouter", "/api", BEARER, MESSAGES, f"/api{MESSAGES}", SIGNED),
    (
        *("portkey", "", PORTKEY, MESSAGES, MESSAGES),
        {"x-portkey-api-key": KEY, "x-portkey-provider": "anthropic", "authorization": "Bearer of-the-client"},
    ),
]


async def test_each_set_up(tmp_path: Path, subtests: pytest.Subtests) -> None:
    async with Provider(lambda _: Answer(blocks=(Text("Hello."),))) as provider:
        text = "".join(
            upstream(name, f"{provider.url}{base}", lines)
            + f'[[route]]\nto = "{name}"\nwhen.header = {{ x-case = "{name}" }}\n'
            for name, base, lines, *_ in SETUPS
        )
        with Routed(tmp_path, text, env={"GATEWAY_KEY": KEY}) as process:
            for name, _, _, asked, arrives, expected in SETUPS:
                with subtests.test(name):
                    body = dumps(message(f"hi {name}"))
                    own = {"x-case": name, "Authorization": "Bearer of-the-client"}
                    got = await post(process.url, asked, body, headers(name, Host="127.0.0.1") | own)
                    seen = provider.exchanges[-1].request
                    assert (got.status, seen.target, seen.body == body) == (200, arrives, True)
                    assert {key: seen.header(key) for key in expected} == expected
            assert KEY.encode() not in process.every_byte()
