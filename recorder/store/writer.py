"""The one way into the record: a batch of rows, one transaction, all or nothing.

Several processes may write one database. Each transaction takes the write lock when it begins (`BEGIN IMMEDIATE`), so
that what it reads (the last record's number, which parts there are) still holds when it writes.
"""

import re
import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlite_utils import Database

from recorder.ledger.kinds import RecordKind
from recorder.ledger.note import SigningKey
from recorder.ledger.succession import Lineage
from recorder.model import Provider, State
from recorder.store.appending import Appender
from recorder.store.batch import Batch
from recorder.store.bodies import clean
from recorder.store.clearing import find_cleared
from recorder.store.database import reading, transaction
from recorder.store.erasing import Plan, erase
from recorder.store.fingerprints import Link, links_to_note
from recorder.store.holds import Choosing
from recorder.store.in_flight import find_in_flight
from recorder.store.keeping import Order, erasure_body, note_keeping
from recorder.store.memory import Memory
from recorder.store.parts import Packer, Salts
from recorder.store.reservations import give_up
from recorder.store.results import OpenInteraction
from recorder.store.rows import Closed, Event, Row
from recorder.store.tree_head import Reload, TreeHead

_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)


class Writer:
    """Writes to one database; for use by one thread."""

    def __init__(
        self,
        db: Database,
        *,
        salts: Salts = secrets.token_bytes,
        key: SigningKey | Lineage | None = None,
        reload: Reload = lambda: None,
    ) -> None:
        """`db`: of `open_writer`. `salts` gives the random bytes of commitments; `key` signs (None: nobody does).

        `reload` gives the keys as they are now, when a checkpoint is found that somebody else signed.
        """
        self.db = db
        """The database that it writes to."""
        keys = Lineage(key) if isinstance(key, SigningKey) else key
        self._head = TreeHead(db, keys, reload) if keys else None
        self._packer = Packer(salts)
        self._memory = Memory()

    def write(self, batch: Sequence[Row]) -> None:
        """Make the rows durable, in order, or raise and leave the record as it was.

        What is there already is skipped: a half of an interaction by its id, a start, stop or crash by its run, any
        other event when one of the last thousand records is equal to it. So a batch may be sent again when it is not
        known whether it arrived.

        Raises MissingParts and MissingOpened, on which the caller sends more; StoreError when the database fails;
        ValueError for a row that no record can be made of.
        """
        for row in batch:
            _check(row)
        work = Batch(self.db, self._packer, self._memory)
        work.pack(batch)
        try:
            with transaction(self.db):
                appended = work.write(batch)
                if self._head and appended.leaves:
                    self._head.sign(appended, batch[-1].at_utc)
        except BaseException:
            self._memory.failed()
            raise
        work.publish()
        if self._head and appended.leaves:
            self._head.publish()

    def erase(self, order: Order, *, dry_run: bool = False) -> Plan:
        """Take content out of the database and say so in a record, or raise and leave everything as it was.

        The bytes may still be in the file and its log afterwards: see `recorder.store.scrub`. A dry run says what would
        go. Raises StoreError when the database fails, ConfigError when a pattern of the choice is none.
        """
        chosen = Choosing(self.db, order.choice)
        chosen.look()
        if dry_run:
            with reading():
                return chosen.plan()
        with transaction(self.db):
            plan = chosen.plan()
            appender = Appender(self.db, self._memory.bodies)
            if plan.going or order.kind is RecordKind.RETENTION:
                body = clean(erasure_body(self.db, order, plan))
                seq = appender.record(order.kind, order.at_utc, body)
                note_keeping(self.db, seq, order.kind, order.at_utc, body)
                erase(self.db, plan.parts, seq)
            if self._head and appender.leaves:
                self._head.sign(appender, order.at_utc)
        if self._head and appender.leaves:
            self._head.publish()
        return plan

    def sign(self, at_utc: str) -> None:
        """Sign the record as it stands; a key that is in use since the last signature is noted first.

        Raises as `write` does.
        """
        assert self._head, "without a key nobody can sign"
        with transaction(self.db):
            self._head.sign(Appender(self.db, self._memory.bodies), at_utc)
        self._head.publish()

    def is_ours(self) -> bool:
        """Tell whether the newest checkpoint is by the key that signs here, or by one before it."""
        with reading():
            return self._head is not None and self._head.is_ours()

    def last_start(self) -> dict[str, Any]:
        """Return the body of the last `start` record, empty when there is none."""
        with reading():
            sql = "SELECT body FROM records WHERE kind = 'start' ORDER BY seq DESC LIMIT 1"
            row = self.db.execute(sql).fetchone()
        return msgspec.json.decode(row[0], type=dict[str, Any]) if row else {}

    @property
    def checkpoint(self) -> str | None:
        """The newest checkpoint that this writer signed, as a signed note."""
        return self._head.note if self._head else None

    def contradicts(self, note: str) -> dict[str, str] | None:
        """Return what a DISCREPANCY says when a checkpoint that the key signed before does not fit the record.

        None when it fits as far as can be told at a glance, when there is no key, or when the key did not sign it.
        """
        with reading():
            return self._head.contradicted(note) if self._head else None

    def find_open(self, run_id: str | None = None) -> list[OpenInteraction]:
        """Return the open interactions of a run (None: of all), in the order in which they were opened."""
        sql = "SELECT id, run_id, provider, started_utc FROM interactions WHERE closed_seq IS NULL"
        with reading():
            if run_id is None:
                rows = self.db.execute(f"{sql} ORDER BY seq").fetchall()
            else:
                rows = self.db.execute(f"{sql} AND run_id = ? ORDER BY seq", (run_id,)).fetchall()
        return [OpenInteraction(id_, run, Provider(provider), _us(started)) for id_, run, provider, started in rows]

    def give_up(self, run_id: str) -> None:
        """End what requests of a run that is gone held of budgets and rates, and that have no record to settle them."""
        with transaction(self.db):
            give_up(self.db, run_id)

    def unfinished_runs(self) -> list[str]:
        """Return the ids of the runs with neither a stop nor a crash on record, oldest first."""
        with reading():
            rows = self.db.execute("SELECT id FROM runs WHERE stopped_utc IS NULL ORDER BY started_utc, id").fetchall()
        return [run_id for (run_id,) in rows]

    def asked_model(self, interaction_id: str) -> str | None:
        """Return the model that an interaction asked for; None when it is not known."""
        with reading():
            row = self.db.execute("SELECT model FROM interactions WHERE id = ?", (interaction_id,)).fetchone()
        return row[0] if row else None

    def is_open(self, interaction_id: str) -> bool:
        """Say whether an interaction's request is on the record, and its end is not."""
        sql = "SELECT 1 FROM interactions WHERE id = ? AND closed_seq IS NULL"
        with reading():
            return self.db.execute(sql, (interaction_id,)).fetchone() is not None

    def find_in_flight(self, interaction_id: str) -> list[bytes]:
        """Return what was kept of an answer that has not ended, as `InFlight` rows brought it."""
        with reading():
            return find_in_flight(self.db, interaction_id)

    def find_cleared(self, digests: Iterable[bytes], detectors: str) -> frozenset[bytes]:
        """Return those of the digests under which a part is stored in which `detectors` (a version) found nothing."""
        return find_cleared(self.db, digests, detectors)

    def links_to_note(self, links: Iterable[Link]) -> list[Link]:
        """Return those (fingerprint, former fingerprint) whose former was seen here, and that are not noted yet."""
        return links_to_note(self.db, links)

    def close(self) -> None:
        """Close the database."""
        self.db.close()


def _check(row: Row) -> None:
    if not _UTC.fullmatch(row.at_utc):
        raise ValueError(f"at_utc = {row.at_utc!r}: it must look like 2026-11-23T12:34:56.789Z")
    if isinstance(row, Closed) and row.state is State.OPEN:
        raise ValueError(f"interaction {row.id} closed as open")
    if isinstance(row, Event) and row.kind in {RecordKind.OPENED, RecordKind.CLOSED}:
        raise ValueError(f"{row.kind} is no event; write an Opened or a Closed")


def _us(at_utc: str) -> int:
    span = datetime.fromisoformat(at_utc) - datetime(1970, 1, 1, tzinfo=UTC)
    return round(span.total_seconds() * 1000) * 1000
