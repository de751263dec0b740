from datetime import UTC, timedelta, timezone

import msgspec
import pytest
from rich.cells import cell_len

from recorder.store import queries
from recorder.view.interactions import interaction_lines, interactions_table, totals_line
from tests.view.rendering import render


@pytest.fixture
def rows(db):
    return queries.list_interactions(db)[::-1]


@pytest.mark.parametrize("width", [60, 80, 100, 120, 160, 220])
def test_fits_the_terminal(rows, width):
    lines = render(interactions_table(rows, width, UTC), width).splitlines()
    assert max(map(cell_len, lines)) <= width
    assert sum("…" in line for line in lines) <= (1 if width >= 80 else 99) + 2  # the open one's sign, long endings


def test_eighty_columns_hold_what_matters(rows):
    lines = render(interactions_table(rows, 80, UTC), 80).splitlines()
    assert lines[0].split() == ["Started", "ID", "Model", "State", "In", "Cached", "Out", "Cost", "Took"]
    assert lines[2].split() == [
        "11-23",
        "09:14",
        "76c7b704",
        "opus-4-6",
        "✓",
        "complete",
        "6",
        "0",
        "318",
        "$0.0968",
        "6.42",
        "s",
    ]


def test_subagents_are_indented(rows):
    lines = render(interactions_table(rows, 80, UTC), 80).splitlines()
    assert [" └ sonnet" in line for line in lines[1:6]] == [False, False, True, True, False]


def test_failures_are_coloured_and_named(rows):
    failed = next(
        line for line in render(interactions_table(rows, 160, UTC), 160, colour=True).splitlines() if "d0692" in line
    )
    assert "\x1b[31m✗ failed" in failed
    assert "529 overloaded_err" in failed


def test_one_day_stands_in_the_title_in_the_reader_s_zone(rows):
    one_day = rows[:11]
    lines = render(interactions_table(one_day, 80, timezone(timedelta(hours=16))), 80).splitlines()
    assert lines[0].startswith("11-24 ")
    assert lines[1].startswith("01:14:07 ")


def test_totals(rows):
    assert totals_line(rows) == "14 calls · 3 not complete · 1 open · 89.3k in, 1.2k out · $0.1933 + 2 unknown"
    assert totals_line(rows[:1]) == "1 call · 412 in, 9 out · $0.0005"


def test_money_is_summed_exactly(rows):
    many = [msgspec.structs.replace(rows[0], cost_usd="0.1")] * 3
    assert totals_line(many).endswith("$0.3000")


def test_lines_for_a_pipe(rows):
    head, *lines = interaction_lines(rows)
    names = head.split("\t")
    first = dict(zip(names, lines[0].split("\t"), strict=True))
    assert first["started_utc"] == "2026-11-23T09:14:07.120Z"
    assert first["id"] == rows[0].id
    assert first["cost_usd"] == "0.000457"
    costs = [line.split("\t")[names.index("cost_usd")] for line in lines]
    assert costs.count("unknown") == 2
    assert costs.count("") == 3  # failed, blocked, open


def test_hostile_names_stay_in_their_cells(rows):
    row = msgspec.structs.replace(rows[0], model_answered="\x1b[2J[red]\nx", project="\u202ep", state_reason="\x07")
    shown = render(interactions_table([row, *rows], 200, UTC), 200)
    assert "␛[2J[red]␊x" in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert all("\x1b" not in line and "\n" not in line for line in interaction_lines([row]))
