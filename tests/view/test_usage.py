from datetime import date, timedelta
from decimal import Decimal

import pytest
from rich.cells import cell_len

from recorder.store import queries
from recorder.view.usage import total_of, usage_lines, usage_table
from tests.view.rendering import render


@pytest.fixture
def rows(db):
    return queries.usage_by(db, "model")


@pytest.mark.parametrize("width", [80, 100, 110, 130, 160])
@pytest.mark.parametrize("by", ["day", "model", "project", "session", "provider", "agent"])
def test_fits_the_terminal(db, by, width):
    lines = render(usage_table(queries.usage_by(db, by), by, width), width).splitlines()
    assert max(map(cell_len, lines)) <= width
    assert "█" in lines[1] + lines[2]


def test_an_unknown_cost_is_a_word(rows):
    lines = render(usage_table(rows, "model", 120), 120).splitlines()
    (house,) = [line for line in lines if line.startswith("house-model-7b")]
    assert house.split() == ["house-model-7b", "1", "1.2k", "0", "0", "0", "48", "unknown", "1"]
    assert "$0.0000" not in house


def test_the_bar_is_as_long_as_the_cost(rows):
    lines = render(usage_table(rows, "model", 150), 150).splitlines()
    lengths = {line.split()[0]: line.count("█") for line in lines[1:-1]}
    assert lengths["claude-opus-4-6"] == max(lengths.values()) == 30
    assert lengths["claude-sonnet-4-5-20250929"] == 9  # 0.0411 of 0.1330
    assert lengths["house-model-7b"] == 0


def test_total_is_exact_and_only_below_several(rows):
    total = total_of(rows)
    assert (total.cost_usd, total.interactions, total.unknown_costs) == ("0.19326605", 14, 2)
    assert "Total" in render(usage_table(rows, "model", 100), 100)
    assert "Total" not in render(usage_table(rows[:1], "model", 100), 100)


def test_no_column_of_unknowns_without_any(rows):
    known = [row for row in rows if not row.unknown_costs]
    assert "Unknown" not in render(usage_table(known, "model", 120), 120)


def test_cache_writes_by_lifetime_where_there_is_room(rows):
    assert "Written 1h" in render(usage_table(rows, "model", 120), 120)
    assert "Written  " in render(usage_table(rows, "model", 100), 100)


def test_lines_for_a_pipe(rows):
    head, *lines = usage_lines(rows)
    by_key = {line.split("\t")[0]: dict(zip(head.split("\t"), line.split("\t"), strict=True)) for line in lines}
    assert by_key["house-model-7b"]["cost_usd"] == "unknown"
    assert by_key["claude-opus-4-6"]["cost_usd"] == "0.13296625"


def test_a_trend_over_several_days(db, rows):
    trend = {row.key: {"2026-11-23": Decimal(1), "2026-11-25": Decimal(2)} for row in rows}
    lines = render(usage_table(rows, "model", 160, trend), 160).splitlines()
    assert "Trend" in lines[0]
    assert all("▅ █" in line for line in lines[1:-1])
    assert "▅" not in lines[-1]


def test_many_days_share_a_cell(db, rows):
    days = {(date(2026, 1, 1) + timedelta(days=at)).isoformat(): Decimal(1) for at in range(100)}
    lines = render(usage_table(rows[:1], "model", 160, {rows[0].key: days}), 160).splitlines()
    assert lines[1].count("█") >= 19


def test_no_trend_of_one_day(rows):
    assert "Trend" not in render(usage_table(rows, "model", 160, {None: {"2026-11-23": Decimal(1)}}), 160)
