from rich.cells import cell_len

from recorder.store.gaps import find_gaps
from recorder.view.gaps import gap_lines, gaps_table
from tests.view.rendering import render


def test_table_fits_and_says_why(db):
    gaps = find_gaps(db)
    for width in (80, 130):
        lines = render(gaps_table(gaps, width), width).splitlines()
        assert max(map(cell_len, lines)) <= width
        assert lines[0].split()[:3] == ["Since", "For", "What"]
        assert "aborted" in lines[1]
        assert "client went away" in lines[1]


def test_lines_are_exact(db):
    head, *lines = gap_lines(find_gaps(db))
    assert head.split("\t") == ["kind", "since_utc", "until_utc", "for", "requests", "bytes", "of", "reason"]
    assert [line.split("\t")[0] for line in lines] == ["aborted", "blocked"]
    assert lines[0].split("\t")[6] == "89b35500765dc0e381863e795b5527e8"
