import json

import pytest
from click.testing import CliRunner

from recorder.again.tape import Take
from recorder.cli import main
from recorder.cli.replaying import Watcher, client_changes
from recorder.demo.secret import made_up_api_key
from recorder.model import Labels, Protocol
from recorder.policy.asked import ask
from recorder.redact import Redactor
from recorder.store.queries import get_interaction
from scripts.sample import SHOWN, Sample, said

KEY = made_up_api_key("replaying")
OPAQUE = "q7" + "zk4w9x" * 5


@pytest.fixture(scope="module")
def redactor():
    return Redactor(b"k" * 32, ())


@pytest.fixture
def tell(db, redactor, capsys):
    row = get_interaction(db, SHOWN)

    def tell(before, after, *, at_once=True):
        watcher = Watcher(redactor, at_once=at_once)
        recorded = redactor.json(json.dumps(before).encode()).value
        take = Take(row=row, request=recorded, answer=None, deltas=(), headers=())
        body = json.dumps(after).encode()
        headers = (("authorization", f"Bearer {OPAQUE}"),)
        watcher.told(take, ask("POST", "/v1/messages", headers, body, Labels()), body)
        said = capsys.readouterr().err
        watcher.finish(2)
        return said, capsys.readouterr().err

    return tell


def asked(text="Hello", **fields):
    return {"model": "m", "max_tokens": 10, "messages": [{"role": "user", "content": text}]} | fields


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (asked(), asked()),
        (asked(f"key {KEY}"), asked(f"key {KEY}")),
        (asked(metadata={"user_id": "a"}), asked(metadata={"user_id": "b"})),
        (
            asked(system=[{"type": "text", "text": "x-anthropic-billing-header: cc_version=1;"}]),
            asked(system=[{"type": "text", "text": "x-anthropic-billing-header: cc_version=2;"}]),
        ),
        (
            asked(system=[{"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}}]),
            asked(system=[{"type": "text", "text": "a"}]),
        ),
    ],
)
def test_what_is_no_difference(tell, before, after):
    assert tell(before, after) == (
        "",
        "recorder: 1 call answered, 0 differed, 0 not on the record; 2 recorded answers not asked for\n",
    )


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (asked("Goodbye"), "+Goodbye"),
        (asked(max_tokens=11), "+max_tokens: 11"),
        (asked(tools=[{"name": "Bash"}]), "1 tool added"),
        (asked(system=[{"type": "text", "text": "x-anthropic-billing-header: a\nBe brief."}]), "+Be brief."),
    ],
)
def test_what_differs_is_told_at_once(tell, after, said):
    told, ended = tell(asked(), after)
    assert told.startswith(f"recorder: a request differs from the recorded {SHOWN}:\n")
    assert said in told
    assert "1 call answered, 1 differed" in ended


@pytest.mark.parametrize(("imported", "differing"), [(True, 0), (False, 1)])
def test_secrets_of_another_machine_have_other_names(db, redactor, imported, differing):
    other = made_up_api_key("another")
    text = f"first {KEY}, then {other}, and {KEY} again"
    recorded = Redactor(b"x" * 32, ()).json(json.dumps(asked(text)).encode()).value
    take = Take(row=get_interaction(db, SHOWN), request=recorded, answer=None, deltas=(), headers=())
    watcher = Watcher(redactor, at_once=True, imported=imported)
    for sent in (text, text.replace(f"and {KEY}", f"and {other}")):
        body = json.dumps(asked(sent)).encode()
        watcher.told(take, ask("POST", "/v1/messages", (), body, Labels()), body)
    assert watcher.differing == differing + 1  # which of the two it is tells them apart anywhere


def test_a_client_has_the_terminal_to_itself_while_it_runs(tell):
    told, ended = tell(asked(), asked("Goodbye"), at_once=False)
    assert told == ""
    assert "+Goodbye" in ended


def test_what_is_told_holds_no_secret(tell):
    told, _ = tell(asked(), asked(f"{KEY} and {OPAQUE}"))
    assert KEY not in told
    assert OPAQUE not in told
    assert told.count("[REDACTED:") == 2


def test_the_clients_environment():
    bedrock = client_changes({Protocol.BEDROCK_INVOKE}, "127.0.0.1:9", {})
    assert bedrock["ANTHROPIC_BEDROCK_BASE_URL"] == bedrock["ANTHROPIC_BASE_URL"] == "http://127.0.0.1:9"
    assert (bedrock["CLAUDE_CODE_USE_BEDROCK"], bedrock["CLAUDE_CODE_USE_VERTEX"]) == ("1", "")
    vertex = client_changes({Protocol.VERTEX}, "127.0.0.1:9", {"CLAUDE_CODE_USE_VERTEX": "1"})
    assert (vertex["CLAUDE_CODE_USE_VERTEX"], vertex["ANTHROPIC_VERTEX_BASE_URL"]) == ("1", "http://127.0.0.1:9/v1")
    plain = client_changes(
        {Protocol.MESSAGES}, "127.0.0.1:9", {"CLAUDE_CODE_USE_BEDROCK": "1", "HTTPS_PROXY": "http://p"}
    )
    assert (plain["CLAUDE_CODE_USE_BEDROCK"], plain["ANTHROPIC_AUTH_TOKEN"]) == ("", "replay")
    assert "127.0.0.1" in plain["NO_PROXY"]
    assert "ANTHROPIC_AUTH_TOKEN" not in client_changes({Protocol.MESSAGES}, "127.0.0.1:9", {"ANTHROPIC_API_KEY": "k"})


@pytest.mark.parametrize("protocol", [Protocol.BEDROCK_CONVERSE, Protocol.COMPLETE])
def test_what_cannot_be_played_is_told_at_once(tmp_path, clean_env, protocol):
    path = tmp_path / "records.db"
    sample = Sample(path)
    call = sample.open([said("user", "Hello")], protocol=protocol)
    sample.close_call(call, [{"type": "text", "text": "Hi"}], None, ms=500)
    sample.close()
    session = "5f0c9a42-1f7e-4d0b-9a53-2b8c6d1e7f00"
    result = CliRunner().invoke(main, ["replay", "--db", str(path), session[:8], "--", "true"])
    assert result.exit_code == 1
    assert f"{session} was spoken in {protocol}, whose streams cannot be replayed" in result.stderr


def test_what_can_be_played_in_part_is_served(tmp_path, clean_env):
    path = tmp_path / "records.db"
    sample = Sample(path)
    for protocol in (Protocol.MESSAGES, Protocol.BEDROCK_CONVERSE):
        call = sample.open([said("user", "Hello")], protocol=protocol)
        sample.close_call(call, [{"type": "text", "text": "Hi"}], None, ms=500)
    sample.close()
    result = CliRunner().invoke(main, ["replay", "--db", str(path), "5f0c", "--", "true"])
    assert result.exit_code == 0, result.output
    assert "1 of 2 answers are streams that cannot be replayed (bedrock-converse and messages)" in result.stderr
