from rich.cells import cell_len

from recorder.store import queries
from recorder.view.errors_seen import error_lines, errors_table
from tests.view.rendering import render


def test_table_fits_and_says_what_was_said(db):
    rows = queries.errors_seen(db)
    for width in (80, 130):
        lines = render(errors_table(rows, width), width).splitlines()
        assert max(map(cell_len, lines)) <= width
    assert "529" in lines[3]
    assert "Overloaded" in lines[3]
    assert "client went away" in lines[2]


def test_lines_are_exact(db):
    head, *lines = error_lines(queries.errors_seen(db))
    assert head.split("\t")[:4] == ["state", "status", "error_type", "provider"]
    assert [line.split("\t")[0] for line in lines] == ["blocked", "aborted", "failed"]
