"""The read commands as their users meet them: piped, on a terminal, with a reader that goes away."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import termios
from contextlib import contextmanager

import pytest
from click.testing import CliRunner
from rich.cells import cell_len

from recorder.cli import main, tail
from recorder.cli.anchor_watch import AnchorWatch
from recorder.store import queries
from recorder.store.database import open_reader
from scripts.sample import HOSTILE, SHOWN, Sample, part, said

PROGRAM = [sys.executable, "-c", "from recorder.cli import main; main(prog_name='recorder')"]
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


@pytest.fixture
def run(sample_path):
    def run_it(*words, db=sample_path):
        return CliRunner().invoke(main, [*words, "--db", str(db)])

    return run_it


@contextmanager
def on_terminal(*words, db, columns=80, **env):
    """Run on a terminal of so many columns; gives the process and the terminal's other end."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (40, columns))
    environment = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR")}
    environment |= {"RECORDER_DB": str(db), "TERM": "xterm-256color", "TZ": "UTC", "PAGER": ""} | env
    process = subprocess.Popen([*PROGRAM, *words], stdout=theirs, stderr=theirs, stdin=theirs, env=environment)
    os.close(theirs)
    try:
        yield process, ours
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def read_all(terminal):
    """Return all that a program writes until it ends."""
    data = b""
    while True:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:  # Linux: the other end was closed
            chunk = b""
        if not chunk:
            return data.decode().replace("\r\n", "\n")
        data += chunk


def read_until(terminal, text):
    data = b""
    while text.encode() not in data:
        chunk = os.read(terminal, 65536)
        assert chunk, f"ended before {text!r}: {data!r}"
        data += chunk
    return data.decode()


def shown(*words, db, **options):
    with on_terminal(*words, db=db, **options) as (process, terminal):
        text = read_all(terminal)
        assert process.wait() == 0, text
        return text


@pytest.mark.parametrize(
    "words",
    [
        ("interactions",),
        ("sessions",),
        ("usage",),
        ("usage", "--by", "model"),
        ("show", "21ad"),
        ("show", "4726", "--all"),
    ],
)
@pytest.mark.parametrize("columns", [80, 132])
def test_on_a_terminal_everything_fits(sample_path, words, columns):
    text = shown(*words, db=sample_path, columns=columns)
    assert "\x1b[" in text
    lines = ESCAPES.sub("", text).splitlines()
    assert max(map(cell_len, lines)) <= columns
    assert "\t" not in text


def test_no_color_is_minded(sample_path):
    colours = re.compile(r"\x1b\[[0-9;]*3[0-9]")
    assert colours.search(shown("interactions", db=sample_path))
    assert not colours.search(shown("interactions", db=sample_path, NO_COLOR="1"))


def test_hostile_text_does_not_reach_the_terminal(sample_path):
    for words in [("show", "4726", "--all"), ("show", "4726", "--json"), ("body", "4726", "--side", "request")]:
        text = ESCAPES.sub("", shown(*words, db=sample_path))
        assert "owned" in text
        assert not set(text) & set("\x1b\x07\x9b\u202e"), words


@pytest.mark.parametrize("command", ["interactions", "sessions", "usage"])
def test_piped_lists_are_tab_separated(run, command):
    result = run(command)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert len({line.count("\t") for line in lines}) == 1
    assert lines[0].count("\t") > 5
    assert "\x1b" not in result.stdout


def test_interactions_json_is_oldest_first_and_complete(run, db):
    values = json.loads(run("interactions", "--json").stdout)
    assert [value["id"] for value in values] == [row.id for row in queries.list_interactions(db)[::-1]]
    assert values[0]["started_utc"] < values[-1]["started_utc"]


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (("--session", "5f0c"), 11),
        (("--project", "billing"), 3),
        (("--model", "claude-sonnet-4-5-20250929"), 2),
        (("--state", "failed"), 1),
        (("--since", "2026-11-24T00:00:00Z"), 3),
        (("--until", "2026-11-24T00:00:00Z"), 11),
        (("--limit", "2"), 2),
        (("--project", "none"), 0),
    ],
)
def test_filters(run, words, count):
    values = json.loads(run("interactions", "--json", *words).stdout)
    assert len(values) == count
    if "--limit" in words:
        assert values[-1]["id"].startswith("3359")


