"""Claude Code → mitmdump as a forward proxy, its CA trusted → synthetic provider over TLS."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from recorder.demo.connection import Exchange
from recorder.demo.provider import Provider
from recorder.demo.scripts import coding_session
from tests.e2e.certificates import make_authority
from tests.e2e.checks import assert_recorded, model_calls
from tests.e2e.claude_code import COMMAND, ClaudeRun, Planted, run_claude
from tests.e2e.forwarder import Forwarder
from tests.e2e.recording import Record, running_mitmdump

pytestmark = pytest.mark.e2e


def settings(record: Record, port: int, key: str) -> dict[str, str]:
    """Give the client's environment: the proxy, and the authority that mitmproxy made when it started."""
    return {
        "HTTPS_PROXY": f"http://127.0.0.1:{port}",
        "NODE_EXTRA_CA_CERTS": str(record.folder / "conf" / "mitmproxy-ca-cert.pem"),
        "ANTHROPIC_API_KEY": key,
    }


def assert_client_logged_the_same(run: ClaudeRun, exchanges: Sequence[Exchange]) -> None:
    """What the client says that it sent arrived.

    It logs `betas`, which it sends as a header, and before it fills in a checksum (`cch=`) for its maker.
    """
    logged = [{name: value for name, value in body.items() if name != "betas"} for body in run.raw_bodies]
    received = [exchange.request.data for exchange in model_calls(exchanges)]
    assert sorted(map(_without_checksum, logged)) == sorted(map(_without_checksum, received))


def _without_checksum(body: dict[str, Any]) -> str:
    return re.sub(r"\bcch=[0-9a-f]{5};", "cch=;", json.dumps(body))


async def test_forward_proxy(claude: Path, tmp_path: Path, planted: Planted) -> None:
    authority, tls = make_authority(tmp_path, "localhost")
    record = Record(tmp_path / "recorder", planted.all)
    async with (
        Provider(coding_session(COMMAND), tls=tls, name="localhost") as provider,
        running_mitmdump(record, "regular", ssl_verify_upstream_trusted_ca=str(authority)) as port,
    ):
        chosen = settings(record, port, planted.key) | {"ANTHROPIC_BASE_URL": provider.url}
        run = await run_claude(claude, tmp_path / "client", chosen, planted)
        assert record.leaks() == []
    assert_client_logged_the_same(run, provider.exchanges)
    await assert_recorded(record, provider.exchanges, run, planted)


async def test_first_party_client_behind_a_corporate_proxy(claude: Path, tmp_path: Path, planted: Planted) -> None:
    """No base URL is set: the client speaks as to its maker. The corporate proxy leads it to the synthetic provider."""
    authority, tls = make_authority(tmp_path, "api.anthropic.com")
    record = Record(tmp_path / "recorder", planted.all)
    async with (
        Provider(coding_session(COMMAND), tls=tls) as provider,
        Forwarder(provider.port) as corporate,
        running_mitmdump(record, f"upstream:{corporate.url}", ssl_verify_upstream_trusted_ca=str(authority)) as port,
    ):
        run = await run_claude(claude, tmp_path / "client", settings(record, port, planted.key), planted)
        assert record.leaks() == []
    assert "api.anthropic.com:443" in corporate.hosts
    assert_client_logged_the_same(run, provider.exchanges)
    await assert_recorded(record, provider.exchanges, run, planted)
    assert {row["provider"] for row in await record.interactions()} == {"anthropic"}
