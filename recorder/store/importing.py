"""A session from elsewhere, as a database of its own that is there to be read.

Its records keep their numbers, so there are holes between them, nothing in it is signed, and no recorder writes to it:
it is a piece of somebody else's ledger and has to be told from one. What says so is the id in its header. Of what comes
in, only parts, lists and records are taken; everything else is derived from these, as it was where they come from.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from sqlite_utils import Database

from recorder.errors import StoreError
from recorder.ledger.kinds import RecordKind
from recorder.ledger.leaf import canonical, leaf_around, leaf_hash
from recorder.store import driver
from recorder.store.blocks import BlockWriter
from recorder.store.chains import ROOT, node_digest
from recorder.store.database import explained, open_writer, transaction
from recorder.store.migrations import IMPORTED_ID
from recorder.store.parts import commitment
from recorder.store.record_bodies import BodyWriter
from recorder.store.retelling import Elements, Retelling
from recorder.store.shapes import check_part, check_record

_PART = """
INSERT INTO parts (id, kind, role, bytes, content, salt, commitment, block, erased_by)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_LIST = "INSERT INTO chains (parent, part, lead, position, digest) VALUES (?, ?, ?, ?, ?)"
_RECORD = "INSERT INTO records (seq, kind, at_utc, body, leaf_hash, base) VALUES (?, ?, ?, ?, ?, ?)"
_TRIGGER = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = 'records_append'"
_ERASED = "UPDATE interactions SET erased_by = ? WHERE seq = ?"


class ImportedPart(msgspec.Struct, frozen=True, kw_only=True):
    """A part as it was stored elsewhere."""

    id: int
    kind: str
    role: str | None
    size_bytes: int
    commitment: bytes
    salt: bytes | None = None
    content: bytes | None = None
    """None: it was erased."""
    erased_by: int | None = None


class ImportedList(msgspec.Struct, frozen=True, kw_only=True):
    """A list as it was stored elsewhere, after the one that it goes on from."""

    digest: bytes
    parent: bytes | None
    part: bytes
    """Commitment of its last element."""
    lead: bytes | None


class ImportedRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An opened or closed record; `body` is canonical JSON."""

    seq: int
    kind: RecordKind
    at_utc: str
    body: bytes
    erased_by: int | None = None
    """Of an opened one: the record by which all content of its interaction was to go."""


type Imported = ImportedPart | ImportedList | ImportedRecord


def write_imported(path: Path, rows: Iterable[Imported]) -> None:
    """Make a database of rows in the order parts, lists, records; it is there only once it is whole.

    Raises StoreError for rows that do not fit together, when there is such a file, or when it cannot be written.
    """
    part = path.with_name(f"{path.name}.part")
    with explained(path):
        if path.exists() or path.is_symlink():
            raise StoreError(f"{path}: is there already; nothing is overwritten, name another file with --db")
        if part.exists() or part.is_symlink():
            raise StoreError(f"{part}: is there already; remove what another import left, or name another with --db")
        try:
            _write(part, rows)
            path.hardlink_to(part)  # fails where a file came to be meanwhile
        finally:
            for name in (part.name, f"{part.name}-wal", f"{part.name}-shm", f"{part.name}-journal"):
                part.with_name(name).unlink(missing_ok=True)


def _write(path: Path, rows: Iterable[Imported]) -> None:
    db = open_writer(path)
    try:
        with transaction(db):
            (trigger,) = db.execute(_TRIGGER).fetchone()
            db.execute("DROP TRIGGER records_append")
            work = _Import(db)
            for row in rows:
                work.take(row)
            db.execute(trigger)
            db.execute(f"PRAGMA application_id = {IMPORTED_ID}")
        db.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
    finally:
        db.close()


class _Import:
    def __init__(self, db: Database) -> None:
        self._db = db
        self._blocks = BlockWriter()
        self._bodies = BodyWriter()
        self._parts: dict[str, int] = {}
        self._lists = _Lists(db, self._parts)
        self._retelling = Retelling(db, self._parts, self._lists)
        self._last = 0

    def take(self, row: Imported) -> None:
        try:
            match row:
                case ImportedPart():
                    self._part(row)
                case ImportedList():
                    self._lists.add(row)
                case ImportedRecord():
                    self._record(row)
        except (driver.Error, KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            # Of a body that says what no recorder writes: any of its members may be of any type.
            raise StoreError(f"{_name(row)} is none that a recorder wrote ({error})") from None

    def _part(self, row: ImportedPart) -> None:
        block = piece = None
        if row.content is None:
            if row.erased_by is None:
                raise StoreError(f"part {row.id} has no content, and nothing that says it was erased")
        elif row.salt is None or not _is_it(row, row.salt, row.content):
            raise StoreError(f"part {row.id} is not what the record commits to")
        else:
            check_part(row.kind, row.content)
            block, piece = self._blocks.add(row.content)
            self._blocks.added(row.id)
        self._db.execute(
            _PART, (row.id, row.kind, row.role, row.size_bytes, piece, row.salt, row.commitment, block, row.erased_by)
        )
        self._parts[row.commitment.hex()] = row.id

    def _record(self, row: ImportedRecord) -> None:
        body = msgspec.json.decode(row.body, type=dict[str, Any])
        if row.kind not in {RecordKind.OPENED, RecordKind.CLOSED} or row.seq <= self._last:
            raise StoreError(f"record {row.seq} ({row.kind}) is not one of an interaction, or not in its place")
        if canonical(body) != row.body:
            raise StoreError(f"record {row.seq} is not written as records are (RFC 8785)")
        check_record(row.kind, row.at_utc, body)
        leaf = leaf_hash(leaf_around(row.seq, row.kind, row.at_utc, row.body))
        stored, base = self._bodies.pack(row.seq, row.kind, row.body)
        self._db.execute(_RECORD, (row.seq, row.kind, row.at_utc, stored, leaf, base))
        self._retelling.take(row.seq, row.kind, row.at_utc, body)
        if row.erased_by is not None:
            self._db.execute(_ERASED, (row.erased_by, row.seq))
        self._last = row.seq


def _is_it(row: ImportedPart, salt: bytes, content: bytes) -> bool:
    return commitment(salt, content) == row.commitment and len(content) == row.size_bytes


def _name(row: Imported) -> str:
    match row:
        case ImportedPart():
            return f"part {row.id}"
        case ImportedList():
            return f"list {row.digest.hex()[:16]}"
        case ImportedRecord():
            return f"record {row.seq}"


class _Lists:
    """The lists that are there, by their digests: each number with how many elements it has."""

    def __init__(self, db: Database, parts: dict[str, int]) -> None:
        self._db = db
        self._parts = parts
        self._there: dict[bytes, tuple[int, int]] = {ROOT.digest: (0, 0)}

    def add(self, row: ImportedList) -> None:
        above, length = self._there[ROOT.digest if row.parent is None else row.parent]
        digest = node_digest(ROOT.digest if row.parent is None else row.parent, row.part, row.lead)
        if digest != row.digest:
            raise StoreError(f"list {row.digest.hex()[:16]} is not what its digest says")
        part = self._parts[row.part.hex()]
        id_ = self._db.execute(_LIST, (above or None, part, row.lead, length, digest)).lastrowid
        assert id_ is not None
        self._there[digest] = id_, length + 1

    def extend(self, head: bytes, length: int, new: Elements) -> int:  # noqa: ARG002 -- they are in the lists
        id_, there = self._there.get(head, (0, -1))
        if there != length:
            raise StoreError(f"a list is not here whose digest begins with {head.hex()[:16]}")
        return id_
