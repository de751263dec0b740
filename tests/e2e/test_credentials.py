"""The real client without any credential of its own: the recorder signs in, through a rule, wherever that leads."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from recorder.demo.answers import Answer, Failure, Script, ToolCall
from recorder.demo.provider import Provider
from recorder.demo.requests import SeenRequest
from recorder.demo.scripts import coding_session
from recorder.demo.secret import made_up_api_key
from tests.e2e.certificates import make_authority
from tests.e2e.claude_code import (
    COMMAND,
    ClaudeRun,
    Planted,
    bedrock_settings,
    messages_settings,
    run_claude,
    vertex_settings,
)
from tests.e2e.forwarder import Forwarder
from tests.e2e.gateway import MASTER_KEY, running_litellm
from tests.e2e.recording import Record, recorder

pytestmark = pytest.mark.e2e

NOWHERE = "http://127.0.0.1:9"
PLACEHOLDER = "not-a-credential"
"""What a client that has none is given in Messages mode, so that it does not ask its user to sign in."""


async def run_routed(
    claude: Path, record: Record, planted: Planted, config: str, settings: Mapping[str, str]
) -> ClaudeRun:
    """Run the client, whose own provider is not there, under the recorder with this configuration."""
    (record.folder / "recorder.toml").write_text(config)
    own = {"XDG_CONFIG_HOME": str(record.folder / "config"), "XDG_DATA_HOME": str(record.folder / "data")}
    own |= {"PYTHONPATH": record.env["PYTHONPATH"]}
    around = recorder("--config", str(record.folder / "recorder.toml"), "run", "--db", str(record.db), "--")
    return await run_claude(claude, record.folder.parent / "client", {**settings, **own}, planted, around=around)


def without_credentials(settings: dict[str, str]) -> dict[str, str]:
    """Give a client's settings with nothing in them that a provider would take."""
    kept = {name: value for name, value in settings.items() if name != "ANTHROPIC_CUSTOM_HEADERS"}
    return kept | ({"ANTHROPIC_API_KEY": PLACEHOLDER} if "ANTHROPIC_API_KEY" in kept else {})


def rotating(keys: Path, first: str, second: str) -> Script:
    """Play the session; when the tool has been called, the first key is worth nothing, and the helper has another."""
    session, good = coding_session(COMMAND), first

    def script(request: SeenRequest) -> Answer:
        nonlocal good
        if (request.header("x-api-key"), request.header("authorization")) != (good, f"Bearer {good}"):
            return Answer(status=401, failure=Failure("authentication_error", "invalid x-api-key"))
        answer = session(request)
        if any(isinstance(block, ToolCall) for block in answer.blocks):
            keys.write_text(second)
            good = second
        return answer

    return script


async def test_a_key_that_rotates_in_mid_session(claude: Path, tmp_path: Path, planted: Planted) -> None:
    record = Record(tmp_path / "recorder", planted.all)
    keys = tmp_path / "key"
    first, second = planted.key, made_up_api_key("the second one")
    keys.write_text(first)
    async with Provider(rotating(keys, first, second)) as provider:
        config = f'[upstream.vaulted]\nurl = "{provider.url}"\nauth = "helper:cat {keys}"\n[[route]]\nto = "vaulted"\n'
        settings = without_credentials(messages_settings(NOWHERE, planted.key))
        run = await run_routed(claude, record, planted, config, settings)
    assert run.result["result"] == "All done.", run.errors
    assert not [call for call in provider.exchanges if PLACEHOLDER.encode() in call.request.head]
    rows = await record.interactions()
    refused = [row for row in rows if row["status"] == 401]
    assert refused, "the rotation was not noticed by anybody"
    assert {row["state"] for row in rows if row not in refused} == {"complete"}
    assert record.leaks() == []
    assert second.encode() not in record.db.read_bytes()


async def test_a_helper_that_fails_is_shown_at_once(claude: Path, tmp_path: Path, planted: Planted) -> None:
    record = Record(tmp_path / "recorder", planted.all)
    config = f'[upstream.sealed]\nurl = "{NOWHERE}"\nauth = "helper:echo {planted.token} >&2; exit 3"\n'
    settings = without_credentials(messages_settings(NOWHERE, planted.key))
    run = await run_routed(claude, record, planted, config + '[[route]]\nto = "sealed"\n', settings)
    said = run.output + run.errors
    assert "[upstream.sealed] auth: the helper ended with exit code 3" in said
    assert planted.token not in said
    rows = await record.interactions()
    assert {row["state"] for row in rows} == {"blocked"}
    assert len(rows) == 1, "it was tried again"


