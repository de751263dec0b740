"""The ledger's tables as they are, for verification: bytes, not values, since anything may stand there."""

import contextlib
from collections.abc import Collection, Iterator

import msgspec
from sqlite_utils import Database

from recorder.errors import StoreError
from recorder.ledger.merkle import Frontier
from recorder.ledger.succession import Succession, open_succession
from recorder.store import driver
from recorder.store.database import reading
from recorder.store.record_bodies import BodyReader

type RawRecord = tuple[int, bytes, bytes, bytes, bytes]
"""Number, kind, time, body (canonical JSON; empty when it cannot be read) and stored leaf hash."""

# As bytes: text that is no UTF-8 would be an error of the driver's instead of a finding.
_RECORDS = """
SELECT seq, CAST(kind AS BLOB), CAST(at_utc AS BLOB), typeof(body), CASE typeof(body)
  WHEN 'text' THEN CAST(body AS BLOB) ELSE body END, base, leaf_hash FROM records
"""
_HALF = "kind IN ('opened', 'closed')"
_EARLIER = f"""
SELECT seq, NULL, CAST(at_utc AS BLOB), 'half', NULL, NULL, leaf_hash FROM records WHERE seq <= ?1 AND {_HALF}
UNION ALL {_RECORDS} WHERE seq <= ?1 AND NOT {_HALF} ORDER BY seq
"""  # noqa: S608 — ours


def raw_records(db: Database, after: int = 0) -> Iterator[RawRecord]:
    """Yield all records after that number in their order, their bodies as the leaf hash covers them."""
    bodies = BodyReader(db)
    # A number below 1 is to be seen as well.
    where, values = ("WHERE seq > ?", (after,)) if after else ("", ())
    with reading():
        for seq, kind, at_utc, stored_as, body, base, leaf_hash in db.execute(
            f"{_RECORDS} {where} ORDER BY seq",
            values,
        ):
            yield seq, kind, at_utc, _text_of(bodies, stored_as, body, base), leaf_hash


def earlier_records(db: Database, last: int) -> Iterator[tuple[int, bytes, bytes, bytes | None, bytes]]:
    """Yield all records up to that number likewise, but without kinds and bodies of opened and closed ones: None."""
    bodies = BodyReader(db)
    with reading():
        for seq, kind, at_utc, stored_as, body, base, leaf_hash in db.execute(_EARLIER, (last,)):
            text = None if stored_as == "half" else _text_of(bodies, stored_as, body, base)
            yield seq, kind, at_utc, text, leaf_hash


def halves_before(db: Database, last: int) -> Iterator[tuple[int, bytes]]:
    """Yield numbers and bodies of opened and closed records from that number on backwards."""
    bodies = BodyReader(db)
    with reading():
        for seq, _, _, stored_as, body, base, _ in db.execute(
            f"{_RECORDS} WHERE seq <= ? AND {_HALF} ORDER BY seq DESC", (last,)
        ):
            yield seq, _text_of(bodies, stored_as, body, base)


def _text_of(bodies: BodyReader, stored_as: str, body: bytes, base: int | None) -> bytes:
    if stored_as == "text":
        return body if base is None else b""  # what is text needs no base: somebody wrote one there
    return _unpacked(bodies, body, base)


def leaf_hashes(db: Database) -> Iterator[tuple[int, bytes]]:
    """Yield numbers and stored leaf hashes of all records in their order."""
    with reading():
        for seq, leaf_hash in db.execute("SELECT seq, leaf_hash FROM records ORDER BY seq"):
            yield seq, bytes(leaf_hash)


def _unpacked(bodies: BodyReader, body: bytes, base: int | None) -> bytes:
    try:
        return bodies.text(body, base)
    except (StoreError, driver.Error, AssertionError, AttributeError, TypeError, MemoryError):
        return b""  # damaged, or its base is gone: nothing that the leaf hash could be of


def stored_notes(db: Database) -> Iterator[tuple[str, str]]:
    """Yield where a checkpoint stands in the database, and its note."""
    with reading():
        for id_, note in db.execute("SELECT id, CAST(note AS BLOB) FROM checkpoints ORDER BY id"):
            yield f"kept checkpoint {id_}", _text(note)
        for (note,) in db.execute("SELECT CAST(note AS BLOB) FROM tree_head"):
            yield "the newest checkpoint", _text(note)


def stored_successions(db: Database) -> Iterator[tuple[int, Succession]]:
    """Yield which signing key followed which, with the number of the record that says so; passes over what is none."""
    bodies: list[tuple[int, bytes]]
    with reading():
        bodies = db.execute("SELECT seq, CAST(body AS BLOB) FROM records WHERE kind = 'key' ORDER BY seq").fetchall()
    for seq, body in bodies:
        with contextlib.suppress(ValueError):
            for note in msgspec.json.decode(body, type=_Key).successions:
                yield seq, open_succession(note)


class _Key(msgspec.Struct, frozen=True):
    successions: tuple[str, ...] = ()


def newest_note(db: Database) -> str | None:
    """Return the newest checkpoint; None when nothing is signed."""
    with reading():
        row = db.execute("SELECT CAST(note AS BLOB) FROM tree_head").fetchone()
    return _text(row[0]) if row else None


def roots_at(db: Database, sizes: Collection[int]) -> dict[int, bytes]:
    """Return the roots of the stored leaf hashes after that many records, as far as these are there without a hole."""
    frontier, roots = Frontier(), {}
    with reading():
        for seq, leaf in db.execute("SELECT seq, leaf_hash FROM records WHERE seq > 0 ORDER BY seq"):
            if seq != frontier.size + 1:
                break
            frontier.append(leaf)
            if seq in sizes:
                roots[seq] = frontier.root()
    return roots


def stored_frontier(db: Database) -> bytes | None:
    """Return what lies beside the newest checkpoint for the next one to be made of."""
    with reading():
        row = db.execute("SELECT frontier FROM tree_head").fetchone()
        return bytes(row[0]) if row else None


def count_records(db: Database) -> int:
    """Return how many records there are."""
    with reading():
        return int(db.execute("SELECT count(*) FROM records").fetchone()[0])


def _text(note: bytes) -> str:
    return note.decode(errors="replace")