def test_support_calls_only_when_asked_for(tmp_path, run):
    path = tmp_path / "support.db"
    sample = Sample(path)
    sample.open([said("user", "hi")])
    sample.open([], flow_class="support")
    sample.close()
    assert len(json.loads(run("interactions", "--json", db=path).stdout)) == 1
    assert len(json.loads(run("interactions", "--json", "--support", db=path).stdout)) == 2
    assert json.loads(run("usage", "--json", db=path).stdout)[0]["interactions"] == 1


def test_nothing_to_list(tmp_path, run):
    path = tmp_path / "empty.db"
    Sample(path).close()
    for command in ("interactions", "sessions", "usage"):
        result = run(command, db=path)
        assert (result.exit_code, result.stdout) == (0, "")
        assert result.stderr
        assert json.loads(run(command, "--json", db=path).stdout) == []
    assert run("tail", "--no-follow", db=path).stdout == ""


def test_sessions_and_usage_json(run):
    assert [session["interactions"] for session in json.loads(run("sessions", "--json").stdout)] == [11, 3]
    usage = {row["key"]: row for row in json.loads(run("usage", "--by", "project", "--json").stdout)}
    assert usage["webshop"]["unknown_costs"] == 2
    assert usage["billing"]["cost_usd"] == "0.0187308"


def test_bodies_are_the_stored_bytes(run, db):
    assert run("body", "4726", "--side", "request").stdout_bytes == queries.request_body(db, "4726")
    assert run("body", SHOWN, "--side", "response").stdout_bytes == queries.answer_body(db, SHOWN)
    assert (
        HOSTILE.encode()
        in json.loads(run("body", "4726", "--side", "request").stdout_bytes)["messages"][2]["content"][0][
            "content"
        ].encode()
    )


def test_a_body_that_is_not_text_comes_as_it_is(tmp_path, run):
    path = tmp_path / "binary.db"
    sample = Sample(path)
    data = bytes(range(256)) + b"\r\n"
    call = sample.open([], envelope=None, slots=(), chains={}, body=part("body", data))
    sample.close()
    assert run("body", call, "--side", "request", db=path).stdout_bytes == data


@pytest.mark.parametrize("words", [("show",), ("show", "--json"), ("body", "--side", "request")])
def test_an_unknown_id_is_one_line_and_exit_code_1(run, words):
    result = run(words[0], "zz", *words[1:])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1
    assert "'zz'" in result.stderr


def test_a_missing_database_is_exit_code_1(run, tmp_path):
    for command in ("interactions", "sessions", "usage", "tail"):
        result = run(command, db=tmp_path / "none.db")
        assert result.exit_code == 1
        assert "no such database" in result.stderr


def test_a_wrong_time_is_exit_code_2(run):
    result = run("usage", "--since", "soon")
    assert result.exit_code == 2
    assert "try 30m" in result.stderr


def test_tail_shows_the_last_ones(run):
    lines = run("tail", "--no-follow", "-n", "3").stdout.splitlines()
    assert [line.split()[1] for line in lines] == ["0e6fc86b", "383acbef", "3359e9da"]
    values = [json.loads(line) for line in run("tail", "--no-follow", "-n", "4", "--json").stdout.splitlines()]
    assert [value["event"] for value in values] == ["opened", "closed", "closed", "closed"]


@pytest.fixture
def growing(tmp_path):
    path = tmp_path / "growing.db"
    sample = Sample(path)
    sample.first = sample.open([said("user", "before")])
    yield path, sample
    sample.close()


