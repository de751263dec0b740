"""The real client in each of its protocols, served by a provider that speaks another one."""

from decimal import Decimal
from pathlib import Path

import pytest

from recorder.demo.answers import Answer, Failure, Script
from recorder.demo.provider import Provider
from recorder.demo.requests import Form, SeenRequest
from recorder.demo.scripts import coding_session
from tests.e2e.checks import CLIENT_ROUNDING_USD, PLACEHOLDER
from tests.e2e.claude_code import (
    COMMAND,
    Planted,
    bedrock_settings,
    messages_settings,
    vertex_settings,
)
from tests.e2e.modes import BEDROCK_REGIONAL, Mode
from tests.e2e.recording import Record
from tests.e2e.test_route import NOWHERE, run_routed

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
    async with Provider(coding_session(COMMAND)) as provider:
        text = f'[upstream.other]\nurl = "{provider.url}"\nprotocol = "{PROTOCOLS[provider_of.form]}"\n{settings}'
        text += '[[route]]\nto = "other"\n'
        run = await run_routed(claude, record, planted, text, client.settings(NOWHERE, planted.key))
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


def whole_only(script: Script) -> Script:
    """Know no streams: the client asks once more then, for an answer in one piece."""
    unknown = Answer(status=404, failure=Failure("not_found_error", "no streams here"))

    def answer(request: SeenRequest) -> Answer:
        return unknown if request.streamed else script(request)

    return answer


@pytest.mark.parametrize(("client", "provider_of", "settings"), WAYS)
async def test_answers_in_one_piece(
    claude: Path, tmp_path: Path, planted: Planted, client: Mode, provider_of: Mode, settings: str
) -> None:
    """A tool call and what follows it, by the client's own fall-back."""
    record = Record(tmp_path / "recorder", planted.all)
    async with Provider(whole_only(coding_session(COMMAND))) as provider:
        text = f'[upstream.other]\nurl = "{provider.url}"\nprotocol = "{PROTOCOLS[provider_of.form]}"\n{settings}'
        text += '[[route]]\nto = "other"\n'
        run = await run_routed(claude, record, planted, text, client.settings(NOWHERE, planted.key))
    assert run.result["result"] == "All done.", run.errors
    whole = [call for call in provider.model_calls if not call.request.streamed]
    assert {call.request.form for call in whole} == {provider_of.form}
    rows = [row for row in await record.interactions() if row["flow_class"] == "model"]
    assert len(rows) == len(provider.model_calls) > len(whole) >= 2
    complete = [row for row in rows if row["state"] == "complete"]
    assert len(complete) == len(whole)
    assert {(row["state"], row["protocol_sent"]) for row in rows} == {
        (state, PROTOCOLS[provider_of.form]) for state in ("complete", "failed")
    }
    (caller,) = [row for row in complete if row["tool_calls"]]
    (call,) = (await record.show(caller["id"]))["tool_calls"]
    assert call["name"] == "Bash"
    assert call["result_id"] in {row["id"] for row in rows}
    total = sum((Decimal(row["cost_usd"]) for row in complete), Decimal(0))
    assert abs(total - run.result["total_cost_usd"] * provider_of.cost_factor) <= CLIENT_ROUNDING_USD
    assert record.leaks() == []
