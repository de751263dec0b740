"""`recorder resend` against a synthetic provider, through a recorder of its own."""

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE
from typing import NamedTuple

import pytest

from recorder.demo.answers import Answer, Text, Tokens, ToolCall
from recorder.demo.provider import Provider
from recorder.demo.secret import made_up_api_key
from recorder.model import SafeText, Usage
from recorder.store.database import open_reader
from recorder.store.queries import list_interactions
from scripts.sample import HAIKU, Sample, said
from tests.support.recorder_process import CACHE, ROOT

MARK = "[REDACTED:github-pat:64db20d1499856b81af1e739ba211943]"
KEY = made_up_api_key("resend")
CALL = ToolCall("toolu_again", "Bash", {"command": "ls"})


def record(path, port, **given):
    sample = Sample(path)
    headers = (
        ("x-api-key", "[REDACTED:anthropic-api-key]"),
        ("anthropic-version", "2023-06-01"),
        ("x-claude-code-agent-id", "a1"),
        ("content-type", "application/json"),
    )
    safe = tuple((SafeText(name), SafeText(value)) for name, value in headers)
    id_ = sample.open(
        [said("user", f"my token is {MARK}")], scheme="http", host=SafeText(f"127.0.0.1:{port}"), headers=safe, **given
    )
    sample.close_call(
        id_, [{"type": "text", "text": "The old answer."}], Usage(input_tokens=9, output_tokens=4), ms=900
    )
    sample.close()
    return id_


@pytest.fixture
def path(tmp_path, clean_env, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("XDG_CACHE_HOME", str(CACHE))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "records.db"


class Result(NamedTuple):
    exit_code: int
    stdout: str
    stderr: str


async def invoke(path, *words):
    command = [sys.executable, "-c", "from recorder.cli import main; main()", "resend", *words, "--db", str(path)]
    process = await asyncio.create_subprocess_exec(*command, stdin=DEVNULL, stdout=PIPE, stderr=PIPE)
    output, errors = await process.communicate()
    return Result(process.returncode, output.decode(), errors.decode())


def answer(_request):
    return Answer(blocks=(Text("The new answer."), CALL), tokens=Tokens(input=21, output=7))


async def test_both_answers_and_the_record_of_the_second(path):
    async with Provider(answer) as provider:
        id_ = record(path, provider.port)
        result = await invoke(path, id_[:8], "--model", HAIKU, "--yes", "--json")
    assert result.exit_code == 0, result.stderr
    both = json.loads(result.stdout)
    assert both["before"]["answer"]["content"][0]["text"] == "The old answer."
    assert both["after"]["answer"]["content"][0]["text"] == "The new answer."
    assert both["after"]["tool_calls"][0]["name"] == "Bash"
    (seen,) = provider.exchanges
    body = json.loads(seen.request.body)
    assert body == both["before"]["request"]["body"] | {"model": HAIKU}
    assert MARK in seen.request.body.decode()
    assert seen.request.header("x-api-key") == KEY
    assert seen.request.header("x-claude-code-agent-id") is None
    assert f"the body has {MARK} in the place of a secret" in result.stderr
    row = both["after"]["interaction"]
    assert (row["model"], row["client"].partition("/")[0], row["agent_id"]) == (HAIKU, "recorder-resend", None)
    assert row["session_id"] not in (None, both["before"]["interaction"]["session_id"])
    assert row["retry_of"] is None
    assert KEY not in result.stdout + result.stderr


async def test_nothing_is_sent_before_it_is_confirmed(path):
    async with Provider(answer) as provider:
        result = await invoke(path, record(path, provider.port))
        assert result.exit_code == 2
        assert f"Send it to 127.0.0.1:{provider.port}? It may cost about $0." in result.stderr
        assert "say --yes" in result.stderr
        assert not provider.exchanges


async def test_nothing_is_sent_without_a_credential(path, monkeypatch):
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    async with Provider(answer) as provider:
        result = await invoke(path, record(path, provider.port), "--yes")
        assert (result.exit_code, provider.exchanges) == (2, [])
    assert "ANTHROPIC_API_KEY is not set" in result.stderr


async def test_to_an_upstream_that_the_recorder_signs_in_at(path, monkeypatch, tmp_path):
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    monkeypatch.setenv("OTHER_KEY", KEY)
    async with Provider(answer) as asked, Provider(answer) as other:
        id_ = record(path, asked.port)
        (tmp_path / "recorder.toml").write_text(
            f'[upstream.asked]\nurl = "{asked.url}"\n[upstream.other]\nurl = "{other.url}"\n'
            'auth = { from = "env:OTHER_KEY", send = "x-api-key" }\n[[route]]\nto = "asked"\n'
        )
        result = await invoke(path, id_, "--to", "other", "--yes", "--json")
        assert result.exit_code == 0, result.stderr
        assert not asked.exchanges
        assert other.exchanges[0].request.header("x-api-key") == KEY
        with open_reader(path) as db:
            newest = list_interactions(db, limit=1)[0]
        assert (newest.upstream, newest.host) == ("other", f"127.0.0.1:{asked.port}")


async def test_to_nowhere(path, tmp_path):
    (tmp_path / "recorder.toml").write_text('[upstream.other]\nurl = "http://127.0.0.1:1"\n')
    result = await invoke(path, record(path, 1), "--to", "othr", "--yes")
    assert result.exit_code == 2
    assert "there is no [upstream.othr]; did you mean other?" in result.stderr


async def test_a_redirect_is_not_followed(path):
    async with Provider(answer) as other:
        moved = Answer(status=307, raw=("text/plain", b""), headers=(("location", f"{other.url}/v1/messages"),))
        async with Provider(lambda _: moved) as provider:
            result = await invoke(path, record(path, provider.port), "--yes", "--json")
        assert not other.exchanges
    assert json.loads(result.stdout)["after"]["interaction"]["status"] == 307
