import pytest
from rich.cells import cell_len

from recorder.store import queries
from recorder.store.database import open_reader
from recorder.view.misses import explain_session
from recorder.view.why_miss import miss_lines, miss_text, misses_table
from tests.view.conversations import Talk
from tests.view.rendering import render


@pytest.fixture
def misses(tmp_path):
    path = tmp_path / "records.db"
    talk = Talk(path)
    talk.ask(write=1000)
    talk.ask(write=1000, system=[{"type": "text", "text": "\n".join(map(str, range(100))), "cache_control": {}}])
    talk.sample.close()
    with open_reader(path) as db:
        return explain_session(db, queries.get_session(db, "s").id)


def test_one_in_full(misses):
    text = render(miss_text(misses[1]), 120)
    assert "system prompt changed: system block 0" in text
    assert "read 0 of 1,000 tokens that were cached, wrote 1,000" in text
    assert "1,000 tokens sent again: $0.0058 more than reading them" in text
    assert "-You are careful." in text
    assert f"more lines: recorder diff {misses[0].row.id} {misses[1].row.id}" in text


def test_a_session_as_a_table_with_its_total(misses):
    for width in (80, 130):
        lines = render(misses_table(misses, width), width).splitlines()
        assert max(map(cell_len, lines)) <= width
    assert "system prompt changed" in lines[1]
    assert lines[-1] == "1 miss in 2 calls: 1,000 tokens sent again, cost beyond reading: $0.0058"


def test_no_miss_is_said(misses):
    assert render(misses_table(misses[:1], 80)) == "0 misses in 1 call."


def test_lines_hold_every_call(misses):
    head, first, second = miss_lines(misses)
    assert head.count("\t") == first.count("\t") == second.count("\t")
    assert "\tfirst request\t" in first
    assert "\t0.00575\t" in second
