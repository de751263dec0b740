import json
import re

import pytest

from recorder.errors import ConfigError
from recorder.model import Identity
from recorder.store import queries
from recorder.store.database import open_reader
from recorder.web import site
from scripts.sample import HOSTILE, SHOWN, Sample, called, gave, said
from tests.view.test_budgets import ROWS

MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'</pre></textarea>{{7*7}}{% raw %}"


def rows(text):
    return re.findall(r'<tr class="go"', text)


def plain(text):
    """The text of a page."""
    return re.sub(r"<[^>]+>", "", text)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/", ["5f0c9a42", "c81e728d", "webshop", "billing"]),
        ("/?project=billing", ["c81e728d"]),
        ("/?user=grace", ["c81e728d"]),
        ("/sessions/5f0c", ["Explore", "Grep", "cd56a17b, the longest request", "The file was updated."]),
        ("/sessions/5f0c/cache", ["another model", "15.5k", "claude-opus-4-6 → house-model-7b"]),
        ("/interactions/21ad", ["Secrets removed", "github-pat", "AssertionError", "What changed against 76c7b704"]),
        ("/interactions/1f76", ["The cache missed: another model"]),
        ("/interactions/d069", ["failed: overloaded_error · Overloaded"]),
        ("/diff?b=d069", ["added: 3 to 4", "The file was updated."]),
        ("/diff?b=642f", ["No request was recorded before it"]),
        ("/search?q=vouchers", ["model", "tool result of Task"]),
        ("/search?q=zzzz", ["Nothing was found."]),
        ("/usage?user=grace&by=user", ["grace", "$0.0187"]),
        ("/usage?by=project", ["$0.1745 + 2 unknown", "$0.0187"]),
        ("/errors", ["overloaded_error", "client went away"]),
        ("/integrity", ["27 records", "nobody signed this record"]),
        ("/gaps", ["aborted", "blocked"]),
        ("/budgets", ["There is no budget."]),
        ("/secrets", ["No secret was seen"]),
    ],
)
def test_pages(served, path, words):
    status, headers, text = served.ask(path)
    assert status == 200
    assert headers["Content-Type"] == "text/html; charset=UTF-8"
    missing = [word for word in words if word not in re.sub(r"\s+", " ", plain(text))]
    assert not missing, plain(text)


@pytest.mark.parametrize(
    ("path", "status", "word"),
    [
        ("/nothing", 404, "no such page"),
        ("/interactions/zz", 404, "no interaction has an id that begins with"),
        ("/sessions/zz", 404, "no session has an id that begins with"),
        ("/diff?b=zz", 404, "no interaction"),
        ("/search?q=...", 404, "names no word"),
        ("/?since=yesterday", 400, "is no date"),
        ("/data/sessions/zz", 404, "no session"),
        ("/interactions/zz/request", 404, "no interaction"),
        ("/static/../site.py", 403, ""),
        ("/static/..%2fsite.py", 403, ""),
    ],
)
def test_what_is_not_there(served, path, status, word):
    answered, _, text = served.ask(path)
    assert (answered, word in text) == (status, True), text
    assert "Traceback" not in text


def test_sessions_come_in_pages(tmp_path, serve):
    path = tmp_path / "records.db"
    sample = Sample(path)
    for number in range(120):
        sample.open([said("user", f"hello {number}")], identity=Identity(session_id=f"session-{number:03}"))
        sample.wait(1)
    sample.close()
    served = serve(path)
    first, second, third = (served.ask(f"/?page={page}")[2] for page in (1, 2, 3))
    assert [len(rows(page)) for page in (first, second, third)] == [50, 50, 20]
    assert 'rel="next"' in first
    assert 'rel="prev"' in third
    assert 'rel="next"' not in third
    assert 'title="session-119"' in first


def test_calls_without_a_session(tmp_path, serve):
    path = tmp_path / "records.db"
    sample = Sample(path)
    sample.open([said("user", "alone")], identity=Identity())
    sample.close()
    served = serve(path)
    assert 'href="/sessions/-"' in served.ask("/")[2]
    assert served.ask("/sessions/-")[0] in {200, 404}


@pytest.fixture
def hostile(tmp_path, serve):
    path = tmp_path / "records.db"
    sample = Sample(path)
    text = MARKUP + HOSTILE
    call = sample.open([said("user", text)], project=text, user=text)
    sample.close_call(call, [{"type": "text", "text": text}, called(text, text, a=text)], None, ms=5)
    talk = [said("user", text), said("assistant", called(text, text, a=text)), said("user", gave(text, text))]
    call = sample.open(talk, project=text)
    sample.close_call(call, [{"type": "strange", "text": text}], None, ms=5, anomalies=(text,))
    sample.close()
    with open_reader(path) as db:
        (last, first) = (row.id for row in queries.list_interactions(db))
    return serve(path), first, last


