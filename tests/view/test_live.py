from datetime import UTC

import msgspec
import pytest
from rich.cells import cell_len

from recorder.ledger.kinds import RecordKind
from recorder.model import OutboundSecret
from recorder.store import queries
from recorder.store.results import Followed
from recorder.view.live import live_line, live_text


@pytest.fixture
def rows(db):
    return {row.id[:4]: row for row in queries.list_interactions(db)}


def closed(row):
    return live_line(Followed(1, RecordKind.CLOSED, row), UTC)


def test_an_opening(rows):
    line = live_line(Followed(1, RecordKind.OPENED, rows["21ad"]), UTC)
    assert line == "09:14:18  21adfd5d  opus-4-6      → asked     2 secrets removed  3.4 kB · webshop"
    line = live_line(Followed(1, RecordKind.OPENED, rows["cd56"]), UTC)
    assert line == "09:14:29  cd56a17b  opus-4-6      → asked     3.9 kB · webshop · a retry"


def test_an_opening_that_carries_a_secret_says_so_first(rows):
    event = Followed(1, RecordKind.OPENED, rows["21ad"], (OutboundSecret("github-pat", "messages[3].content[0].text"),))
    line = live_line(event, UTC)
    assert "→ asked     carries a secret: github-pat at messages[3].content[0].text  3.4 kB" in line


def test_a_closing_carries_the_time_of_the_end(rows):
    assert closed(rows["21ad"]) == (
        "09:14:26  21adfd5d  opus-4-6      ✓ complete   8.13 s   $0.0227  ↑15.1k ↓  402  1 tool call"
    )


def test_a_failure_says_why(rows):
    assert closed(rows["d069"]).endswith("✗ failed     310 ms  HTTP 529 overloaded_error")
    assert closed(rows["89b3"]).endswith("✂ aborted    1.90 s   unknown  client went away")


def test_an_unusual_stop_is_said_a_usual_one_is_not(rows):
    assert closed(rows["cd56"]).endswith("122")
    assert closed(msgspec.structs.replace(rows["cd56"], stop_reason="max_tokens")).endswith("max_tokens")


def test_subagents_are_indented(rows):
    assert "  └ sonnet-4-5  " in closed(rows["4726"])


def test_hostile_names_stay_in_their_line(rows):
    row = msgspec.structs.replace(rows["d069"], error_type="\x1b[2J\n\u202e[red]", model="\x07\n", model_answered=None)
    line = closed(row)
    assert line.isprintable()
    assert "␛[2J␊\\u202e[red]" in line


def test_figures_fit_eighty_columns(rows):
    for row in rows.values():
        if row.input_tokens is not None:
            assert cell_len(closed(row).removesuffix("  1 tool call").removesuffix("  2 tool calls")) <= 80


def test_text_and_line_say_the_same(rows):
    event = Followed(1, RecordKind.CLOSED, rows["d069"])
    assert live_text(event, UTC).plain.rstrip() == live_line(event, UTC)
    assert any(span.style == "red" for span in live_text(event, UTC).spans)
