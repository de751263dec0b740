import multiprocessing
import random
from pathlib import Path

import msgspec
import pytest

from recorder.errors import StoreError
from recorder.ledger.kinds import RecordKind
from recorder.ledger.leaf import leaf_bytes, leaf_hash
from recorder.model import Provider, Slot, State
from recorder.store import driver
from recorder.store.database import open_writer
from recorder.store.parts import find_parts
from recorder.store.queries import list_runs, records, request_parts
from recorder.store.rows import Link, MissingOpened, MissingParts
from recorder.store.writer import Writer


def test_both_halves_are_records(store, reader, make):
    store.write([make.event(RecordKind.START, run_id="run1"), make.opened("a", ["hi"]), make.closed("a")])
    found = list(records(reader))
    assert [(record.seq, record.kind) for record in found] == [(1, "start"), (2, "opened"), (3, "closed")]
    for record in found:
        assert record.leaf_hash == leaf_hash(leaf_bytes(record.seq, record.kind, record.at_utc, record.body))


def test_resent_halves_are_skipped(store, dump, make):
    batch = [make.opened("a", ["hi"]), make.closed("a", tools=["t1"]), make.opened("b", ["hi", "more"])]
    store.write(batch)
    before = dump()
    store.write(batch)
    store.write([msgspec.structs.replace(batch[0], model="other"), make.closed("a", State.LOST)])
    assert dump() == before


def test_the_same_half_twice_in_one_batch(store, db, make):
    opened, closed = make.opened("a", ["hi"]), make.closed("a")
    store.write([opened, opened, closed, closed])
    assert [row["kind"] for row in db["records"].rows] == ["opened", "closed"]


def test_resent_by_another_writer(store, path, dump, make):
    batch = [make.opened("a", ["hi"]), make.closed("a"), make.event(RecordKind.GAP, reason="full", count=3)]
    store.write(batch)
    before = dump()
    with open_writer(path) as other:
        Writer(other).write(batch)
    assert dump() == before


def test_events_that_only_look_alike_are_both_kept(store, db, make):
    gap = make.event(RecordKind.GAP, reason="full")
    store.write(
        [gap, msgspec.structs.replace(gap, at_utc=make.utc()), msgspec.structs.replace(gap, body={"reason": "x"})]
    )
    assert db["records"].count == 3


def test_missing_parts_write_nothing(store, dump, make):
    part, old = make.part("message", "hi", "user"), make.part("message", "old", "user")
    store.write([make.opened("z", ["old"])])
    before = dump()
    links = tuple(Link(make.known(each)) for each in (old, part))
    row = make.opened("b", chains={Slot.MESSAGES: links}, envelope=make.known(make.part("envelope", {})))
    with pytest.raises(MissingParts) as missing:
        store.write([make.event(RecordKind.GAP, reason="x"), make.opened("a", ["first"]), row])
    assert missing.value.digests == {part.digest, row.envelope.digest}
    assert dump() == before
    whole = msgspec.structs.replace(row, envelope=make.part("envelope", {}), chains=make.messages("old", "hi"))
    store.write([whole])


def test_a_part_may_be_known_from_earlier_in_the_batch(store, db, make):
    part = make.part("message", "hi", "user")
    store.write(
        [
            make.opened("a", chains={Slot.MESSAGES: (Link(part),)}),
            make.opened("b", chains={Slot.MESSAGES: (Link(make.known(part)), Link(make.known(part)))}),
        ]
    )
    assert db["parts"].count == 1
    assert db["chains"].count == 2


def test_missing_opening_writes_nothing(store, dump, make):
    before = dump()
    with pytest.raises(MissingOpened) as missing:
        store.write([make.opened("a"), make.closed("a"), make.closed("b"), make.opened("b")])
    assert missing.value.ids == {"b"}
    assert dump() == before


def test_a_row_that_fails_takes_the_batch_with_it_and_leaves_the_writer_usable(store, db, dump, make):
    before = dump()
    with pytest.raises(ValueError, match="run_id"):
        store.write([make.opened("a", ["hi"]), make.event(RecordKind.START)])
    assert dump() == before
    # Nothing of the batch was kept in memory either.
    store.write([make.opened("a", ["hi"])])
    assert db["parts"].count == db["chains"].count == 1


@pytest.mark.parametrize(
    "at_utc",
    [
        "2026-11-23T12:00:00Z",
        "2026-11-23 12:00:00.000",
        "2026-11-23T12:00:00.000+00:00",
        "2026-11-23T12:00:00.000Z\n",
        "",
    ],
)
def test_times_have_one_form(store, make, at_utc):
    with pytest.raises(ValueError, match="at_utc"):
        store.write([make.opened("a", at_utc=at_utc)])


