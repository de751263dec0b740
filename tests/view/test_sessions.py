from datetime import UTC

import msgspec
import pytest
from rich.cells import cell_len

from recorder.store import queries
from recorder.view.sessions import session_lines, sessions_table
from tests.view.rendering import render


@pytest.fixture
def rows(db):
    return sorted(queries.list_sessions(db), key=lambda row: row.last_utc)


@pytest.mark.parametrize("width", [80, 100, 120, 160])
def test_fits_the_terminal(rows, width):
    assert max(map(cell_len, render(sessions_table(rows, width, UTC), width).splitlines())) <= width


def test_says_what_a_session_took(rows):
    _, first, second = render(sessions_table(rows, 120, UTC), 120).splitlines()
    assert first.split()[:4] == ["11-23", "09:15", "5f0c9a42", "webshop"]
    assert first.endswith("11       3       1      4  65.2k  1.0k  $0.1745 + 2 unknown")
    assert second.endswith("$0.0187")


def test_no_session_is_said(rows):
    row = msgspec.structs.replace(rows[0], id=None)
    assert "(none)" in render(sessions_table([row], 120, UTC), 120)


def test_lines_for_a_pipe(rows):
    head, first, _ = session_lines(rows)
    values = dict(zip(head.split("\t"), first.split("\t"), strict=True))
    assert values["id"] == "5f0c9a42-1f7e-4d0b-9a53-2b8c6d1e7f00"
    assert (values["cost_usd"], values["unknown_costs"]) == ("0.17453525", "2")
