"""What the client and the provider counted, against the record: what is missing, what differs, and what does not."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from recorder.cli import main
from recorder.errors import ConfigError
from recorder.reconcile.compare import compare_calls, compare_days
from recorder.reconcile.counted import TOKENS, Counted
from recorder.reconcile.transcripts import read_transcripts
from recorder.reconcile.usage_csv import read_usage
from recorder.store.database import open_reader
from recorder.store.queries import list_interactions
from scripts.sample import fill

DAY, MODEL = "2026-11-23", "claude-opus-4-6"


def counted(**given: Any) -> Counted:
    return Counted(**{"day": DAY, "model": MODEL} | given)


def line(number: int, *, output: int = 5, **given: Any) -> str:
    """An entry as Claude Code 2.1 writes it, with what is not looked at."""
    usage = {
        "input_tokens": 3,
        "output_tokens": output,
        "cache_creation_input_tokens": 7,
        "cache_read_input_tokens": 11,
        "cache_creation": {"ephemeral_5m_input_tokens": 4, "ephemeral_1h_input_tokens": 3},
        "service_tier": "standard",
    }
    message = {"id": f"msg_{number}", "type": "message", "role": "assistant", "model": MODEL, "usage": usage}
    entry = {
        "type": "assistant",
        "isSidechain": False,
        "sessionId": "s",
        "uuid": "u",
        "timestamp": f"{DAY}T10:00:0{number}.000Z",
        "requestId": f"req_{number}",
        "message": message,
    }
    return json.dumps(entry | given)


def test_an_answer_is_one_call_however_many_blocks_and_files_it_stands_in(tmp_path: Path) -> None:
    first, second = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    first.write_text(f'{line(1, output=1)}\n{{"type":"user"}}\nno json\n{line(1, output=9)}\n{line(2)[:40]}')
    second.write_text(f"{line(1, output=9)}\n{line(3, isSidechain=True)}\n{json.dumps({'type': 'assistant'})}\n")
    calls = {call.message_id: call for call in read_transcripts([first, second])}
    assert sorted(filter(None, calls)) == ["msg_1", "msg_3"]
    assert calls["msg_1"].tokens == (3, 9, 11, 4, 3)
    assert (calls["msg_1"].day, calls["msg_1"].request_id) == (DAY, "req_1")


@pytest.mark.parametrize(
    "entry",
    [
        {"message": {"id": "m", "model": "<synthetic>", "usage": {"input_tokens": 0}}},
        {"message": {"id": "m", "model": MODEL}},
        {"message": {"model": MODEL, "usage": {}}, "requestId": None},
        {"type": "user"},
        {"message": "text"},
    ],
)
def test_what_is_no_call(tmp_path: Path, entry: dict[str, Any]) -> None:
    file = tmp_path / "one.jsonl"
    file.write_text(line(1, **entry) + "\n")
    assert read_transcripts([file]) == []


def test_calls_are_matched_by_request_and_else_by_message() -> None:
    record = [
        counted(where="a", request_id="req_1", message_id="msg_1", input_tokens=3),
        counted(where="b", message_id="msg_2", input_tokens=3),
        counted(where="c", request_id="req_9"),
    ]
    theirs = [
        counted(request_id="req_1", message_id="other", input_tokens=3),
        counted(request_id="req_2", message_id="msg_2", input_tokens=4),
        counted(request_id="req_3"),
    ]
    found = compare_calls(record, theirs)
    assert (found.matched, [call.request_id for call in found.not_recorded]) == (2, ["req_3"])
    assert [row.where for row in found.only_recorded] == ["c"]
    assert [(one.what, one.recorded, one.theirs) for one in found.calls] == [("input_tokens", 3, 4)]
    assert [(one.day, one.what, one.recorded, one.theirs) for one in found.days] == [(DAY, "input_tokens", 6, 7)]
    assert found.differs


def test_what_only_the_record_has_is_no_difference() -> None:
    call = counted(where="a", request_id="req_1", day="2026-11-24", output_tokens=2)
    there = counted(request_id="req_1", output_tokens=2)
    found = compare_calls([call, counted(where="b", output_tokens=9)], [there])
    assert (found.differs, found.calls, found.days) == (False, [], [])


@pytest.mark.parametrize(("theirs", "differ"), [("0.251", False), ("0.26", True), ("0.24", True)])
def test_costs_differ_from_a_cent_on(theirs: str, *, differ: bool) -> None:
    ours = counted(cost_usd=Decimal("0.25"))
    assert bool(compare_days([ours], [counted(cost_usd=Decimal(theirs))], ["cost_usd"])) == differ


CONSOLE = (
    "usage_date_utc,model_version,api_key,workspace,usage_type,context_window,usage_input_tokens_no_cache,"
    "usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,"
    "usage_output_tokens,web_search_count,inference_geo,speed\n"
)


def test_the_export_of_the_console(tmp_path: Path) -> None:
    file = tmp_path / "usage.csv"
    file.write_text(f"\ufeff{CONSOLE}2026-11-23,{MODEL},key,Default,standard,≤ 200k,100,2,3,4,5,0,not_available,\n")
    rows, what = read_usage(file, {})
    assert [(row.day, row.model, row.tokens) for row in rows] == [(DAY, MODEL, (100, 5, 4, 2, 3))]
    assert what == TOKENS


def test_any_file_whose_columns_are_named(tmp_path: Path) -> None:
    file = tmp_path / "usage.csv"
    file.write_text('Date,Name,Price,In\n2026-11-23T00:00:00Z,m,$0.5,"1,200"\n')
    rows, what = read_usage(file, {"day": "Date", "model": "Name", "cost_usd": "Price", "input_tokens": "In"})
    assert [(row.day, row.cost_usd, row.input_tokens) for row in rows] == [(DAY, Decimal("0.5"), 1200)]
    assert what == ("input_tokens", "cost_usd")


@pytest.mark.parametrize(
    ("text", "columns", "message"),
    [
        ("a,b\n1,2\n", {}, "which column says day"),
        ("day,model\n1,2\n", {}, "tokens or costs"),
        ("day,model,input_tokens\n1,2,x\n", {}, "line 2"),
        ("day,model,cost_usd\n1,2,x\n", {}, "line 2"),
        ("day,model,input_tokens\n", {"day": "Date"}, "no column 'Date'"),
        (None, {}, "No such file"),
    ],
)
def test_files_that_are_none(tmp_path: Path, text: str | None, columns: dict[str, str], message: str) -> None:
    file = tmp_path / "usage.csv"
    if text is not None:
        file.write_text(text)
    with pytest.raises(ConfigError, match=message):
        read_usage(file, columns)


def run(*args: str | Path) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args])


@pytest.fixture
def db(tmp_path: Path, clean_env: Path) -> Path:
    fill(tmp_path / "records.db")
    return tmp_path / "records.db"


def own(db: Path, factor: int = 1) -> str:
    """What a provider would have counted of the record."""
    lines = [CONSOLE]
    with open_reader(db) as reader:
        for row in list_interactions(reader):
            counts = [row.input_tokens or 0, row.cache_write_5m_tokens or 0, 0, row.cache_read_tokens or 0]
            values = [*(count * factor for count in counts), row.output_tokens or 0, 0]
            model = row.model_answered or row.model
            lines.append(f"{row.started_utc[:10]},{model},key,Default,standard,x,{','.join(map(str, values))},x,\n")
    return "".join(lines)


def test_a_provider_on_the_command_line(db: Path, tmp_path: Path) -> None:
    file = tmp_path / "usage.csv"
    file.write_text(own(db))
    same = run("reconcile", "--usage", file, "--db", db)
    assert (same.exit_code, same.stdout.split(":")[0]) == (0, "no differences")
    file.write_text(own(db, factor=2))
    other = run("reconcile", "--usage", file, "--db", db, "--json")
    assert (other.exit_code, json.loads(other.stdout)["differs"]) == (1, True)
    assert run("reconcile", "--usage", file, "--db", db, "--column", "dya=x").exit_code == 2


def test_transcripts_on_the_command_line(db: Path, tmp_path: Path) -> None:
    folder = tmp_path / "projects" / "p"
    folder.mkdir(parents=True)
    assert "no transcripts" in run("reconcile", "--transcripts", folder, "--db", db).stderr
    with open_reader(db) as reader:
        row = next(row for row in list_interactions(reader) if row.request_id and row.cache_write_5m_tokens)
    usage = {
        "input_tokens": row.input_tokens,
        "output_tokens": row.output_tokens,
        "cache_read_input_tokens": row.cache_read_tokens,
        "cache_creation_input_tokens": row.cache_write_5m_tokens,
    }
    message = {"id": row.message_id, "model": row.model_answered, "usage": usage}
    known = line(1, requestId=row.request_id, timestamp=row.started_utc, message=message)
    (folder / "s.jsonl").write_text(f"{known}\n{line(2, timestamp='2020-01-01T00:00:00.000Z')}\n")
    same = run("reconcile", "--transcripts", folder, "--db", db)
    assert (same.exit_code, same.stdout.split(",")[0]) == (0, "no differences: 1 calls compared")
    (folder / "s.jsonl").write_text(f"{known}\n{line(2)}\n")
    other = run("reconcile", "--transcripts", folder, "--db", db)
    assert other.exit_code == 1
    assert f"not on the record: req_2 of {DAY}T10:00:02.000Z" in other.stdout
