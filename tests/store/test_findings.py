"""Where secrets stood follows from records and parts, and from nothing else."""

import json

import msgspec
import pytest

from recorder.model import Finding, SafeText
from recorder.redact.fingerprint import PLACEHOLDER
from recorder.redact.redactor import REDACTED_HEADER
from recorder.redact.unscanned import UNSCANNED
from recorder.store.database import open_writer, transaction
from recorder.store.findings import NO_SECRETS, _named, rebuild_findings
from recorder.store.writer import Writer

FP = "ab" * 16
PAT = f"[REDACTED:github-pat:{FP}]"
WORD = "[REDACTED:password]"
FOUND = (Finding("github-pat", FP), Finding("password"))

CALL = {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "Bash", "input": {"command": PAT}}]}
RESULT = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": f"{WORD} {WORD}"}]}


def findings(db):
    sql = (
        "SELECT s.kind, lower(hex(s.fingerprint)), f.source, f.tool, f.place, f.count "
        "FROM findings AS f JOIN secrets AS s ON s.id = f.secret ORDER BY f.rowid"
    )
    return db.execute(sql).fetchall()


def test_each_place_is_a_row_with_its_sender(store, db, make):
    store.write([make.opened("one", ["hi", CALL, RESULT], findings=FOUND)])
    assert findings(db) == [
        ("github-pat", FP, "tool_input", "Bash", "content[0].input.command", 1),
        ("password", "", "tool_result", "Bash", "content[0].content", 2),
    ]
    assert db.execute("SELECT DISTINCT record FROM findings").fetchall() == [(1,)]


def test_a_repeated_part_is_no_further_row(store, db, make):
    for turn in range(5):
        store.write([make.opened(str(turn), ["hi", CALL, RESULT, *range(turn)], findings=FOUND if turn == 0 else ())])
    assert len(findings(db)) == 2
    assert db["secrets"].count == 2


def test_a_tool_is_found_in_a_message_of_an_earlier_request(store, db, make):
    store.write([make.opened("one", ["hi", CALL], findings=FOUND)])
    links = make.messages("hi", CALL, RESULT)
    (slot,) = links
    known = tuple(msgspec.structs.replace(link, part=make.known(link.part)) for link in links[slot][:2])
    store.write([make.opened("two", chains={slot: (*known, links[slot][2])}, findings=FOUND)])
    assert findings(db)[-1] == ("password", "", "tool_result", "Bash", "content[0].content", 2)


def test_a_tool_that_nobody_called_has_no_name(store, db, make):
    store.write([make.opened("one", ["hi", RESULT], findings=FOUND)])
    assert findings(db) == [("password", "", "tool_result", None, "content[0].content", 2)]


def test_a_placeholder_that_came_in_the_text_is_no_secret(store, db, make):
    store.write([make.opened("one", [f"{PAT} {WORD}"], findings=(Finding("password"),))])
    assert findings(db) == [("password", "", "user", None, "", 1)]


def test_headers_url_errors_and_notes(store, db, make):
    headers = (("x-api-key", SafeText(PAT)), ("x-odd", SafeText("[REDACTED:header]")))
    store.write([
        make.opened("one", headers=headers, path=SafeText(f"/v1?key={PAT}")),
        make.closed("one", error_message=SafeText(f"bad {PAT}"), anomalies=(f"odd <{PAT}>",)),
    ])  # fmt: skip
    assert [row[2:5] for row in findings(db)] == [
        ("header", None, "x-api-key"),
        ("url", None, "path"),
        ("error", None, ""),
        ("note", None, "anomalies[0]"),
    ]
    assert db.execute("SELECT part IS NULL, record FROM findings").fetchall() == [(0, 1), (1, 1), (0, 2), (1, 2)]


@pytest.mark.parametrize("mark", [REDACTED_HEADER, UNSCANNED])
def test_what_is_kept_out_unseen_is_no_secret(store, db, make, mark):
    store.write([make.opened("one", headers=(("x-odd", mark),), path=mark, model=mark)])
    assert findings(db) == []


def test_every_such_mark_is_one_of_redaction():
    assert {f"[REDACTED:{kind}]" for kind in NO_SECRETS} == {REDACTED_HEADER, UNSCANNED}


def test_placeholders_are_known_as_redaction_spells_them():
    for text in (PAT, WORD):
        assert PLACEHOLDER.fullmatch(text.encode())
        assert list(_named(text)) == [("github-pat", FP) if text is PAT else ("password", None)]


def test_an_answer(store, db, make):
    message = {"content": [{"type": "text", "text": PAT}, {"type": "web_search_tool_result", "content": WORD}]}
    store.write([make.opened("one"), make.closed("one", answer=make.part("answer", message), findings=FOUND)])
    assert [row[2] for row in findings(db)] == ["model", "tool_result"]


@pytest.fixture
def filled(store, make):
    store.write([make.opened("one", ["hi", CALL, RESULT], findings=FOUND, headers=(("x-api-key", SafeText(PAT)),))])
    answer = make.part("answer", {"content": [{"type": "text", "text": PAT}]})
    store.write([make.closed("one", answer=answer, findings=FOUND)])
    store.write([make.opened("two", ["hi", CALL, RESULT, f"{PAT} {WORD}"], findings=FOUND)])


@pytest.mark.usefixtures("filled")
def test_both_tables_can_be_made_anew(db, dump):
    before = dump()
    assert before["findings"]
    db.execute("INSERT INTO secrets (kind) VALUES ('made-up')")
    db.execute("INSERT INTO findings SELECT * FROM findings")
    with transaction(db):
        rebuild_findings(db)
    assert dump() == before


@pytest.mark.usefixtures("filled")
def test_an_older_database_gets_both_tables_filled(db, path, dump):
    before = dump()
    for table in ("findings", "secrets"):
        db.execute(f"DROP TABLE {table}")
    db.execute("DELETE FROM _sqlite_migrations WHERE name = 'm002_secrets'")
    db.close()
    with open_writer(path) as again:
        assert {name: list(again[name].rows) for name in ("findings", "secrets")} == {
            name: before[name] for name in ("findings", "secrets")
        }


@pytest.mark.usefixtures("filled")
def test_what_was_erased_is_passed_over(db, erase):
    erase("message")
    with transaction(db):
        rebuild_findings(db)
    assert {row[2] for row in findings(db)} == {"header", "model"}


def test_a_lone_surrogate_in_a_record_is_no_obstacle(store, db, make):
    store.write([make.opened("one", path=SafeText(f"/\ud800?key={PAT}"))])
    assert [row[2] for row in findings(db)] == ["url"]


def test_nothing_is_noted_of_rows_that_are_there_already(store, db, make):
    row = make.opened("one", [PAT], findings=FOUND)
    store.write([row])
    Writer(db).write([row])
    assert len(findings(db)) == 1
    assert json.loads(db.execute("SELECT body FROM records").fetchone()[0])["findings"]
