"""Erased content is gone to the last byte, what else needs it stays, and the proof stands."""

import contextlib
import json
from pathlib import Path

import pytest
import zstandard

from recorder.errors import ConfigError, StoreError
from recorder.ledger.kinds import RecordKind
from recorder.ledger.verdict import Verdict
from recorder.model import Finding, State
from recorder.store import blocks
from recorder.store.blocks import Contents
from recorder.store.choice import Choice
from recorder.store.content import answer_body, details, request_body
from recorder.store.database import open_reader, open_writer
from recorder.store.keeping import Order, get_hold, list_erasures, list_holds
from recorder.store.rows import MissingParts
from recorder.store.scrub import scrub
from recorder.store.writer import Writer
from tests.tampering.base import KEY, independent, origin, ours, unguarded

AT = "2026-12-01T00:00:00.000Z"


def order(*, kind=RecordKind.ERASURE, **choice):
    return Order(kind=kind, choice=Choice(**choice), at_utc=AT, by="ada@box", reason="asked for")


def body(*messages, system="be kind"):
    return json.dumps({"model": "m", "system": [{"type": "text", "text": system}], "messages": list(messages)}).encode()


def said(text):
    return {"role": "user", "content": text}


def everything(path):
    """The bytes of all files beside the database, and of whatever in them is compressed."""
    files = [file.read_bytes() for file in path.parent.iterdir() if file.name.startswith(path.name)]
    with open_writer(path) as db:
        contents = [content for _, content in Contents(db).every()]
        pieces = [piece for (piece,) in db.execute("SELECT content FROM parts WHERE content IS NOT NULL")]
    return b"\0".join([*files, *contents, *_frames(files), *pieces])


def _frames(files):
    """Whatever can be decompressed from any place that looks like the beginning of a zstd stream."""
    for data in files:
        at = data.find(zstandard.FRAME_HEADER)
        while at >= 0:
            with contextlib.suppress(zstandard.ZstdError):
                yield zstandard.ZstdDecompressor().decompressobj().decompress(data[at : at + 4_000_000])
            at = data.find(zstandard.FRAME_HEADER, at + 1)


@pytest.fixture
def store(db):
    return Writer(db, key=KEY)


@pytest.fixture
def verdict(path):
    def verify():
        keys = (KEY.verifier(origin(path)),)
        report = ours(path, keys)
        assert independent(path, keys) is report.verdict
        return report

    return verify


@pytest.fixture
def talks(store, make):
    """Two sessions with a common system prompt, of three turns each, with answers, headers and errors."""
    for session in ("s1", "s2"):
        messages = []
        for turn in range(3):
            messages.append(said(f"turn {turn} of {session}: pineapple-{session}-{turn}"))
            name = f"{session}-{turn}"
            answer = make.part("answer", {"content": f"mango-{name}"}, "assistant")
            store.write(
                [
                    make.cut(
                        name,
                        body(*messages),
                        session=session,
                        user=f"user of {session}",
                        headers=(("x-trace", f"papaya-{name}"),),
                    ),
                    make.priced(name, "0.25", answer=answer, error_message=f"guava-{name}"),
                ]
            )
            messages.append({"role": "assistant", "content": f"mango-{name}"})
    return store


@pytest.mark.parametrize("anew", [True, False])
def test_a_session_goes_and_another_stays(talks, db, path, verdict, anew):
    before = request_body(db, "s2-2")
    plan = talks.erase(order(sessions=("s1",)))
    scrub(db, path, anew=anew)
    assert (plan.interactions, plan.shared_parts > 0) == (3, True)
    assert request_body(db, "s2-2") == before
    left = everything(path)
    for fruit in (b"pineapple", b"mango", b"papaya", b"guava"):
        assert fruit + b"-s2-2" in left
        assert fruit + b"-s1-" not in left
    for read in (request_body, answer_body, details):
        with pytest.raises(StoreError, match="erased"):
            read(db, "s1-0")
    report = verdict()
    assert report.verdict is Verdict.ERASED
    assert [finding.text for finding in report.findings] == [
        f"record 13 says that {len(plan.parts)} parts ({plan.bytes} bytes) were erased on {AT} by ada@box: asked for"
    ]
    (record,) = db.execute("SELECT body FROM records WHERE kind = 'erasure'").fetchone()
    assert json.loads(record)["sessions"] == ["s1"]


def test_without_rewriting_the_streams_nothing_else_could_be_read(talks, db, path, monkeypatch):
    """The parts of both sessions share one stream: those that stay are stored anew, apart from the others."""
    assert len({first for (first,) in db.execute("SELECT coalesce(block, id) FROM parts")}) == 1
    talks.erase(order(sessions=("s1",)))
    kept = [content for _, content in Contents(db).every()]
    assert any(b"mango-s2-2" in content for content in kept)
    assert not any(b"-s1-" in content for content in kept)


