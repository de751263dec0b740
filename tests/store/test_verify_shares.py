"""Helpers that take shares of a verification: what they find counts as if it was found here, also when one is lost."""

import itertools

import pytest

from recorder.ledger.kinds import RecordKind
from recorder.ledger.verdict import Verdict
from recorder.store import verification, verify_contents, verify_shares
from recorder.store.database import open_reader, open_writer
from recorder.store.verification import verify
from recorder.store.verify_shares import Helpers, divide
from recorder.store.writer import Writer
from tests.store.conftest import Make
from tests.tampering.base import KEY, fill, origin, unguarded


@pytest.fixture
def path(tmp_path, monkeypatch):
    """A record that is worth help, in many small shares."""
    monkeypatch.setattr(verification, "_WORTH_HELP", 10)
    monkeypatch.setattr(verify_shares, "_SIZE", 5)
    path = tmp_path / "records.db"
    fill(path)
    return path


def helped(path, helpers=2):
    with open_reader(path) as db:
        return verify(db, (KEY.verifier(origin(path)),), helpers=helpers)


def changed(path, *statements):
    with unguarded(path) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


EDITS = (
    "UPDATE parts SET salt = randomblob(32) WHERE id IN (2, 17)",
    "UPDATE chains SET digest = randomblob(32) WHERE id = 3",
    "UPDATE interactions SET cost_usd = '7', model = 'x' WHERE seq > 20",
)


def test_shares_leave_nothing_out(path, monkeypatch):
    monkeypatch.setattr(verify_shares, "_LEAST", (20, 1, 1))  # fewer ranges of parts than of the rest
    with open_reader(path) as db:
        shares = divide(db)
        for at, table in enumerate(("parts", "chains", "interactions")):
            ranges = [(share.parts, share.chains, share.interactions)[at] for share in shares]
            numbers = [number for first, last in ranges for number in range(first, last + 1)]
            (lowest, highest) = db.execute(f"SELECT min(rowid), max(rowid) FROM {table}").fetchone()
            assert numbers == list(range(lowest, highest + 1))


def test_to_begin_amid_a_block_reads_no_other_parts(path):
    with open_reader(path) as db:
        plan = db.execute(f"EXPLAIN QUERY PLAN {verify_contents._BEFORE}", (2, 5)).fetchall()
    assert ["rowid>? AND rowid<?" in step[-1] for step in plan] == [True]


@pytest.mark.parametrize("edits", [(), *((edit,) for edit in EDITS), EDITS])
def test_helpers_find_what_one_finds(path, edits):
    changed(path, *edits)
    alone, together = helped(path, 0), helped(path)
    assert alone.counts == together.counts
    assert sorted(alone.findings, key=repr) == sorted(together.findings, key=repr)
    assert (alone.verdict, alone.parts, alone.root) == (together.verdict, together.parts, together.root)
    assert together.verdict is (Verdict.MODIFIED if edits else Verdict.OK)


def test_what_a_lost_helper_was_given_is_looked_at_here(path):
    changed(path, *EDITS)
    with open_reader(path) as db, Helpers(path, 2) as helpers:
        shares = divide(db)
        db.execute("BEGIN")
        assert not helpers.join(db)
        for process in helpers.processes:
            process.kill()
            process.join()
        helpers.give(shares)
        looked = list(helpers.looked(db))
        db.rollback()
    assert len(looked) == len(shares)
    assert sorted(itertools.chain.from_iterable(one.wrong_parts for one in looked)) == [2, 17]


class Dying:
    """The pipe to a helper that takes the order to begin and is gone before it answers."""

    def send(self, order):
        pass

    def recv(self):
        raise EOFError

    def close(self):
        pass


def test_where_a_helper_dies_while_it_begins_all_is_left_to_us(path):
    with open_reader(path) as db, Helpers(path, 1) as helpers:
        helpers._pipes.append(Dying())
        db.execute("BEGIN")
        assert not helpers.join(db)
        shares = divide(db)
        helpers.give(shares)
        assert len(list(helpers.looked(db))) == len(shares)
        db.rollback()


def test_what_was_written_while_helpers_got_ready_is_looked_at(path, monkeypatch):
    looked, verify_file, make = [], verification.verify_file, Make()

    def verify_file_and_write(db, found):
        verify_file(db, found)
        if not looked:
            with open_writer(path) as other:
                Writer(other, key=KEY).write([make.event(RecordKind.HEARTBEAT, run_id="run1")])
        looked.append(db)

    monkeypatch.setattr(verification, "verify_file", verify_file_and_write)
    before = helped(path, 0).records  # to which one more is written then
    looked.clear()
    report = helped(path)
    assert (report.verdict, report.records, len(looked)) == (Verdict.OK, before + 2, 2)


def test_where_they_do_not_see_the_same_all_is_left_to_us(path, monkeypatch):
    moments = itertools.count()
    monkeypatch.setattr(verify_shares, "_moment", lambda _db: (next(moments), "another"))
    monkeypatch.setattr(verify_shares, "_TRIES", 2)
    report = helped(path)
    assert report.verdict is Verdict.OK
    assert next(moments) == 2


def test_a_share_that_cannot_be_read_is_a_finding(path):
    with unguarded(path) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'chains'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    data = bytearray(path.read_bytes())
    data[size * (page - 1) : size * page] = bytes(size)
    path.write_bytes(data)
    assert helped(path).verdict is helped(path, 0).verdict is Verdict.MODIFIED