async def test_an_upstream_that_dies_in_mid_session(claude: Path, tmp_path: Path, planted: Planted) -> None:
    record = Record(tmp_path / "recorder", planted.all)
    called = asyncio.Event()
    session = coding_session(COMMAND)

    def until_called(request: SeenRequest) -> Answer:
        answer = session(request)
        if any(isinstance(block, ToolCall) for block in answer.blocks):
            called.set()
        return answer

    async with Provider(until_called) as one, Provider(session) as two:
        config = (
            f'[upstream.one]\nurl = "{one.url}"\n[upstream.two]\nurl = "{two.url}"\n[[route]]\nto = ["one", "two"]\n'
        )
        dying = asyncio.create_task(_die(one, called))
        run = await run_routed(claude, record, planted, config, messages_settings(NOWHERE, planted.key))
        await dying
    assert run.result["result"] == "All done.", run.errors
    rows = await record.interactions()
    assert {row["upstream"] for row in rows if row["state"] == "complete"} == {"one", "two"}
    assert record.leaks() == []


async def _die(provider: Provider, called: asyncio.Event) -> None:
    """Go away when the tool call has been answered."""
    async with asyncio.timeout(60):
        await called.wait()
        caller = next(each for each in reversed(provider.exchanges) if each.request.is_model_call)
        await caller.over.wait()
    await provider.__aexit__(None, None, None)


class Setup(msgspec.Struct, frozen=True):
    """One of the gateway's faces: where it is, how the recorder signs in, how the client is told, what it speaks."""

    path: str
    auth: str
    settings: dict[str, str]
    protocol: str
    headers: str = ""


STATIC, HELPER = '"env:LITELLM_KEY"', '"helper:printf %s $LITELLM_KEY"'
MESSAGES = messages_settings(NOWHERE, PLACEHOLDER)

GOOGLE = 'authorization = "Bearer env:GOOGLE_TOKEN"'
"""LiteLLM hands `Authorization` on to Google, when it has no credentials for Vertex; its own key goes beside it."""


def vertex(source: str) -> tuple[str, dict[str, str], str, str]:
    """Give what follows the path in a `Setup`."""
    return f'{{ from = {source}, send = "x-litellm-api-key" }}', vertex_settings(NOWHERE, ""), "vertex", GOOGLE


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway(litellm: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[int]:
    """Give the port of a gateway whose upstream is the synthetic provider, in plain and as Vertex's host."""
    folder = tmp_path_factory.mktemp("gateway")
    authority, tls = make_authority(folder, "us-east5-aiplatform.googleapis.com")
    script = coding_session(COMMAND)
    async with Provider(script) as plain, Provider(script, tls=tls) as secure, Forwarder(secure.port) as way_out:
        out = {"HTTPS_PROXY": way_out.url, "NO_PROXY": "127.0.0.1,localhost", "SSL_CERT_FILE": str(authority)}
        async with running_litellm(litellm, folder / "litellm", plain.url, made_up_api_key("upstream"), **out) as port:
            yield port


@pytest.mark.parametrize(
    "setup",
    [
        pytest.param(Setup("", STATIC, MESSAGES, "messages"), id="unified-static"),
        pytest.param(Setup("", HELPER, MESSAGES, "messages"), id="unified-helper"),
        pytest.param(Setup("/anthropic", STATIC, MESSAGES, "messages"), id="anthropic-static"),
        pytest.param(Setup("/anthropic", HELPER, MESSAGES, "messages"), id="anthropic-helper"),
        pytest.param(Setup("/bedrock", STATIC, bedrock_settings(NOWHERE, ""), "bedrock-invoke"), id="bedrock-static"),
        pytest.param(Setup("/bedrock", HELPER, bedrock_settings(NOWHERE, ""), "bedrock-invoke"), id="bedrock-helper"),
        pytest.param(Setup("/vertex_ai/v1", *vertex(STATIC)), id="vertex-static"),
        pytest.param(Setup("/vertex_ai/v1", *vertex(HELPER)), id="vertex-helper"),
    ],
)
@pytest.mark.asyncio(loop_scope="module")
async def test_through_litellm(claude: Path, gateway: int, tmp_path: Path, planted: Planted, setup: Setup) -> None:
    planted = Planted(MASTER_KEY, planted.token)
    record = Record(tmp_path / "recorder", planted.all)
    url = f"http://127.0.0.1:{gateway}{setup.path}"
    config = f'[upstream.litellm]\nurl = "{url}"\nauth = {setup.auth}\nheaders = {{ {setup.headers} }}\n'
    settings = without_credentials(setup.settings) | {"LITELLM_KEY": MASTER_KEY, "GOOGLE_TOKEN": planted.token}
    run = await run_routed(claude, record, planted, config + '[[route]]\nto = "litellm"\n', settings)
    assert run.result["result"] == "All done.", run.errors
    rows = await record.interactions()
    assert {(row["state"], row["protocol"], row["upstream"]) for row in rows} == {
        ("complete", setup.protocol, "litellm")
    }
    assert len(rows) >= 2
    assert record.leaks() == []