def test_hostile_text_stays_text(hostile):
    served, first, last = hostile
    session = "5f0c"
    paths = ("/", f"/sessions/{session}", f"/interactions/{first}", f"/interactions/{last}", f"/diff?b={last}")
    for path in (*paths, "/search?q=alert", "/usage?by=project", f"/search?q={'%3Cscript%3E'}alert"):
        status, _, text = served.ask(path)
        assert status == 200, (path, text)
        assert "<script>alert" not in text, path
        assert "<img src=x" not in text, path
        assert "onerror=alert" not in re.sub(r"&lt;.*?&gt;", "", text), path
        assert not set(text) & set("\x1b\x07\x9b\u202e"), path
        if path != "/usage?by=project":
            assert "alert(1)" in text, path


def test_stored_bytes_are_never_a_page(hostile):
    served, first, _ = hostile
    _, headers, text = served.ask(f"/interactions/{first}/request")
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "<script>" in text  # as they are


def test_enormous_messages_are_cut(tmp_path, serve):
    path = tmp_path / "records.db"
    sample = Sample(path)
    call = sample.open([said("user", "x" * 10_000_000)])
    sample.close_call(call, [{"type": "text", "text": "y\n" * 1_000_000}], None, ms=5)
    sample.close()
    served = serve(path)
    _, _, text = served.ask(f"/interactions/{call}")
    assert len(text) < 200_000
    assert "9,980,000 more characters" in text
    assert len(served.ask(f"/interactions/{call}/request")[2]) > 10_000_000


def test_charts_have_their_figures(served, db_of):
    value = json.loads(served.ask("/data/sessions/5f0c")[2])
    read, written, new = value["context"]["data"]
    assert (read["y"], written["y"], new["y"]) == (
        [0, 0, 14210, 15090, 0],
        [0, 14210, 880, 455, 0],
        [412, 6, 9, 7, 1204],
    )
    assert [trace["name"] for trace in value["timeline"]["data"]] == ["main", "Explore a7c3"]
    usage = json.loads(served.ask("/data/usage?by=project")[2])
    assert [trace["name"] for trace in usage["data"]] == ["webshop", "billing"]
    assert usage["data"][0]["y"] == [0.17453525]
    assert usage["layout"]["xaxis"]["categoryorder"] == "category ascending"


@pytest.fixture
def db_of(sample_path):
    with open_reader(sample_path) as db:
        yield db


def test_without_plotly_there_are_the_tables(monkeypatch, sample_path, serve):
    monkeypatch.setattr(site, "plotly_folder", lambda: None)
    _, _, text = serve(sample_path).ask("/usage")
    assert "plotly" not in text
    assert "<table>" in text


def test_every_link_of_a_page_leads_somewhere(served):
    seen, todo = set(), ["/"]
    while todo and len(seen) < 60:
        path = todo.pop(0)
        if path in seen:
            continue
        seen.add(path)
        status, _, text = served.ask(path)
        assert status == 200 or path.endswith("/answer"), path
        found = re.findall(r'(?:href|src)="(/[^"#]*)', text)
        todo += [link.replace("&amp;", "&") for link in found if "plotly" not in link]
    assert f"/interactions/{SHOWN}" in seen


def test_what_is_looked_at_is_told_before_it_is_shown(sample_path, serve, db_of):
    looks = []
    served = serve(sample_path, note=looks.append)
    calls = [row.id for row in queries.list_interactions(db_of, limit=2)]
    for path in ("/", "/usage", "/secrets", "/integrity", "/interactions/nobody"):
        served.ask(path)
    assert looks == []
    for path in (f"/interactions/{calls[0]}", f"/interactions/{calls[0]}/request", f"/diff?a={calls[1]}&b={calls[0]}"):
        assert served.ask(path)[0] == 200
    assert looks == [[calls[0]], [calls[0]], [calls[1], calls[0]]]


def test_budgets_stand_as_in_the_terminal(serve, sample_path):
    served = serve(sample_path, standings=lambda: ROWS)
    status, _, text = served.ask("/budgets")
    assert status == 200
    said = re.sub(r"\s+", " ", plain(text))
    for word in ("team a month", "core", "170.50 USD + 3 unknown", "10.25 USD", "19.25 USD", "85%", "125%", "01 Dec"):
        assert word in said
    assert re.findall(r'<rect (?:class="held" )?(?:x="[\d.]+" )?width="([\d.]+)" height="10"', text) == [
        *("85.25", "5.12", "100.0", "0.0")
    ]


def test_budgets_of_a_configuration_that_is_wrong(serve, sample_path):
    def standings():
        raise ConfigError("recorder.toml: limit <b>is</b> no number")

    status, _, text = serve(sample_path, standings=standings).ask("/budgets")
    assert (status, "limit &lt;b&gt;is&lt;/b&gt; no number" in text) == (400, True)