def test_tail_follows_on_a_terminal_until_interrupted(growing):
    path, sample = growing
    with on_terminal("tail", db=path) as (process, terminal):
        assert "→ asked" in read_until(terminal, sample.first[:8])
        call = sample.open([said("user", "now")], model="claude-haiku-4-5")
        opened = read_until(terminal, call[:8])
        sample.close_call(call, [{"type": "text", "text": "yes"}], None, ms=5)
        assert "complete" in ESCAPES.sub("", read_until(terminal, "unknown"))
        process.send_signal(signal.SIGINT)
        assert "Traceback" not in read_all(terminal)
        assert process.wait() == 0
        assert opened.count(call[:8]) == 1


def test_tail_json_gives_a_line_at_once_and_each_event_once(growing):
    path, sample = growing
    tail = subprocess.Popen([*PROGRAM, "tail", "--json", "--db", str(path)], stdout=subprocess.PIPE, text=True)
    try:
        first = json.loads(tail.stdout.readline())
        assert (first["event"], first["id"]) == ("opened", sample.first)
        sample.open([], flow_class="support")
        sample.close_call(sample.first, None, None, ms=5)
        second = json.loads(tail.stdout.readline())
        assert (second["event"], second["id"], second["state"]) == ("closed", sample.first, "complete")
        tail.send_signal(signal.SIGINT)
        assert tail.stdout.read() == ""
        assert tail.wait() == 0
    finally:
        tail.kill()
        tail.wait()
        tail.stdout.close()


def test_tail_ends_when_its_reader_goes_although_nothing_happens(growing):
    path, _ = growing
    with subprocess.Popen(
        [*PROGRAM, "tail", "--db", str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as tail:
        try:
            assert tail.stdout.readline()
            tail.stdout.close()
            assert tail.wait(timeout=30) == 0
            assert tail.stderr.read() == ""
        finally:
            tail.kill()


def test_a_list_whose_reader_goes_ends_without_a_traceback(sample_path):
    reading, writing = os.pipe()
    os.close(reading)
    result = subprocess.run(
        [*PROGRAM, "interactions", "--db", str(sample_path)],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert "Traceback" not in result.stderr


def test_a_terminal_gets_the_last_hundred(tmp_path):
    path = tmp_path / "many.db"
    sample = Sample(path)
    for number in range(102):
        sample.open([said("user", str(number))])
    sample.close()
    text = shown("interactions", db=path)
    assert "The last 100" in text
    assert "100 calls" in ESCAPES.sub("", text)
    assert "102 calls" in ESCAPES.sub("", shown("interactions", "--limit", "200", db=path))


def test_reading_imports_neither_rich_nor_mitmproxy_for_json(sample_path):
    code = (
        "import sys; from recorder.cli import main; main(sys.argv[1:], standalone_mode=False);"
        "heavy = ('rich', 'mitmproxy', 'genai_prices', 're2', 'recorder.redact');"
        "print([name for name in heavy if name in sys.modules], file=sys.stderr)"
    )
    for words in (["interactions", "--json"], ["usage"], ["show", SHOWN, "--json"], ["tail", "--no-follow"]):
        result = subprocess.run(
            [sys.executable, "-c", code, *words, "--db", str(sample_path)], capture_output=True, text=True, check=True
        )
        assert result.stderr == "[]\n", words


def test_the_reader_changes_nothing(sample_path, run):
    with open_reader(sample_path) as db:
        before = queries.last_seq(db)
    run("show", SHOWN)
    with open_reader(sample_path) as db:
        assert queries.last_seq(db) == before


def test_tail_shows_nothing_twice_that_was_written_while_it_began(db, monkeypatch):
    seqs = iter([0, queries.last_seq(db)])  # as if every record came between the first two queries
    monkeypatch.setattr(queries, "last_seq", lambda _: next(seqs))
    monkeypatch.setattr(tail, "_is_hung_up", lambda seconds: True)
    events = [(event.row.id, event.kind) for event in tail._events(db, 14, AnchorWatch(db, ()), follow=True)]
    assert len(events) == 14


def test_sessions_can_be_limited(run):
    (only,) = json.loads(run("sessions", "--limit", "1", "--json").stdout)
    assert only["id"].startswith("c81e")
