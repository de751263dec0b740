"""Makes every derived table anew from records and parts, in one transaction: what comes out is what was there.

Strategy. The records are gone through in their order, and each is taken in by the same code as when it was written. A
record names its lists by their heads and by the elements that were new; the list that it went on from is looked for
among those of its length, the latest first, until the head comes out. A list keeps the number that it had. Signatures
are no derived thing, and what was scanned by which detectors (`cleared`) cannot be told from records: both stay.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
from sqlite_utils import Database

from recorder.errors import StoreError
from recorder.ledger.kinds import RecordKind
from recorder.ledger.leaf import leaf_around, leaf_hash
from recorder.store.chains import ROOT, node_digest
from recorder.store.database import transaction
from recorder.store.record_bodies import BodyReader
from recorder.store.retelling import Retelling

_DERIVED = (
    "findings",
    "secrets",
    "tool_calls",
    "fingerprint_links",
    "erasures",
    "holds",
    "interactions",
    "chains",
    "runs",
)
_RECORDS = "SELECT seq, kind, at_utc, body, base, leaf_hash FROM records ORDER BY seq"
_INSERT = "INSERT INTO chains (id, parent, part, lead, position, digest) VALUES (?, ?, ?, ?, ?, ?)"

type Body = Mapping[str, Any]


def rebuild(db: Database, progress: Callable[[int, int], None] = lambda _done, _total: None) -> int:
    """Make the derived tables anew; return how many records they were made from.

    Raises StoreError when a record or a list is not what it was: `recorder verify` tells what is wrong, and nothing is
    changed. `progress` is told how many of how many records are done.
    """
    with transaction(db):
        db.execute("PRAGMA defer_foreign_keys = ON")
        (total,) = db.execute("SELECT count(*) FROM records").fetchone()
        work = Retelling(db, _commitments(db), _Lists(db))
        for table in _DERIVED:
            db.execute(f"DELETE FROM {table}")  # noqa: S608 — names are ours
        for done, record in enumerate(_records(db), 1):
            work.take(*record)
            progress(done, total)
    return int(total)


class _Lists:
    """The lists that are there by now, by their digests and by their lengths."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._former: dict[bytes, int] = dict(db.execute("SELECT digest, id FROM chains").fetchall())
        self._next = max(self._former.values(), default=0) + 1
        self._ids: dict[bytes, int] = {ROOT.digest: 0}
        self._by_length: defaultdict[int, list[bytes]] = defaultdict(list, {0: [ROOT.digest]})

    def extend(self, head: bytes, length: int, new: list[tuple[int, str, str | None]]) -> int:
        """Return the number of a list; its last elements are new: part, commitment (hex) and lead (Latin-1)."""
        elements = [
            (part, bytes.fromhex(commitment), None if lead is None else lead.encode("latin-1"))
            for part, commitment, lead in new
        ]
        if not elements and head in self._ids:
            return self._ids[head]
        for start in reversed(self._by_length[length - len(new)]):
            digests = [start]
            for _, commitment, lead in elements:
                digests.append(node_digest(digests[-1], commitment, lead))
            if digests[-1] == head:
                for at, (part, _, lead) in enumerate(elements):
                    self._insert(digests[at], digests[at + 1], part, lead, length - len(new) + at)
                return self._ids[head]
        raise StoreError(f"no list leads to the one whose digest begins with {head.hex()[:16]}; see `recorder verify`")

    def _insert(self, above: bytes, digest: bytes, part: int, lead: bytes | None, position: int) -> None:
        id_ = self._former.get(digest)
        if id_ is None:
            id_, self._next = self._next, self._next + 1
        self._db.execute(_INSERT, (id_, self._ids[above] or None, part, lead, position, digest))
        self._ids[digest] = id_
        self._by_length[position + 1].append(digest)


def _commitments(db: Database) -> dict[str, int]:
    return {commitment.hex(): id_ for id_, commitment in db.execute("SELECT id, commitment FROM parts")}


def _records(db: Database) -> Iterator[tuple[int, RecordKind, str, Body]]:
    bodies = BodyReader(db)
    for seq, kind, at_utc, body, base, leaf in db.execute(_RECORDS):
        text = bodies.text(body, base)
        if leaf_hash(leaf_around(seq, kind, at_utc, text)) != bytes(leaf):
            raise StoreError(f"record {seq} is not what it was; see `recorder verify`")
        yield seq, RecordKind(kind), at_utc, msgspec.json.decode(text)