def test_what_later_interactions_share_stays_until_they_go_too(talks, db, path):
    plan = talks.erase(order(interactions=("s1-0",)))
    assert b"pineapple-s1-0" in request_body(db, "s1-1")
    assert plan.shared_parts >= 3
    talks.erase(order(interactions=("s1-1", "s1-2")))
    scrub(db, path)
    assert b"-s1-" not in everything(path)


def test_what_was_all_shared_goes_with_the_last_that_shares_it(store, make, db):
    for name in ("a", "b", "c"):
        store.write([make.cut(name, body(said("one")), session=name), make.closed(name, State.FAILED)])
    assert [len(store.erase(order(sessions=(name,))).parts) for name in ("a", "b")] == [0, 0]
    assert len(store.erase(order(sessions=("c",))).parts) == db["parts"].count
    assert [row["erased_by"] for row in db["interactions"].rows] == [7, 8, 9]
    (opened,) = (json.loads(row[0])["opened"] for row in db.execute("SELECT body FROM records WHERE seq = 7"))
    assert opened == [[1, 1]]


def test_a_user_and_a_text_narrow_each_other(talks, db, path, verdict):
    assert talks.erase(order(users=("user of s2",), texts=("pineapple-s1-1",))).parts == ()
    plan = talks.erase(order(texts=("PINEAPPLE-S1-1",)))
    scrub(db, path)
    assert (len(plan.parts), plan.interactions) == (1, 2)
    left = everything(path)
    assert b"pineapple-s1-1" not in left
    assert b"pineapple-s1-2" in left
    assert verdict().verdict is Verdict.ERASED
    (record,) = db.execute("SELECT body FROM records WHERE kind = 'erasure'").fetchone()
    assert "pineapple" not in record.lower()


@pytest.mark.parametrize(
    "written",
    [
        "Jürgen Groß",
        {"input": json.dumps({"name": "Jürgen Groß"})},
        json.dumps({"log": json.dumps({"name": "Jürgen Groß"})}),
        {"Jürgen Groß": 1},
    ],
    ids=["escaped", "json in json", "and again", "key"],
)
@pytest.mark.parametrize("how", [{"texts": ("jürgen gross",)}, {"patterns": ("J.rgen",)}])
def test_a_text_is_found_however_it_is_written(store, make, db, written, how):
    store.write([make.cut("a", body({"role": "user", "content": written})), make.closed("a")])
    assert len(store.erase(order(**how)).parts) == 1


def test_a_pattern_that_is_none_erases_nothing(talks, db):
    for choice in ({"patterns": ("(",)}, {"patterns": ("x*",)}, {"texts": ("",)}):
        with pytest.raises(ConfigError):
            talks.erase(order(**choice))
    assert not list_erasures(db)


def test_an_open_interaction_is_left(store, make, db):
    store.write([make.cut("a", body(said("one")))])
    plan = store.erase(order(sessions=("s1",)))
    assert (plan.open, plan.parts) == (1, ())
    assert not list_erasures(db)


def test_a_hold_keeps_what_it_names_from_erasure_and_retention(talks, db, make):
    choice = {"sessions": ["s1"], "texts": ["pineapple-s1-2"]}
    talks.write([make.event(RecordKind.HOLD, event="placed", id="h1", choice=choice, by="c", reason="lawsuit")])
    plan = talks.erase(order(sessions=("s1", "s2")))
    assert (plan.held, plan.holds) == (1, ("h1",))
    assert b"pineapple-s1-0" in request_body(db, "s1-2")
    plan = talks.erase(order(kind=RecordKind.RETENTION, before_utc="2027-01-01T00:00:00.000Z"))
    assert (plan.held, plan.parts) == (1, ())
    talks.write([make.event(RecordKind.HOLD, event="released", id="h1", by="c", reason="over")])
    assert list_holds(db) == []
    with pytest.raises(StoreError, match="none is in force"):
        get_hold(db, "h1")
    assert talks.erase(order(sessions=("s1",))).held == 0


def test_retention_is_recorded_when_nothing_was_old_enough_too(talks, db, verdict):
    before = "2026-11-23T12:00:08.000Z"
    for count in (4, 0):
        plan = talks.erase(order(kind=RecordKind.RETENTION, before_utc=before))
        assert plan.interactions == count
    assert [row.interactions for row in list_erasures(db)] == [4, 0]
    assert b"pineapple-s2-2" in request_body(db, "s2-2")
    assert verdict().verdict is Verdict.ERASED


