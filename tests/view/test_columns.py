import pytest
from rich.cells import cell_len

from recorder.view.columns import Column, make_table, tab_lines
from tests.view.rendering import render

COLUMNS = [
    Column(title="Name", cell=lambda row: row[0], flexible=True),
    Column(title="Nice", cell=lambda row: row[1], drop=2),
    Column(title="Nicer", cell=lambda row: row[1], drop=1),
    Column(title="Count", cell=lambda row: row[2], right=True),
]
ROWS = [("a" * 40, "nice to have", "7"), ("b", "x", "1234567")]


def shown(width):
    return render(make_table(COLUMNS, ROWS, width), width)


def test_wide_terminals_show_all():
    head, first, _ = shown(120).splitlines()
    assert head.split() == ["Name", "Nice", "Nicer", "Count"]
    assert "a" * 40 in first


def test_the_least_important_goes_first_and_figures_are_never_cut():
    assert shown(48).splitlines()[0].split() == ["Name", "Nicer", "Count"]
    narrow = shown(30).splitlines()
    assert narrow[0].split() == ["Name", "Count"]
    assert narrow[1].startswith("aaaa")
    assert "…" in narrow[1]
    assert narrow[2].endswith("1234567")


def test_where_nothing_can_go_texts_are_cut_and_not_figures():
    columns = [
        Column(title="Id", cell=lambda row: row[0]),
        *COLUMNS[3:],
        Column(title="In", cell=lambda _: "12,345", right=True),
    ]
    lines = render(make_table(columns, ROWS, 30), 30).splitlines()
    assert lines[0].split() == ["Id", "Count", "In"]
    assert lines[1].split()[1:] == ["7", "12,345"]
    assert lines[1].split()[0].endswith("…")


@pytest.mark.parametrize("width", range(30, 130, 7))
def test_no_line_is_wider_than_the_terminal_and_none_is_wrapped(width):
    lines = shown(width).splitlines()
    assert len(lines) == 1 + len(ROWS)
    assert max(map(cell_len, lines)) <= width


def test_wide_characters_count_as_two_cells():
    table = make_table(COLUMNS[3:], [("", "", "日本"), ("", "", "1")], 40)
    assert render(table).splitlines()[2] == "    1"


def test_cells_are_clean_and_no_markup():
    table = make_table(COLUMNS, [("[red]x\x1b[31m\n\u202ey[/red]", "", "1")], 100)
    assert "[red]x␛[31m␊\\u202ey[/red]" in render(table, 100)


def test_tab_lines_are_exact_and_one_line_each():
    lines = list(tab_lines(("a", "b"), [("x\ty\nz", None), (1, 2.5)]))
    assert lines == ["a\tb", "x␉y␊z\t", "1\t2.5"]


def test_no_rows():
    assert render(make_table(COLUMNS, [], 100), 100).split() == ["Name", "Nice", "Nicer", "Count"]
