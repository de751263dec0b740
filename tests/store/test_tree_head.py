"""A checkpoint with every commit: it covers all records, by every way that the tree can have been come by."""

import pytest

from recorder.errors import StoreError
from recorder.ledger.checkpoint import Checkpoint, claimed_checkpoint, open_checkpoint, origin_of
from recorder.ledger.kinds import RecordKind
from recorder.ledger.merkle import Frontier
from recorder.ledger.note import SigningKey
from recorder.ledger.succession import Lineage
from recorder.store.database import open_writer
from recorder.store.tree_head import KEPT_EVERY
from recorder.store.writer import Writer

KEY = SigningKey(bytes(range(32)))
OTHER = SigningKey(bytes(32))
NEXT = Lineage(KEY).followed_by(OTHER, "2026-11-25T00:00:00Z")


@pytest.fixture
def store(db):
    return Writer(db, key=KEY)


def note_of(db):
    return db.execute("SELECT note FROM tree_head").fetchone()[0]


def head_of(db, key=KEY):
    """The head, its signature checked."""
    note = note_of(db)
    return open_checkpoint(note, [key.verifier(claimed_checkpoint(note).origin)])


def tree_of(db):
    frontier = Frontier()
    for row in db["records"].rows_where(order_by="seq"):
        frontier.append(row["leaf_hash"])
    return frontier


def covers_all(db, key=KEY):
    tree = tree_of(db)
    first = db.execute("SELECT leaf_hash FROM records WHERE seq = 1").fetchone()[0]
    return head_of(db, key) == Checkpoint(origin_of(first), tree.size, tree.root())


def discrepancies(db):
    return [row["body"] for row in db["records"].rows_where("kind = 'discrepancy'")]


def unguarded(db, *statements):
    """Run what the triggers forbid, as somebody with a copy of SQLite can."""
    triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        db.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        db.execute(*statement) if isinstance(statement, tuple) else db.execute(statement)
    for _, sql in triggers:
        db.execute(sql)


def test_every_commit_is_signed(store, db, make):
    for number in range(20):
        store.write([make.opened(f"i{number}", ["hi", str(number)])] + [make.closed(f"i{number}")] * (number % 3 > 0))
        assert covers_all(db)
        assert store.checkpoint == note_of(db)
    assert discrepancies(db) == []


def test_a_batch_that_is_known_already_changes_nothing(store, db, make):
    rows = [make.opened("a"), make.closed("a")]
    store.write(rows)
    before = store.checkpoint
    store.write(rows)
    store.write([])
    assert store.checkpoint == before == note_of(db)


def test_a_new_writer_goes_on_from_the_head(db, make):
    for number in range(10):
        Writer(db, key=KEY).write([make.opened(f"i{number}")])
        assert covers_all(db)
    assert discrepancies(db) == []


def test_two_writers_take_turns(path, make):
    with open_writer(path) as one, open_writer(path) as two:
        stores = [Writer(one, key=KEY), Writer(two, key=KEY)]
        for number in range(12):
            stores[number % 3 % 2].write([make.opened(f"i{number}")])
            assert covers_all(one)
        assert discrepancies(one) == []


def test_two_writers_with_two_keys_say_so_once(path, make):
    with open_writer(path) as one, open_writer(path) as two:
        stores = [(Writer(one, key=KEY), KEY), (Writer(two, key=OTHER), OTHER)]
        for number in range(12):
            store, key = stores[number % 2]
            store.write([make.opened(f"i{number}")])
            assert covers_all(one, key)
        assert ['"reason":"other key"' in body for body in discrepancies(one)] == [True, True]
        assert one["checkpoints"].count == 2


def test_another_key_over_another_tree_is_said_every_time(path, make):
    with open_writer(path) as db:
        ours, theirs = Writer(db, key=KEY), Writer(db, key=OTHER)
        ours.write([make.opened("a")])
        for number in range(2):
            theirs.write([make.opened(f"b{number}")])
            head = head_of(db, OTHER)
            false = Checkpoint(head.origin, head.size, bytes(32)).signed(OTHER)
            db.execute("UPDATE tree_head SET note = ?", (false,))
            ours.write([make.opened(f"c{number}")])
            assert covers_all(db)
        assert sum("AAAAAAAAAAAAAAA" in body for body in discrepancies(db)) == 2


