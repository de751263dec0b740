"""The real client without any credential of its own: the recorder signs in, through a rule, wherever that leads."""

from pathlib import Path

import pytest

from recorder.demo.answers import Answer, Failure, Script, ToolCall
from recorder.demo.provider import Provider
from recorder.demo.requests import SeenRequest
from recorder.demo.scripts import coding_session
from recorder.demo.secret import made_up_api_key
from tests.e2e.claude_code import COMMAND, Planted, messages_settings
from tests.e2e.recording import Record
from tests.e2e.test_route import NOWHERE, run_routed

pytestmark = pytest.mark.e2e

PLACEHOLDER = "not-a-credential"
"""What a client that has none is given in Messages mode, so that it does not ask its user to sign in."""


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
    assert len(rows) <= 4, "it was tried again and again"