def test_what_cannot_be_meant_is_refused(store, make):
    with pytest.raises(ValueError, match="open"):
        store.write([make.opened("a"), make.closed("a", State.OPEN)])
    with pytest.raises(ValueError, match="no event"):
        store.write([make.event(RecordKind.OPENED)])


def test_runs(store, reader, make):
    start = make.event(RecordKind.START, run_id="r1", host="box", pid=7, version="0.1.0")
    store.write([start, make.event(RecordKind.START, run_id="r2"), make.event(RecordKind.START, run_id="r3")])
    assert store.unfinished_runs() == ["r1", "r2", "r3"]
    stop, crash = make.event(RecordKind.STOP, run_id="r1"), make.event(RecordKind.CRASH, run_id="r2")
    store.write([stop, crash])
    store.write([make.event(RecordKind.START, run_id="r1"), make.event(RecordKind.CRASH, run_id="r1"), stop])
    assert store.unfinished_runs() == ["r3"]
    runs = {run.id: run for run in list_runs(reader)}
    assert list(runs) == ["r3", "r2", "r1"]
    assert msgspec.structs.astuple(runs["r1"])[1:] == (start.at_utc, stop.at_utc, "stop", "box", 7, "0.1.0")
    assert (runs["r2"].stopped_utc, runs["r2"].stopped_by) == (crash.at_utc, "crash")
    assert len(list(records(reader))) == 5


def test_find_open(store, make):
    store.write([make.opened("a"), make.opened("b", run_id="run2", provider=Provider.VERTEX), make.opened("c")])
    store.write([make.closed("a")])
    assert [found.id for found in store.find_open()] == ["b", "c"]
    (found,) = store.find_open("run2")
    assert (found.id, found.run_id, found.provider) == ("b", "run2", Provider.VERTEX)
    assert found.started_us == 1_795_435_201_000_000
    assert store.find_open("run9") == []


def test_asked_model(store, make):
    store.write([make.opened("a")])
    assert store.asked_model("a") == "claude-opus-4-6"
    assert store.asked_model("b") is None


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE records SET body = '{}' WHERE seq = 1",
        "DELETE FROM records WHERE seq = 2",
        "DELETE FROM records",
        "INSERT OR REPLACE INTO records SELECT 1, kind, at_utc, '{}', leaf_hash, NULL FROM records WHERE seq = 1",
        "INSERT INTO records SELECT 9, kind, at_utc, body, leaf_hash, base FROM records WHERE seq = 1",
        "INSERT INTO records SELECT 0, kind, at_utc, body, leaf_hash, base FROM records WHERE seq = 1",
    ],
)
@pytest.mark.parametrize("recursive_triggers", ["off", "on"])
def test_records_are_append_only(store, db, make, sql, recursive_triggers):
    store.write([make.opened("a"), make.closed("a")])
    before = list(db["records"].rows)
    # While this is off, as it is in any other program, REPLACE fires no delete trigger.
    db.execute(f"PRAGMA recursive_triggers = {recursive_triggers}")
    with pytest.raises(driver.Error, match=r"append-only|without gaps"):
        db.execute(sql)
    assert list(db["records"].rows) == before


def test_a_full_disk_is_a_store_error_and_passes(store, db, make):
    store.write([make.opened("a", ["hi"])])
    pages = db.execute("PRAGMA page_count").fetchone()[0]
    db.execute(f"PRAGMA max_page_count = {pages}")
    big = make.opened("b", [bytes(range(256)) * 4000])
    big = msgspec.structs.replace(big, chains={Slot.MESSAGES: (Link(make.part("message", incompressible())),)})
    with pytest.raises(StoreError, match="full"):
        store.write([big])
    db.execute("PRAGMA max_page_count = 1000000")
    store.write([big])
    assert db["interactions"].count == 2


def incompressible():
    return random.Random(1).randbytes(1_000_000)


def conversation(make, turns):
    """Each turn sends all messages before it, those as known parts, and two new ones."""
    system = make.part("system", "You are helpful")
    links = []
    for turn in range(turns):
        new = [make.part("message", f"{turn}-{role}", role) for role in ("user", "assistant")]
        chains = {
            Slot.SYSTEM: (Link(system if turn == 0 else make.known(system)),),
            Slot.MESSAGES: (*links, *(Link(part) for part in new)),
        }
        yield make.opened(f"i{turn}", chains=chains), make.closed(f"i{turn}")
        links += [Link(make.known(part)) for part in new]