def test_a_failed_commit_leaves_the_head_as_it_was(store, db, make):
    store.write([make.opened("a")])
    before = store.checkpoint
    with pytest.raises(StoreError):
        store.write([make.opened("b"), make.closed("never opened")])
    assert store.checkpoint == before == note_of(db)
    store.write([make.opened("c")])
    assert covers_all(db)
    assert discrepancies(db) == []


def test_some_checkpoints_stay(store, db, make):
    for number in range(KEPT_EVERY + 10):
        store.write([make.opened(f"a{number}"), make.opened(f"b{number}")])
    kept = [claimed_checkpoint(row["note"]) for row in db["checkpoints"].rows]
    assert [checkpoint.size for checkpoint in kept] == [KEPT_EVERY, 2 * KEPT_EVERY]
    assert [row["size"] for row in db["checkpoints"].rows] == [KEPT_EVERY, 2 * KEPT_EVERY]
    for statement in (
        "UPDATE checkpoints SET size = 1",
        "DELETE FROM checkpoints",
        "INSERT INTO checkpoints VALUES (7, 1, '')",
    ):
        with pytest.raises(Exception, match="checkpoints are"):
            db.execute(statement)


def test_what_was_not_signed_is_said_and_then_signed(db, make):
    Writer(db).write([make.opened("a"), make.closed("a")])
    Writer(db, key=KEY).write([make.opened("b")])
    assert discrepancies(db) == ['{"first":"1","last":"2","reason":"unsigned"}']
    assert covers_all(db)
    Writer(db).write([make.opened("c")])
    Writer(db, key=KEY).write([make.opened("d")])
    assert discrepancies(db)[1:] == ['{"first":"5","last":"5","reason":"unsigned"}']
    assert covers_all(db)


def test_another_key_keeps_what_the_first_signed(store, db, make):
    store.write([make.opened("a")])
    first = note_of(db)
    Writer(db, key=OTHER).write([make.closed("a")])
    assert covers_all(db, OTHER)
    assert [row["note"] for row in db["checkpoints"].rows] == [first]
    (body,) = discrepancies(db)
    assert '"reason":"other key"' in body


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE tree_head SET note = 'nonsense'",
        "UPDATE tree_head SET frontier = zeroblob(64)",
        "UPDATE tree_head SET frontier = x''",
        "UPDATE tree_head SET note = replace(note, char(10) || '3' || char(10), char(10) || '2' || char(10))",
    ],
)
def test_a_head_that_somebody_changed_is_not_believed(store, db, make, damage):
    store.write([make.opened("a"), make.closed("a"), make.opened("b")])
    db.execute(damage)
    for writer, name in ((Writer(db, key=KEY), "c"), (store, "d")):
        writer.write([make.opened(name)])
        assert covers_all(db)
    (body,) = discrepancies(db)
    assert '"reason":"damaged"' in body


def test_records_that_were_cut_off_are_missed(store, db, make):
    store.write([make.opened("a"), make.closed("a"), make.opened("b")])
    cut = note_of(db)
    unguarded(
        db, "PRAGMA foreign_keys = OFF", "DELETE FROM interactions WHERE seq = 3", "DELETE FROM records WHERE seq = 3"
    )
    store.write([make.opened("c")])
    assert covers_all(db)
    assert [row["note"] for row in db["checkpoints"].rows] == [cut]
    assert '"reason":"cut"' in discrepancies(db)[0]


def test_a_hole_does_not_end_the_signing(store, db, make):
    store.write([make.opened("a")])
    Writer(db).write([make.opened("b"), make.opened("c")])
    unguarded(db, "PRAGMA foreign_keys = OFF", "DELETE FROM records WHERE seq = 2")
    store.write([make.opened("d")])
    assert head_of(db).size == 5


def test_recording_goes_on_when_signing_fails(db, make):
    class Broken(SigningKey):
        def sign(self, text, name):
            raise RuntimeError("no entropy, no hardware, no luck")

    Writer(db, key=KEY).write([make.opened("a")])
    before = note_of(db)
    Writer(db, key=Broken(bytes(range(32)))).write([make.opened("b")])
    assert note_of(db) == before
    assert db["records"].count == 2
    Writer(db, key=KEY).write([make.opened("c")])
    assert discrepancies(db) == ['{"first":"2","last":"2","reason":"unsigned"}']


