"""What somebody with the database, and nothing else, can do to it; each edit, and what verification may call it."""

import hashlib
import json
import random
import sqlite3
from collections.abc import Callable

from recorder.errors import StoreError
from recorder.ledger.checkpoint import Checkpoint, claimed_checkpoint, origin_of
from recorder.ledger.leaf import leaf_bytes, leaf_hash
from recorder.ledger.merkle import Frontier
from recorder.ledger.note import SigningKey
from recorder.ledger.verdict import Verdict
from recorder.store.record_bodies import BodyReader
from tests.tampering.base import THIEF

CALLS = ("tool_calls", "interaction, block")
"""A table without row numbers, and its key."""

type Edit = Callable[[sqlite3.Connection, random.Random], None]

LEDGER: list[tuple[Edit, set[Verdict]]] = []
"""Edits of records and checkpoints: both verifiers see them, and agree."""
REST: list[tuple[Edit, set[Verdict]]] = []
"""Edits of content and derived tables, which the independent verifier does not look at."""


def edits(kind: list[tuple[Edit, set[Verdict]]], *verdicts: Verdict) -> Callable[[Edit], Edit]:
    def register(edit: Edit) -> Edit:
        kind.append((edit, set(verdicts)))
        return edit

    return register


def size(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT max(seq) FROM records").fetchone()[0])


def some(db: sqlite3.Connection, dice: random.Random) -> int:
    return dice.randint(1, size(db))


def flipped(data: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << dice.randrange(8)]) + data[at + 1 :]


def text_of(db: sqlite3.Connection, seq: int) -> bytes:
    """The body of a record, however it is stored."""
    return BodyReader(db).text(*db.execute("SELECT body, base FROM records WHERE seq = ?", (seq,)).fetchone())


def all_as_text(db: sqlite3.Connection) -> None:
    """Store all bodies as text, so that records can be moved about without their bases."""
    for (seq,) in db.execute("SELECT seq FROM records WHERE base IS NOT NULL").fetchall():
        db.execute("UPDATE records SET body = CAST(? AS TEXT), base = NULL WHERE seq = ?", (text_of(db, seq), seq))


def rehash(db: sqlite3.Connection, first: int = 1) -> None:
    """Make leaf hashes fit again, as somebody who read the documentation does."""
    for seq, kind, at_utc in db.execute("SELECT seq, kind, at_utc FROM records WHERE seq >= ?", (first,)).fetchall():
        leaf = leaf_hash(leaf_bytes(seq, kind, at_utc, json.loads(text_of(db, seq))))
        db.execute("UPDATE records SET leaf_hash = ? WHERE seq = ?", (leaf, seq))


def resign(db: sqlite3.Connection, key: SigningKey, origin: str | None = None) -> None:
    """Sign what there is now, with another key."""
    rehash(db)
    frontier = Frontier()
    leaves = [row[0] for row in db.execute("SELECT leaf_hash FROM records ORDER BY seq")]
    for leaf in leaves:
        frontier.append(leaf)
    note = Checkpoint(origin or origin_of(leaves[0]), frontier.size, frontier.root()).signed(key)
    db.execute("DELETE FROM checkpoints")
    db.execute("UPDATE tree_head SET note = ?, frontier = ?", (note, frontier.packed()))


def change_a_body(db: sqlite3.Connection, dice: random.Random) -> int:
    seq = some(db, dice)
    all_as_text(db)
    body = json.loads(text_of(db, seq))
    body["reason"] = f"{dice.random()}"
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    db.execute("UPDATE records SET body = ? WHERE seq = ?", (text, seq))
    return seq


@edits(LEDGER, Verdict.MODIFIED)
def flip_a_bit_of_a_body(db: sqlite3.Connection, dice: random.Random) -> None:
    seq = some(db, dice)
    all_as_text(db)
    db.execute("UPDATE records SET body = CAST(? AS TEXT) WHERE seq = ?", (flipped(text_of(db, seq), dice), seq))


@edits(LEDGER, Verdict.MODIFIED)
def flip_a_bit_of_a_compressed_body(db: sqlite3.Connection, dice: random.Random) -> None:
    seq, body = dice.choice(db.execute("SELECT seq, body FROM records WHERE base IS NOT NULL").fetchall())
    before = text = text_of(db, seq)
    while text == before:  # some bits of a compressed text mean nothing
        db.execute("UPDATE records SET body = ? WHERE seq = ?", (flipped(body, dice), seq))
        try:
            text = text_of(db, seq)
        except (StoreError, MemoryError):
            break


