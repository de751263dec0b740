"""`tree`, `diff`, `why-miss`, `search`, `errors` as their users meet them."""

import json
import sys

import pytest
from click.testing import CliRunner

from recorder.cli import main, printing
from recorder.cli.search import _joined
from recorder.store.search_index import index_path
from scripts.sample import SHOWN, fill
from tests.cli.test_read_commands import shown


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "records.db"
    fill(path)
    return path


@pytest.fixture
def run(path):
    return lambda *words: CliRunner().invoke(main, [*words, "--db", str(path)])


def test_tree(run):
    result = run("tree", "5f0c")
    assert (result.exit_code, "Explore a7c3" in result.stdout) == (0, True)
    value = json.loads(run("tree", "5f0c", "--json").stdout)
    assert [agent["agent_id"] for agent in value["tree"][0]["agents"]] == ["a7c3"]
    assert value["interactions"] == 11


def test_diff_of_two_and_of_one_against_the_one_before(run):
    value = json.loads(run("diff", "d0692", "--json").stdout)
    assert (value["before"], value["messages"][0]["kind"]) == (SHOWN, "insert")
    assert json.loads(run("diff", SHOWN, "d0692", "--json").stdout) == value
    assert "2 messages added" in run("diff", "d0692").stdout


def test_diff_of_the_first(run):
    result = run("diff", "642f")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "no request was recorded before 642f" in result.stderr


def test_why_miss_of_a_call_and_of_a_session(run):
    assert json.loads(run("why-miss", "1f76", "--json").stdout)["cause"] == "another model"
    values = json.loads(run("why-miss", "5f0c", "--json").stdout)
    assert sum(value["lost_tokens"] for value in values) == 15_545
    assert "another model: claude-opus-4-6 → house-model-7b" in run("why-miss", "1f76").stdout


@pytest.mark.parametrize(
    ("which", "said"), [("zz", "no interaction and no session"), ("", "no interaction and no session")]
)
def test_why_miss_of_nothing(run, which, said):
    result = run("why-miss", which)
    assert (result.exit_code, said in result.stderr) == (1, True)


def test_search(run, path):
    result = run("search", "overloaded")
    head, line = result.stdout.splitlines()
    assert head.count("\t") == line.count("\t")
    assert line.endswith("\tOverloaded")
    assert index_path(path).exists()
    assert len(json.loads(run("search", "vouchers", "--in", "model", "--in", "user", "--json").stdout)) == 6
    assert run("search", "vouchers", "--tool", "Bash").stderr == "Nothing was found.\n"
    nothing = run("search", "...")
    assert (nothing.exit_code, nothing.stderr) == (1, "recorder: '...' names no word to search for\n")


@pytest.mark.parametrize(
    ("words", "query"),
    [
        (("a b",), "a b"),
        (("a", "b"), "a b"),
        (("out of memory", "heap"), '"out of memory" heap'),
        (("a", "-b"), "a -b"),
    ],
)
def test_what_the_shell_took_apart_is_joined(words, query):
    assert _joined(words) == query


def test_errors(run):
    values = json.loads(run("errors", "--json").stdout)
    assert [value["state"] for value in values] == ["blocked", "aborted", "failed"]
    assert run("errors", "--project", "billing").stderr == "Nothing failed.\n"


@pytest.mark.parametrize(
    ("env", "pager"),
    [
        ({"TERM": "xterm"}, "less"),
        ({"TERM": "xterm", "PAGER": "more"}, "more"),
        ({"TERM": "xterm", "PAGER": "more", "RECORDER_PAGER": "most"}, "most"),
        ({"TERM": "xterm", "PAGER": ""}, None),
        ({"TERM": "xterm", "PAGER": "more", "RECORDER_PAGER": ""}, None),
        ({"TERM": "dumb", "PAGER": "more"}, None),
        ({}, None),
    ],
)
def test_the_pager_is_the_users(clean_env, monkeypatch, env, pager):
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert printing._ensure_pager() is (pager is not None)
    if pager:
        assert printing.os.environ["PAGER"] == pager
        assert printing.os.environ["LESS"] == "FRX"


@pytest.mark.parametrize(
    ("pager", "less", "shows"),
    [
        ("less", None, True),
        ("less", "-S", False),
        ("less --chop-long-lines --ignore-case", "", False),
        ("/usr/bin/less -R", "-S", True),
        ("less --RAW-CONTROL-CHARS", "", True),
        ("less", "iSRX", True),
        ("more", "-S", True),
        ("bat -p", "-S", True),
    ],
)
def test_colours_only_where_the_pager_shows_them(clean_env, monkeypatch, pager, less, shows):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("PAGER", pager)
    monkeypatch.delenv("LESS", raising=False)
    if less is not None:
        monkeypatch.setenv("LESS", less)
    assert printing._ensure_pager()
    assert printing._shows_colour() is shows


def test_a_long_layout_goes_through_the_pager(path, monkeypatch, tmp_path):
    copy = tmp_path / "paged"
    pager = f"{sys.executable} -c \"import sys; open(r'{copy}', 'wb').write(sys.stdin.buffer.read())\""
    assert "answer" not in shown("show", SHOWN, "--all", db=path, RECORDER_PAGER=pager)
    assert b"answer" in copy.read_bytes()
    assert "main thread" in shown("tree", "5f0c", db=path, RECORDER_PAGER=pager)  # it fits the screen