class TestContradicts:
    def test_its_own_past_does_not(self, store, make):
        store.write([make.opened("a")])
        first = store.checkpoint
        store.write([make.closed("a")])
        assert store.contradicts(first) is None
        assert store.contradicts(store.checkpoint) is None

    def test_a_longer_past_does(self, db, store, make, tmp_path):
        store.write([make.opened("a"), make.closed("a")])
        backup = tmp_path / "older.db"
        db.execute("VACUUM INTO ?", (str(backup),))
        store.write([make.opened("b")])
        with open_writer(backup) as older:
            assert Writer(older, key=KEY).contradicts(store.checkpoint) == {
                "reason": "cut",
                "checkpoint": store.checkpoint,
            }

    def test_another_past_does(self, db, store, make, tmp_path):
        store.write([make.opened("a")])
        backup = tmp_path / "older.db"
        db.execute("VACUUM INTO ?", (str(backup),))
        store.write([make.opened("b")])
        with open_writer(backup) as older:
            fork = Writer(older, key=KEY)
            fork.write([make.opened("c")])
            assert fork.contradicts(store.checkpoint)["reason"] == "forked"

    def test_another_database_does(self, store, make, tmp_path):
        store.write([make.opened("a")])
        with open_writer(tmp_path / "new.db") as new:
            other = Writer(new, key=KEY)
            assert other.contradicts(store.checkpoint)["reason"] == "replaced"
            other.write([make.opened("b")])
            assert other.contradicts(store.checkpoint)["reason"] == "replaced"

    @pytest.mark.parametrize("note", ["", "nonsense", Checkpoint("x", 9, bytes(32)).signed(OTHER)])
    def test_what_we_did_not_sign_does_not_matter(self, store, make, note):
        store.write([make.opened("a")])
        assert store.contradicts(note) is None


def test_the_event_can_be_written(store, db, make):
    store.write([make.event(RecordKind.DISCREPANCY, reason="cut", checkpoint="...")])
    assert covers_all(db)


def key_records(db):
    return [row["body"] for row in db["records"].rows_where("kind = 'key'")]


def test_a_key_that_follows_says_so_once(db, make):
    Writer(db, key=KEY).write([make.opened("a")])
    store = Writer(db, key=NEXT)
    assert store.is_ours()
    store.write([make.closed("a")])
    Writer(db, key=NEXT).write([make.opened("b")])
    assert covers_all(db, OTHER)
    assert discrepancies(db) == []
    (body,) = key_records(db)
    assert "llm-audit-recorder/succession" in body
    assert db.execute("SELECT max(seq) FROM records").fetchone()[0] == 4


def test_a_key_may_sign_at_once(db, make):
    Writer(db, key=KEY).write([make.opened("a")])
    store = Writer(db, key=NEXT)
    store.sign(make.utc())
    assert (len(key_records(db)), covers_all(db, OTHER)) == (1, True)
    note = store.checkpoint
    store.sign(make.utc())
    assert (len(key_records(db)), store.checkpoint) == (1, note)


def test_a_writer_that_runs_takes_the_new_key(path, make):
    with open_writer(path) as one, open_writer(path) as two:
        keys = [Lineage(KEY)]
        running = Writer(one, key=KEY, reload=lambda: keys[0])
        running.write([make.opened("a")])
        keys[0] = NEXT
        running.write([make.opened("b")])  # nothing told it yet
        Writer(two, key=NEXT).sign(make.utc())
        running.write([make.opened("c")])
        assert covers_all(one, OTHER)
        assert (discrepancies(one), len(key_records(one))) == ([], 1)


def test_a_former_head_that_was_damaged_is_a_discrepancy_still(db, make):
    Writer(db, key=KEY).write([make.opened("a")])
    db.execute("UPDATE tree_head SET frontier = ?", (bytes(32),))
    Writer(db, key=NEXT).write([make.opened("b")])
    assert ['"reason":"damaged"' in body for body in discrepancies(db)] == [True]
    assert covers_all(db, OTHER)


def test_what_another_key_signed_is_not_ours(db, make):
    Writer(db, key=SigningKey(bytes([7]) * 32)).write([make.opened("a")])
    assert not Writer(db, key=NEXT).is_ours()
    assert not Writer(db).is_ours()


def test_a_former_key_contradicts_as_well(db, make):
    store = Writer(db, key=KEY)
    store.write([make.opened("a")])
    shorter = store.checkpoint
    store.write([make.event(RecordKind.GAP, reason="b")])
    longer = store.checkpoint
    unguarded(db, "DELETE FROM records WHERE seq = 2", ("UPDATE tree_head SET note = ?", (shorter,)))
    assert Writer(db, key=NEXT).contradicts(longer) == {"reason": "cut", "checkpoint": longer}