@edits(LEDGER, Verdict.MODIFIED)
def change_a_base(db: sqlite3.Connection, dice: random.Random) -> None:
    (seq,) = dice.choice(db.execute("SELECT seq FROM records WHERE base IS NOT NULL").fetchall())
    db.execute("UPDATE records SET base = ? WHERE seq = ?", (dice.choice([None, 1, 10**6]), seq))


@edits(LEDGER, Verdict.MODIFIED)
def give_a_text_a_base(db: sqlite3.Connection, dice: random.Random) -> None:
    all_as_text(db)
    db.execute("UPDATE records SET base = ? WHERE seq = ?", (dice.choice([1, 10**6]), some(db, dice)))


@edits(LEDGER, Verdict.MODIFIED)
def store_a_body_as_something_else(db: sqlite3.Connection, dice: random.Random) -> None:
    db.execute("UPDATE records SET body = ? WHERE seq = ?", (dice.choice([7, 1.5, b"", b"{}"]), some(db, dice)))


@edits(LEDGER, Verdict.MODIFIED)
def flip_a_bit_of_a_leaf_hash(db: sqlite3.Connection, dice: random.Random) -> None:
    seq = some(db, dice)
    leaf = db.execute("SELECT leaf_hash FROM records WHERE seq = ?", (seq,)).fetchone()[0]
    db.execute("UPDATE records SET leaf_hash = ? WHERE seq = ?", (flipped(leaf, dice), seq))


@edits(LEDGER, Verdict.MODIFIED)
def change_a_kind(db: sqlite3.Connection, dice: random.Random) -> None:
    seq = some(db, dice)
    db.execute("UPDATE records SET kind = ? WHERE seq = ?", (dice.choice(["gap", "x", "", 'opened"']), seq))


@edits(LEDGER, Verdict.MODIFIED)
def change_a_time(db: sqlite3.Connection, dice: random.Random) -> None:
    seq = some(db, dice)
    db.execute("UPDATE records SET at_utc = '2026-11-23T11:00:00.000Z' WHERE seq = ?", (seq,))


@edits(LEDGER, Verdict.MODIFIED)
def change_a_body_and_its_leaf_hash(db: sqlite3.Connection, dice: random.Random) -> None:
    rehash(db, change_a_body(db, dice))


@edits(LEDGER, Verdict.MISSING)
def delete_a_record(db: sqlite3.Connection, dice: random.Random) -> None:
    db.execute("DELETE FROM records WHERE seq = ?", (dice.randint(1, size(db) - 1),))


@edits(LEDGER, Verdict.MISSING)
def delete_some_records(db: sqlite3.Connection, dice: random.Random) -> None:
    first = dice.randint(1, size(db) - 4)
    db.execute("DELETE FROM records WHERE seq BETWEEN ? AND ?", (first, first + dice.randint(0, 3)))


@edits(LEDGER, Verdict.TRUNCATED)
def cut_the_tail(db: sqlite3.Connection, dice: random.Random) -> None:
    db.execute("DELETE FROM records WHERE seq > ?", (size(db) - dice.randint(1, 20),))


@edits(LEDGER, Verdict.MODIFIED)
def swap_two_records(db: sqlite3.Connection, dice: random.Random) -> None:
    all_as_text(db)
    one, two = dice.sample(range(1, size(db) + 1), 2)
    for seqs in ((-(2**40), one), (one, two), (two, -(2**40))):
        db.execute("UPDATE records SET seq = ? WHERE seq = ?", seqs)
    if dice.random() < 0.5:
        rehash(db)


@edits(LEDGER, Verdict.MODIFIED)
def take_one_out_and_number_anew(db: sqlite3.Connection, dice: random.Random) -> None:
    all_as_text(db)
    seq = dice.randint(1, size(db) - 1)
    db.execute("DELETE FROM records WHERE seq = ?", (seq,))
    for later in range(seq + 1, size(db) + 1):
        db.execute("UPDATE records SET seq = ? WHERE seq = ?", (later - 1, later))
    if dice.random() < 0.5:
        rehash(db)


