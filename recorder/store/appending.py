"""Appends records, and what follows from them that is no interaction: the list of runs."""

from typing import Any

from sqlite_utils import Database

from recorder.ledger.kinds import RecordKind
from recorder.ledger.leaf import Fit, canonical_of, leaf_around, leaf_hash
from recorder.store.bodies import event_body
from recorder.store.deriving import derive_event
from recorder.store.record_bodies import BodyWriter
from recorder.store.rows import Event

_RESEND_SPAN = 1000
"""How many records back an equal event is taken for the same one sent again: far more than wait in any writer."""

_ENDS = (RecordKind.STOP, RecordKind.CRASH)


class Appender:
    """The ledger's end, as one transaction sees it. To be made inside of the transaction."""

    def __init__(self, db: Database, bodies: BodyWriter) -> None:
        self._db = db
        self._bodies = bodies
        (self._last,) = db.execute("SELECT coalesce(max(seq), 0) FROM records").fetchone()
        self.before: int = self._last
        """The number of the last record before this transaction."""
        self.leaves: list[bytes] = []
        """The leaf hashes of the records that it appended."""

    def record(self, kind: RecordKind, at_utc: str, body: Fit) -> int:
        """Append a record; return its number."""
        seq: int = self._last + 1
        text = canonical_of(body)
        leaf = leaf_hash(leaf_around(seq, kind, at_utc, text))
        stored, base = self._bodies.pack(seq, kind, text)
        self._db.execute(
            "INSERT INTO records (seq, kind, at_utc, body, leaf_hash, base) VALUES (?, ?, ?, ?, ?, ?)",
            (seq, kind, at_utc, stored, leaf, base),
        )
        self._last = seq
        self.leaves.append(leaf)
        return seq

    def event(self, row: Event) -> None:
        """Append an event's record, unless it is there already."""
        body = event_body(row)
        if not self._is_known(row, body):
            seq = self.record(row.kind, row.at_utc, body)
            derive_event(self._db, seq, row.kind, row.at_utc, body)

    def _is_known(self, row: Event, body: Fit) -> bool:
        if row.kind is RecordKind.START:
            return self._exists("SELECT 1 FROM runs WHERE id = ?", (_run_id(body),))
        if row.kind in _ENDS:
            return self._exists("SELECT 1 FROM runs WHERE id = ? AND stopped_utc IS NOT NULL", (_run_id(body),))
        return self._exists(
            "SELECT 1 FROM records WHERE seq > ? AND at_utc = ? AND kind = ? AND body = ?",
            (self._last - _RESEND_SPAN, row.at_utc, row.kind, canonical_of(body).decode()),
        )

    def _exists(self, sql: str, parameters: tuple[str | int, ...]) -> bool:
        return self._db.execute(sql, parameters).fetchone() is not None


def _run_id(body: dict[str, Any]) -> str:
    run_id = body.get("run_id")
    if not isinstance(run_id, str):
        raise ValueError("a start, stop or crash names its run in run_id")  # noqa: TRY004 — one error for unfit rows
    return run_id
