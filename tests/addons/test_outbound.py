"""`[redact] outbound` as a client and a provider see it: what goes out, what is refused, what is on the record."""

import json
from pathlib import Path

import pytest

from recorder.demo.answers import Answer, Text, in_order
from recorder.demo.provider import Provider
from recorder.store.database import open_reader
from recorder.store.queries import details
from tests.support.recorder_process import RecorderProcess
from tests.support.requests import headers, message
from tests.support.wire_client import post

HELLO = Answer(blocks=(Text("Hello."),))
TOKEN = "ghp_" + "Zk3vQ8mW1xR5tY7uB2nC4pL6sD9fG0hJa123"
PLACE = "github-pat at messages[0].content[0].text"


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/v1/messages", "invalid_request_error"),
        ("/v1/messages/count_tokens", "invalid_request_error"),
        ("/model/us.anthropic.claude-haiku-4-5-20251001-v1:0/invoke", "ValidationException"),
        ("/v1/projects/p/locations/l/publishers/anthropic/models/claude-haiku-4-5:rawPredict", "invalid_request_error"),
    ],
)
async def test_block_refuses_before_anything_leaves(tmp_path: Path, path: str, form: str) -> None:
    with RecorderProcess(tmp_path, "--set", "recorder_redact_outbound=block") as process:
        async with Provider(in_order(HELLO)) as provider:
            refused = await post(process.url, f"{provider.url}{path}", message(f"it is {TOKEN}"), headers("s"))
            assert provider.exchanges == []
        assert (refused.status, refused.headers["x-should-retry"]) == (409, "false")
        said = json.loads(refused.body)
        text = said["message"] if form == "ValidationException" else said["error"]["message"]
        assert PLACE in text
        assert TOKEN.encode() not in refused.body
        assert form in (refused.headers.get("x-amzn-errortype"), said.get("error", {}).get("type"))
        row = process.one("s")
        assert (row.state, row.state_reason, row.error_type) == ("blocked", "outbound_secret", "outbound_secret")
        found = details(open_reader(process.db), row.id)
        assert f"{found.opened['outbound'][0]['kind']} at {found.opened['outbound'][0]['place']}" == PLACE
        assert PLACE in (found.error_message or "")


async def test_block_lets_all_else_through(tmp_path: Path) -> None:
    with RecorderProcess(tmp_path, "--set", "recorder_redact_outbound=block") as process:
        async with Provider(in_order(HELLO)) as provider:
            answer = await post(process.url, f"{provider.url}/v1/messages", message("hi"), headers("s"))
        assert (answer.status, answer.complete) == (200, True)
        assert process.one("s").state == "complete"


async def test_warn_notes_and_lets_it_go(tmp_path: Path) -> None:
    with RecorderProcess(tmp_path, "--set", "recorder_redact_outbound=warn") as process:
        async with Provider(in_order(HELLO)) as provider:
            answer = await post(process.url, f"{provider.url}/v1/messages", message(f"it is {TOKEN}"), headers("s"))
        assert (answer.status, answer.complete) == (200, True)
        row = process.one("s")
        assert row.state == "complete"
        assert details(open_reader(process.db), row.id).opened["outbound"][0]["kind"] == "github-pat"
