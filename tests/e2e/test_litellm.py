"""Claude Code → tap → mitmdump in reverse mode → tap → a real LiteLLM → synthetic provider.

LiteLLM's Vertex pass-through has a fixed upstream; a forward proxy leads it to the provider all the same.
"""

from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from recorder.demo.provider import Provider
from recorder.demo.scripts import coding_session
from recorder.demo.secret import made_up_api_key, made_up_github_token
from tests.e2e.certificates import make_authority
from tests.e2e.checks import assert_recorded, assert_same_bytes, model_calls
from tests.e2e.claude_code import COMMAND, Planted, bedrock_settings, messages_settings, run_claude, vertex_settings
from tests.e2e.forwarder import Forwarder
from tests.e2e.gateway import MASTER_KEY, running_litellm
from tests.e2e.modes import BEDROCK_REGIONAL
from tests.e2e.recording import Record, running_mitmdump
from tests.e2e.tap import Tap

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module")]


class Gateway(msgspec.Struct, frozen=True):
    """A running LiteLLM and the two faces of the provider behind it."""

    port: int
    plain: Provider
    tls: Provider


class Route(msgspec.Struct, frozen=True):
    """One way through the gateway: where it begins, how the client is told, what the recorder makes of it."""

    prefix: str
    settings: Callable[[str, Planted], dict[str, str]]
    protocol: str
    cost_factor: Decimal = Decimal(1)


def _vertex(url: str, planted: Planted) -> dict[str, str]:
    """The client's own Google token goes on to Google, so the gateway's key needs a header of its own."""
    headers = f"Authorization: Bearer {planted.token}\nx-litellm-api-key: Bearer {planted.key}"
    return vertex_settings(url, "") | {"ANTHROPIC_CUSTOM_HEADERS": headers}


def _messages(url: str, planted: Planted) -> dict[str, str]:
    return messages_settings(url, planted.key)


def _bedrock(url: str, planted: Planted) -> dict[str, str]:
    return bedrock_settings(url, planted.key)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway(litellm: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Gateway]:
    folder = tmp_path_factory.mktemp("gateway")
    authority, tls = make_authority(folder, "us-east5-aiplatform.googleapis.com")
    script = coding_session(COMMAND)
    async with (
        Provider(script) as plain,
        Provider(script, tls=tls) as secure,
        Forwarder(secure.port) as way_out,
        running_litellm(
            litellm,
            folder / "litellm",
            plain.url,
            made_up_api_key("upstream"),
            HTTPS_PROXY=way_out.url,
            NO_PROXY="127.0.0.1,localhost",
            SSL_CERT_FILE=str(authority),
        ) as port,
    ):
        yield Gateway(port, plain, secure)


@pytest.mark.parametrize(
    "route",
    [
        pytest.param(Route("", _messages, "messages"), id="unified"),
        pytest.param(Route("/anthropic", _messages, "messages"), id="anthropic"),
        pytest.param(Route("/bedrock", _bedrock, "bedrock-invoke", BEDROCK_REGIONAL), id="bedrock"),
        pytest.param(Route("/vertex_ai", _vertex, "vertex"), id="vertex"),
    ],
)
async def test_through_litellm(claude: Path, gateway: Gateway, tmp_path: Path, route: Route) -> None:
    planted = Planted(MASTER_KEY, made_up_github_token(route.prefix))
    record = Record(tmp_path / "recorder", planted.all)
    before = len(gateway.plain.exchanges), len(gateway.tls.exchanges)
    async with (
        Tap(gateway.port) as behind,
        running_mitmdump(record, f"reverse:{behind.url}") as port,
        Tap(port) as front,
    ):
        run = await run_claude(claude, tmp_path / "client", route.settings(front.url + route.prefix, planted), planted)
        tapped = await front.exchanges()
        assert_same_bytes(tapped, await behind.exchanges())
        assert record.leaks() == []
    seen = gateway.plain.exchanges[before[0] :] + gateway.tls.exchanges[before[1] :]
    assert len(model_calls(seen)) == len(model_calls(tapped))
    await assert_recorded(record, tapped, run, planted, route.cost_factor)
    rows = await record.interactions()
    assert {row["protocol"] for row in rows} == {route.protocol}
    assert {row["provider"] for row in rows} == {"litellm"}
    assert any(
        name.lower() == "x-litellm-call-id" for name, _ in (await record.show(rows[0]["id"]))["response_headers"]
    )