def test_what_quotes_it_goes_with_it(store, make, db):
    secret = "[REDACTED:github-pat:" + "ab" * 16 + "]"
    finding = (Finding("github-pat", "ab" * 16),)
    store.write([make.cut("a", body(said(f"use {secret}")), findings=finding), make.closed("a")])
    assert db.execute("SELECT count(*) FROM findings WHERE part IS NOT NULL").fetchone() == (1,)
    store.erase(order(sessions=("s1",)))
    for table in ("findings", "secrets", "cleared"):
        assert db.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    assert db.execute("SELECT count(*) FROM parts WHERE digest IS NOT NULL").fetchone() == (0,)


def test_a_writer_that_runs_stores_what_it_is_sent_again(talks, db, path, make, verdict):
    """What it remembers of lists and parts is of before: the next turn must not refer to what is gone."""
    with open_writer(path) as other:
        Writer(other, key=KEY).erase(order(sessions=("s1", "s2")))
    messages = [said(f"turn {turn} of s2: pineapple-s2-{turn}") for turn in range(3)]
    whole = make.cut("again", body(*messages), session="s2")
    known = make.cut("again", body(*messages), session="s2")
    known.chains.update({slot: tuple(_known(link) for link in links) for slot, links in known.chains.items()})
    with pytest.raises(MissingParts):
        talks.write([known])
    talks.write([whole, make.closed("again")])
    assert request_body(db, "again") == body(*messages)
    assert verdict().verdict is Verdict.ERASED


def _known(link):
    from recorder.store.rows import KnownPart, Link  # noqa: PLC0415

    return Link(KnownPart(link.part.digest), link.lead)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE parts SET content = NULL, salt = NULL WHERE id = (SELECT max(id) FROM parts)", "content missing"),
        (
            "UPDATE parts SET content = NULL, salt = NULL, erased_by = 13 WHERE id = (SELECT max(id) FROM parts)",
            "content missing",
        ),
        (
            "UPDATE parts SET content = NULL, salt = NULL, erased_by = 3 WHERE id = (SELECT max(id) FROM parts)",
            "content missing",
        ),
        (
            """UPDATE parts SET erased_by = CASE id WHEN (SELECT max(id) FROM parts) THEN 13 END,
            content = NULL, salt = NULL
            WHERE id = (SELECT max(id) FROM parts) OR id = (SELECT min(id) FROM parts WHERE erased_by = 13)""",
            "content missing",
        ),
        ("UPDATE parts SET erased_by = NULL WHERE id = (SELECT min(id) FROM parts WHERE erased_by = 13)", "modified"),
        ("UPDATE erasures SET reason = 'by mistake'", "modified"),
        ("DELETE FROM erasures", "modified"),
        ("UPDATE interactions SET erased_by = NULL", "modified"),
        ("UPDATE holds SET released_seq = 14", "modified"),
    ],
)
def test_content_that_is_gone_without_a_record_is_found(talks, path, verdict, make, statement, expected):
    talks.erase(order(sessions=("s1",)))
    talks.write([make.event(RecordKind.HOLD, event="placed", id="h1", choice={"users": ["x"]}, by="c", reason="r")])
    with unguarded(path) as connection:
        connection.execute(statement)
    connection.close()
    keys = (KEY.verifier(origin(path)),)
    assert ours(path, keys).verdict.value.startswith(expected)


def test_an_erasure_that_fails_leaves_everything(talks, db, monkeypatch, dump):
    before = dump()
    monkeypatch.setattr(blocks.BlockWriter, "add", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        talks.erase(order(sessions=("s1",)))
    assert dump() == before


def test_a_dry_run_changes_nothing(talks, dump):
    before = dump()
    assert talks.erase(order(sessions=("s1",)), dry_run=True).parts
    assert dump() == before


def test_a_file_too_large_for_memory_is_written_by_way_of_its_own_folder(talks, db, path, monkeypatch):
    monkeypatch.setattr("recorder.store.scrub.LARGE_BYTES", 0)
    talks.erase(order(sessions=("s1",)))
    scrub(db, path)
    assert b"-s1-" not in everything(path)
    assert not [file for file in Path(path.parent).iterdir() if not file.name.startswith(path.name)]


def test_a_reader_that_stays_keeps_the_log(talks, db, path):
    with open_reader(path) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM parts").fetchone()
        talks.erase(order(sessions=("s1",)))
        db.execute("PRAGMA busy_timeout = 1")
        with pytest.raises(StoreError, match="--clean"):
            scrub(db, path)
        reader.rollback()
    scrub(db, path)
    assert b"-s1-" not in everything(path)
