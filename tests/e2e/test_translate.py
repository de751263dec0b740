"""The real client in each of its protocols, served by a provider that speaks another one."""

from decimal import Decimal
from pathlib import Path

import pytest

from recorder.demo.provider import Provider
from recorder.demo.requests import Form
from recorder.demo.scripts import coding_session
from tests.e2e.checks import CLIENT_ROUNDING_USD, PLACEHOLDER
from tests.e2e.claude_code import (
    COMMAND,
    Planted,
    bedrock_settings,
    messages_settings,
    run_claude,
    vertex_settings,
)
from tests.e2e.modes import BEDROCK_REGIONAL, Mode
from tests.e2e.recording import Record, recorder
from tests.e2e.test_route import NOWHERE

pytestmark = pytest.mark.e2e

MESSAGES, BEDROCK, VERTEX = (
    Mode(messages_settings, Form.MESSAGES),
    Mode(bedrock_settings, Form.BEDROCK_INVOKE, BEDROCK_REGIONAL),
    Mode(vertex_settings, Form.VERTEX),
)
WAYS = [
    pytest.param(MESSAGES, BEDROCK, "", id="messages-bedrock"),
    pytest.param(MESSAGES, VERTEX, 'project = "p"\nregion = "us-east5"\n', id="messages-vertex"),
    pytest.param(BEDROCK, MESSAGES, "", id="bedrock-messages"),
    pytest.param(VERTEX, MESSAGES, "", id="vertex-messages"),
]
PROTOCOLS = {Form.MESSAGES: "messages", Form.BEDROCK_INVOKE: "bedrock", Form.VERTEX: "vertex"}


async def upstream_body(record: Record, interaction: str) -> bytes:
    """Give what the provider was sent, as the record tells."""
    return await record.read("body", interaction, "--side", "request", "--upstream", "--db", str(record.db))


def hidden(body: bytes, planted: Planted) -> bytes:
    """Give a body with something in the place of each secret."""
    for secret in planted.all:
        body = body.replace(secret.encode(), b"\0")
    return body


@pytest.mark.parametrize(("client", "provider_of", "settings"), WAYS)
async def test_a_tool_call_and_a_second_turn(
    claude: Path, tmp_path: Path, planted: Planted, client: Mode, provider_of: Mode, settings: str
) -> None:
    record = Record(tmp_path / "recorder", planted.all)
    folder = record.folder
    async with Provider(coding_session(COMMAND)) as provider:
        text = f'[upstream.other]\nurl = "{provider.url}"\nprotocol = "{PROTOCOLS[provider_of.form]}"\n{settings}'
        (folder / "recorder.toml").write_text(text + '[[route]]\nto = "other"\n')
        own = {"XDG_CONFIG_HOME": str(folder / "config"), "XDG_DATA_HOME": str(folder / "data")}
        own |= {"PYTHONPATH": record.env["PYTHONPATH"]}
        around = recorder("--config", str(folder / "recorder.toml"), "run", "--db", str(record.db), "--")
        env = client.settings(NOWHERE, planted.key) | own
        run = await run_claude(claude, tmp_path / "client", env, planted, around=around)
    assert run.result["result"] == "All done.", run.errors
    calls = provider.model_calls
    assert {call.request.form for call in calls} == {provider_of.form}
    rows = [row for row in await record.interactions() if row["flow_class"] == "model"]
    assert len(rows) == len(calls) >= 2
    assert {(row["state"], row["protocol_sent"]) for row in rows} == {("complete", PROTOCOLS[provider_of.form])}
    (caller,) = [row for row in rows if row["tool_calls"]]
    (call,) = (await record.show(caller["id"]))["tool_calls"]
    assert call["result_id"] in {row["id"] for row in rows}
    total = sum((Decimal(row["cost_usd"]) for row in rows), Decimal(0))
    assert abs(total - run.result["total_cost_usd"] * provider_of.cost_factor) <= CLIENT_ROUNDING_USD
    for row, body in [(row, await upstream_body(record, row["id"])) for row in rows]:
        bodies = [hidden(call.request.body, planted) for call in calls]
        assert PLACEHOLDER.sub(b"\0", body) in bodies, row["id"]
    shown = await record.show(caller["id"])
    assert shown["upstream"]["protocol"] == PROTOCOLS[provider_of.form]
    assert record.leaks() == []