@edits(LEDGER, Verdict.MODIFIED)
def put_one_in_and_number_anew(db: sqlite3.Connection, dice: random.Random) -> None:
    all_as_text(db)
    seq = some(db, dice)
    for later in range(size(db), seq - 1, -1):
        db.execute("UPDATE records SET seq = ? WHERE seq = ?", (later + 1, later))
    add(db, seq, dice)
    rehash(db)


@edits(LEDGER, Verdict.UNSIGNED)
def add_a_record(db: sqlite3.Connection, dice: random.Random) -> None:
    add(db, size(db) + 1, dice)
    rehash(db, size(db))


@edits(LEDGER, Verdict.MODIFIED)
def number_one_from_before_the_first(db: sqlite3.Connection, dice: random.Random) -> None:
    add(db, -dice.randint(0, 5), dice)


def add(db: sqlite3.Connection, seq: int, dice: random.Random) -> None:
    row = (seq, "gap", "2026-11-23T12:00:00.000Z", f'{{"reason":"r{dice.random()}"}}', bytes(32), None)
    db.execute("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?)", row)


@edits(LEDGER, Verdict.UNSIGNED)
def remove_the_head(db: sqlite3.Connection, dice: random.Random) -> None:
    db.execute("DELETE FROM tree_head")


@edits(LEDGER, Verdict.UNSIGNED)
def remove_all_checkpoints(db: sqlite3.Connection, dice: random.Random) -> None:
    db.execute("DELETE FROM tree_head")
    db.execute("DELETE FROM checkpoints")


@edits(LEDGER, Verdict.MODIFIED, Verdict.WRONG_KEY, Verdict.FORKED)
def flip_a_bit_of_a_checkpoint(db: sqlite3.Connection, dice: random.Random) -> None:
    table = dice.choice(["tree_head", "checkpoints"])
    ids = [row[0] for row in db.execute(f"SELECT id FROM {table}")]
    id_ = dice.choice(ids)
    note = db.execute(f"SELECT CAST(note AS BLOB) FROM {table} WHERE id = ?", (id_,)).fetchone()[0]
    db.execute(f"UPDATE {table} SET note = CAST(? AS TEXT) WHERE id = ?", (flipped(note, dice), id_))


@edits(LEDGER, Verdict.WRONG_KEY)
def sign_with_another_key(db: sqlite3.Connection, dice: random.Random) -> None:
    note = db.execute("SELECT note FROM tree_head").fetchone()[0]
    change_a_body(db, dice)
    resign(db, THIEF, claimed_checkpoint(note).origin)


@edits(LEDGER, Verdict.WRONG_KEY)
def sign_with_another_key_under_another_name(db: sqlite3.Connection, dice: random.Random) -> None:
    change_a_body(db, dice)
    resign(db, THIEF)


@edits(REST, Verdict.MODIFIED)
def flip_a_bit_of_a_content_or_salt(db: sqlite3.Connection, dice: random.Random) -> None:
    column = dice.choice(["content", "salt", "commitment"])
    id_, data = dice.choice(db.execute(f"SELECT id, {column} FROM parts").fetchall())
    db.execute(f"UPDATE parts SET {column} = ? WHERE id = ?", (flipped(data, dice), id_))


@edits(REST, Verdict.MODIFIED)
def put_other_content_with_its_own_commitment(db: sqlite3.Connection, dice: random.Random) -> None:
    one, two = dice.sample(db.execute("SELECT id, content, salt, commitment FROM parts").fetchall(), 2)
    db.execute("UPDATE parts SET content = ?, salt = ?, commitment = ? WHERE id = ?", (*two[1:], one[0]))


@edits(REST, Verdict.MODIFIED)
def change_what_a_part_is(db: sqlite3.Connection, dice: random.Random) -> None:
    id_ = dice.choice(db.execute("SELECT id FROM parts").fetchall())[0]
    change = dice.choice(["kind = kind || 'x'", "role = coalesce(role, '') || 'x'", "bytes = bytes + 1"])
    db.execute(f"UPDATE parts SET {change} WHERE id = ?", (id_,))


@edits(REST, Verdict.CONTENT_MISSING)
def erase_content(db: sqlite3.Connection, dice: random.Random) -> None:
    id_ = dice.choice(db.execute("SELECT id FROM parts").fetchall())[0]
    db.execute(f"UPDATE parts SET {dice.choice(['content', 'salt'])} = NULL WHERE id = ?", (id_,))


