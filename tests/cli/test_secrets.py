"""`recorder secrets`: the report that a security team wants, without the secrets."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from recorder.capture.frames import Frame
from recorder.capture.messages import Open, Target
from recorder.cli import main
from recorder.cli.secrets import parse_secret
from tests.cli.test_read_commands import ESCAPES, shown
from tests.support.desk import greeting, seated
from tests.support.requests import dumps, headers, message

TOKEN = "ghp_" + "Zk3vQ8mW1xR5tY7uB2nC4pL6sD9fG0hJaKeE"
OTHER = "ghp_" + "Zq9vQ8mW1xR5tY7uB2nC4pL6sD9fG0hJbKfF"
KEY = "team-" + "Qx7vLm2PzR9dKw4"
TARGET = Target(method="POST", scheme="https", host="api.anthropic.com", port=443, path="/v1/messages")

CALL = {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "Bash", "input": {"command": "env"}}]}
RESULT = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": f"TOKEN={TOKEN}\n"}]}


def opening(name: str, messages: list[Any], session: str, at_us: int) -> Frame:
    body = dumps(message("") | {"messages": messages})
    fields = tuple(headers(session, **{"x-api-key": KEY}).items())
    return Frame(0, Open(id=name, at_us=at_us, target=TARGET, headers=fields, wire_bytes=len(body)), body)


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("secrets")
    desk = seated(greeting(folder))
    ask = {"role": "user", "content": "which token is set?"}
    turns = [[ask], [ask, CALL, RESULT], [ask, CALL, RESULT, {"role": "user", "content": f"and {OTHER}"}]]
    frames = [opening(f"a{turn}", messages, "s1", 10**12 * (turn + 1)) for turn, messages in enumerate(turns)]
    frames.append(opening("b0", [{"role": "user", "content": f"use {OTHER}"}], "s2", 10**13))
    assert [ack.error for ack in desk.take(frames)] == [None] * 4
    desk.close()
    return folder / "records.db"


def run(db: Path, *words: str):
    result = CliRunner().invoke(main, ["secrets", *words, "--db", str(db)])
    assert not any(secret in result.output for secret in (TOKEN, OTHER, KEY))
    return result


def listed(db: Path, *words: str) -> list[dict[str, Any]]:
    return json.loads(run(db, *words, "--json").stdout)


def test_each_secret_once_with_who_sent_it(db: Path) -> None:
    rows = listed(db)
    assert [(row["kind"], row["times"], row["sent_by"], row["sessions"]) for row in rows] == [
        ("github-pat", 2, ["tool_result:Bash"], ["s1"]),
        ("api-key", 4, ["header"], ["s1", "s2"]),
        ("github-pat", 2, ["user"], ["s1", "s2"]),
    ]
    assert rows[0]["interactions"] == ["a1", "a2"]
    assert (rows[0]["first_utc"], rows[0]["last_utc"]) == ("1970-01-24T03:33:20.000Z", "1970-02-04T17:20:00.000Z")


def test_where_a_secret_stood_one_line_a_place(db: Path) -> None:
    other = listed(db, "--kind", "github-pat")[-1]["fingerprint"]
    head, *lines = run(db, f"github-pat:{other[:8]}").stdout.splitlines()
    rows = [dict(zip(head.split("\t"), line.split("\t"), strict=True)) for line in lines]
    assert [(row["session_id"], row["source"], row["place"], row["first_interaction"]) for row in rows] == [
        ("s1", "user", "content", "a2"),
        ("s2", "user", "content", "b0"),
    ]
    assert {row["fingerprint"] for row in rows} == {other}


@pytest.mark.parametrize("form", ["{kind}:{fp}", "[REDACTED:{kind}:{fp}]", "{fp}", "{kind}:{start}", "{start}"])
def test_ways_to_name_a_secret(db: Path, form: str) -> None:
    row = listed(db)[0]
    name = form.format(kind=row["kind"], fp=row["fingerprint"], start=row["fingerprint"][:6])
    (place,) = listed(db, name)
    assert (place["tool"], place["place"], place["count"]) == ("Bash", "content[0].content", 1)
    assert place["interactions"] == ["a1", "a2"]


def test_a_kind_names_all_its_secrets(db: Path) -> None:
    assert {place["kind"] for place in listed(db, "github-pat")} == {"github-pat"}
    assert len(listed(db, "github-pat")) == 3


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (("--session", "s2"), 2),
        (("--kind", "api-key"), 1),
        (("--kind", "none"), 0),
        (("--since", "1970-03-01"), 2),
        (("--until", "1970-01-13"), 1),
        (("--until", "1970-01-01"), 0),
        (("--model", "none"), 0),
    ],
)
def test_filters(db: Path, words: tuple[str, ...], count: int) -> None:
    assert len(listed(db, *words)) == count


def test_nothing_matches(db: Path) -> None:
    result = run(db, "--kind", "none")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "No secrets match.\n")
    result = run(db, "github-pat:0000000000")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "github-pat:0000000000" in result.stderr


@pytest.mark.parametrize("words", [("github-pat:xyz",), ("--kind", "api-key", "github-pat:ab"), ("a:" + "0" * 33,)])
def test_mistakes(db: Path, words: tuple[str, ...]) -> None:
    assert run(db, *words).exit_code == 2


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("github-pat", ("github-pat", None)),
        ("github-pat:", ("github-pat", None)),
        ("password:AB12", ("password", "ab12")),
        ("AB12", (None, "ab12")),
        ("[REDACTED:password]", ("password", None)),
        ("abc", ("abc", None)),
    ],
)
def test_what_is_meant(text: str, meant: tuple[str | None, str | None]) -> None:
    assert parse_secret(text) == meant


@pytest.mark.parametrize("columns", [80, 132])
@pytest.mark.parametrize("words", [(), ("github-pat",)])
def test_on_a_terminal(db: Path, columns: int, words: tuple[str, ...]) -> None:
    lines = ESCAPES.sub("", shown("secrets", *words, db=db, columns=columns)).splitlines()
    assert max(map(len, lines)) <= columns
    assert len(lines) == 4
    assert "tool result (Bash)" in lines[1]
