"""What is written around the tables is someone's work."""

import pytest

from tests.bench import tables
from tests.bench.behind import WHY
from tests.bench.picture import svg
from tests.bench.report import BEGIN, END, put
from tests.bench.results import Results
from tests.bench.starts import Fresh, Memory
from tests.bench.tables import ratio_of, text

RESULTS = Results(
    machine={"python": "3"},
    contestants=["direct", "mitmdump", "recorder start"],
    rounds=2,
    samples={
        "body 20 KB, 1 at once": {
            "first_ms_p50": {"direct": [1.0, 2.0], "mitmdump": [3.0, 6.0], "recorder start": [5.0, 8.0]}
        },
        "rate, 8 connections": {"cpu_ms": {"direct": [0.0, 0.0], "mitmdump": [4.0, 4.0], "recorder start": [2.0, 2.0]}},
    },
)


def test_only_what_is_between_the_marks_is_replaced() -> None:
    assert put(f"a\n{BEGIN}\nold\n{END}\nb\n", "new") == f"a\n{BEGIN}\n\nnew\n\n{END}\nb\n"


@pytest.mark.parametrize("page", ["", BEGIN, f"{END}{BEGIN}", f"{BEGIN}{END}{BEGIN}{END}"])
def test_a_page_without_its_marks_is_refused(page: str) -> None:
    with pytest.raises(ValueError, match="once, in this order"):
        put(page, "new")


def test_time_to_first_byte_is_compared_less_the_direct_way() -> None:
    found = ratio_of(RESULTS, "body 20 KB, 1 at once", "first_ms_p50", "recorder start")
    assert found
    assert (found.low, found.high) == (1.5, 2.0)
    assert ratio_of(RESULTS, "body 20 KB, 1 at once", "first_ms_p50", "mitmdump") is None


def test_the_table_shows_medians_and_ratios() -> None:
    line = "| processor ms a request, the proxy's process | \N{EN DASH} | 4.00 | 2.00 (0.50 \N{MULTIPLICATION SIGN}) |"
    assert line in text(RESULTS)


def test_the_picture_has_a_dot_for_each_ratio() -> None:
    # One row of the picture was measured, and one of the contestants is compared; one more is the legend's.
    assert svg(RESULTS).count("<circle") == 2


def test_a_row_in_which_claude_tap_is_ahead_says_why() -> None:
    scenario = "rate, 8 connections"
    figures = {
        "per_second": {"recorder start": [100.0, 100.0], "claude-tap": [200.0, 200.0]},
        "cpu_ms": {"recorder start": [2.0, 2.0], "claude-tap": [4.0, 4.0]},
    }
    fresh = {
        "recorder start": Fresh([600.0], [1000.0], [Memory("start", 60.0, 120.0, 60.0)]),
        "claude-tap": Fresh([400.0], [2000.0], [Memory("start", 70.0, 0.0, 70.0)]),
    }
    said = text(Results({}, ["recorder start", "claude-tap"], 2, {scenario: figures}, fresh))
    rows = [line.partition(":")[0] for line in said.splitlines() if line.startswith("- ")]
    assert rows == [
        "- claude-tap is ahead in *requests a second* (0.50 \N{MULTIPLICATION SIGN})",
        "- claude-tap is ahead in *ms until it listens*",
        "- claude-tap is ahead in *other processes*",
    ]


def test_every_figure_in_which_one_can_be_behind_has_a_reason() -> None:
    assert set(WHY) == {*tables.ROUNDS, *tables.STARTS, *tables.MEMORY, *tables.GROWTH}