@edits(REST, Verdict.MODIFIED, Verdict.CONTENT_MISSING)
def delete_a_part(db: sqlite3.Connection, dice: random.Random) -> None:
    db.execute("DELETE FROM parts WHERE id = ?", dice.choice(db.execute("SELECT id FROM parts").fetchall()))


@edits(REST, Verdict.MODIFIED)
def add_a_part(db: sqlite3.Connection, dice: random.Random) -> None:
    salt, content = dice.randbytes(32), b"x"
    row = ("message", "user", 1, content, salt, hashlib.sha256(salt + content).digest())
    db.execute("INSERT INTO parts (kind, role, bytes, content, salt, commitment) VALUES (?, ?, ?, ?, ?, ?)", row)


@edits(REST, Verdict.MODIFIED)
def change_an_interaction(db: sqlite3.Connection, dice: random.Random) -> None:
    seq = dice.choice(db.execute("SELECT seq FROM interactions").fetchall())[0]
    number = dice.choice(
        ["input_tokens", "duration_us", "findings", "status", "tool_calls", "answer", "messages_chain"]
    )
    text = dice.choice(["cost_usd", "model", "user", "session_id", "state_reason", "path", "project", "stop_reason"])
    change = dice.choice([f"{number} = coalesce({number}, 0) + 1", f"{text} = coalesce({text}, '') || '1'"])
    db.execute(f"UPDATE interactions SET {change} WHERE seq = ?", (seq,))


@edits(REST, Verdict.MODIFIED)
def hide_an_interaction(db: sqlite3.Connection, dice: random.Random) -> None:
    (seq,) = dice.choice(db.execute("SELECT seq FROM interactions").fetchall())
    db.execute("DELETE FROM interactions WHERE seq = ?", (seq,))


@edits(REST, Verdict.MODIFIED)
def change_a_tool_call(db: sqlite3.Connection, dice: random.Random) -> None:
    (interaction,) = dice.choice(db.execute("SELECT interaction FROM tool_calls").fetchall())
    statement = dice.choice(["UPDATE tool_calls SET name = 'Read'", "DELETE FROM tool_calls"])
    db.execute(f"{statement} WHERE interaction = ?", (interaction,))


@edits(REST, Verdict.MODIFIED)
def change_a_chain(db: sqlite3.Connection, dice: random.Random) -> None:
    (id_,) = dice.choice(db.execute("SELECT id FROM chains").fetchall())
    change = dice.choice(["lead = x'20'", "position = position + 1", "part = part + 1", "digest = randomblob(32)"])
    db.execute(f"UPDATE chains SET {change} WHERE id = ?", (id_,))


@edits(REST, Verdict.MODIFIED)
def change_a_run(db: sqlite3.Connection, dice: random.Random) -> None:
    columns = ("version = 9", "stopped_utc = NULL", "host = 'elsewhere'", "pid = 99")
    db.execute(dice.choice(["DELETE FROM runs", *(f"UPDATE runs SET {one}" for one in columns)]))


@edits(REST, Verdict.MODIFIED, Verdict.CONTENT_MISSING)
def change_any_value(db: sqlite3.Connection, dice: random.Random) -> None:
    table, key = dice.choice([*dict.fromkeys(("parts", "chains", "interactions", "runs"), "rowid").items(), CALLS])
    types = {row[1]: row[2] for row in db.execute(f"PRAGMA table_info({table})")}
    column = dice.choice([name for name in types if (table, name) != ("parts", "digest")])
    rows = db.execute(f'SELECT {key}, "{column}" FROM {table} ORDER BY {key}').fetchall()
    *where, value = dice.choice(rows)
    if value is None or column == "content":  # some bits of compressed content mean nothing
        other = {"TEXT": "x", "BLOB": b"x"}.get(types[column], 1)
    elif isinstance(value, int):
        other = value + 1000
    else:
        other = value + "x" if isinstance(value, str) else flipped(value, dice)
    matches = " AND ".join(f"{name} = ?" for name in key.split(", "))
    db.execute(f'UPDATE {table} SET "{column}" = ? WHERE {matches}', (other, *where))


@edits(REST, Verdict.MODIFIED)
def change_the_frontier(db: sqlite3.Connection, dice: random.Random) -> None:
    packed = db.execute("SELECT frontier FROM tree_head").fetchone()[0]
    db.execute("UPDATE tree_head SET frontier = ?", (flipped(packed, dice),))