def count_rows(db):
    return sum(db[name].count for name in db.table_names())


def test_a_turn_costs_what_is_new_and_not_what_is_repeated(store, db, make):
    costs = []
    for rows in conversation(make, 200):
        before, statements = count_rows(db), []
        with db.tracer(lambda sql, parameters, seen=statements: seen.append((sql, len(parameters or ())))):
            store.write(rows)
        costs.append((count_rows(db) - before, statements))
    assert costs[2] == costs[199]
    rows, statements = costs[199]
    # Two records, one interaction, two messages and their two nodes.
    assert rows == 7
    # Begin and end, the last erasure and number, what there is of interactions, of parts, of reservations: nothing of
    # what is known.
    # Begin and end, the last erasure and number, what there is of interactions, of parts: nothing of what is known. And
    # what was kept of the answer while it was under way.
    assert [sql for sql, _ in statements if "INSERT" not in sql and "UPDATE" not in sql] == [
        "BEGIN IMMEDIATE",
        "SELECT coalesce(max(seq), 0) FROM erasures",
        "SELECT id, seq, closed_seq IS NOT NULL FROM interactions WHERE id IN (?)",
        "SELECT 1 FROM parts WHERE id = ? AND coalesce(block, id) = ? AND content IS NOT NULL",
        "SELECT digest, id, commitment FROM parts WHERE digest IN (?,?)",
        "SELECT coalesce(max(seq), 0) FROM records",
        "SELECT counter, unit, expected FROM reservations WHERE interaction = ?",
        "DELETE FROM in_flight WHERE interaction = ?",
        "COMMIT",
    ]


def test_a_new_writer_finds_a_long_conversation_with_few_queries(path, make):
    *earlier, last = conversation(make, 201)
    with open_writer(path) as db:
        Writer(db).write([row for rows in earlier for row in rows])
    with open_writer(path) as db:
        before, statements = count_rows(db), []
        with db.tracer(lambda sql, parameters: statements.append(sql)):
            Writer(db).write(last)
        assert count_rows(db) - before == 7
        assert len(statements) < 30
        assert len(request_parts(db, "i200")[Slot.MESSAGES]) == 402


def _write_many(path, worker, turns, barrier):
    import conftest  # noqa: PLC0415 — found through sys.path in the child

    make = conftest.Make()
    with open_writer(path) as db:
        store = Writer(db)
        barrier.wait()
        for turn in range(turns):
            messages = [f"shared {number}" for number in range(turn + 1)]
            name = f"w{worker}-{turn}"
            store.write([make.opened(name, [*messages, name], session=f"s{worker}")])
            store.write([make.closed(name), make.event(RecordKind.GAP, name=name)])


def test_four_processes_write_one_database(path, tmp_path_factory, monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    workers, turns = 4, 25
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(workers)
    processes = [context.Process(target=_write_many, args=(path, worker, turns, barrier)) for worker in range(workers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0] * workers
    with open_writer(path) as db:
        seqs = [record.seq for record in records(db)]
        assert seqs == list(range(1, workers * turns * 3 + 1))
        assert db["interactions"].count == workers * turns
        # What they share is there once, though all of them wrote it.
        shared = turns
        assert db["parts"].count == shared + workers * turns
        assert db["chains"].count == shared + workers * turns
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        for record in records(db):
            assert record.leaf_hash == leaf_hash(leaf_bytes(record.seq, record.kind, record.at_utc, record.body))


def test_what_is_written_again_is_not_compiled_again(store, db, make):
    # On the connection that the migrations ran on, whose statements filled the driver's memory of compiled ones.
    def exchange(name, *messages):
        store.write([make.opened(name, [*messages], envelope=make.part("envelope", {"of": name}))])
        store.write([make.closed(name, answer=make.part("answer", {"to": name}))])

    compiled = []
    db.conn.set_authorizer(lambda *action: compiled.append(action) or 0)  # asked whenever a statement is compiled
    exchange("a", "1", "2", "3")
    exchange("b", "4", "5", "6")
    compiled.clear()
    exchange("c", "7", "8", "9")
    assert compiled == []


@pytest.mark.parametrize("count", [1, 2, 3, 512, 513, 1025])
def test_any_number_of_parts_is_found(store, db, make, count):
    store.write([make.opened("a", [str(number) for number in range(count)])])
    digests = [digest for (digest,) in db.execute("SELECT digest FROM parts")]
    assert set(find_parts(db, [*digests, b"other"])) == set(digests)
