"""All that can be verified of a database, with the public keys and the checkpoints that somebody brings along.

One moment is looked at: a recorder may go on writing meanwhile, and what it writes is passed over. The ledger is gone
through here, record by record; what can be looked at apart from it is `verify_shares`, which helpers may take over.
"""

import contextlib
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from sqlite_utils import Database

from recorder.errors import StoreError
from recorder.ledger.note import VerifierKey
from recorder.ledger.silence import Silence
from recorder.ledger.story import Erased, Story, announced
from recorder.ledger.succession import Trust, trust
from recorder.ledger.verdict import Finding, Findings, Verdict
from recorder.ledger.walk import Claim, Walk, read_claims
from recorder.store.database import reading, snapshot
from recorder.store.ledger_rows import (
    count_records,
    earlier_records,
    halves_before,
    newest_note,
    raw_records,
    stored_frontier,
    stored_notes,
    stored_successions,
)
from recorder.store.parts import MARK
from recorder.store.verify_calls import TOOLS, Calls
from recorder.store.verify_file import verify_beside, verify_file
from recorder.store.verify_parts import PartRows
from recorder.store.verify_shares import Helpers, Looked, Share, divide, look
from recorder.store.verify_tables import verify_tables

_RECORDS_DOUBTFUL = (Verdict.FORKED, Verdict.MODIFIED, Verdict.MISSING, Verdict.TRUNCATED)
"""With these nobody can say what parts and derived tables should be; to list them all would hide what matters."""
_WORTH_HELP = 20_000
"""Records from which on it takes much longer to verify than to start helpers."""
_OPEN_THEN = "SELECT id, run_id FROM interactions WHERE seq <= ? AND (closed_seq IS NULL OR closed_seq > ?)"


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What verification came to."""

    verdict: Verdict
    findings: list[Finding]
    """The first of each verdict."""
    counts: dict[Verdict, int]
    """How many there were of each verdict."""
    records: int
    since: int
    """Of opened and closed records up to this one the stored hashes were looked at and nothing else; 0: all of all."""
    parts: int
    """How many were looked at; 0 as well when the records are in doubt, and parts and tables were not looked at."""
    checkpoints: int
    """How many bear a signature that holds."""
    root: bytes
    """Of the tree of all records."""
    newest: str | None
    """The checkpoint of all records, from which a later verification can go on; None when there is none."""
    erasures: list[Erased]
    """What was erased, and recorded as such."""
    silences: list[Silence]
    """Intervals without a sign of life from a recorder that had promised some; no finding."""
    clock_set_back: list[int]
    """Numbers of records that are more than an hour older than one before them: a clock was set back; no finding."""

    @property
    def is_untouched(self) -> bool:
        """Whether all is as it was recorded, gaps and erasures included."""
        return self.verdict in (Verdict.OK, Verdict.ERASED, Verdict.GAP)

    def members(self) -> dict[str, Any]:
        """Return it as JSON has it: the root in Base64, the verdict also as the exit code."""
        members: dict[str, Any] = msgspec.to_builtins(self)
        return members | {"root": b64encode(self.root).decode(), "exit_code": self.verdict.exit_code}


def verify(  # noqa: PLR0913 — each is an option
    db: Database,
    keys: Sequence[VerifierKey],
    notes: Iterable[tuple[str, str]] = (),
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    now_utc: str | None = None,
    *,
    since: Iterable[tuple[str, str]] = (),
    helpers: int = 0,
) -> Report:
    """Verify everything, or what came since a checkpoint that holds.

    `notes` are checkpoints from elsewhere, each with a name for its place. `since` are some as well: what the largest
    of them covers was verified before, and is not looked at again as far as the tree over the stored hashes shows that
    it is about the same records. `now_utc` is what a recorder that is at work must have given a sign of life before
    (None: nothing is expected of it). `progress` is told now and then how many of how many steps are done. `helpers`:
    how many other processes may help. Damage that SQLite cannot read past is a finding as well.
    """
    task = _Task(keys, list(notes), list(since), now_utc)
    with _moment(db, 0 if task.since else helpers) as ready:
        return _Verification(db, task, ready).run(progress)


class _Task(msgspec.Struct, frozen=True):
    """What somebody brings along."""

    keys: Sequence[VerifierKey]
    notes: list[tuple[str, str]]
    since: list[tuple[str, str]]
    now_utc: str | None


@contextlib.contextmanager
def _moment(db: Database, count: int) -> Iterator[Helpers | None]:
    """Look at one moment, with that many helpers on their way where it is worth it, and where they can see the same."""
    path = _path(db) if count and not db.conn.in_transaction and _is_large(db) else ""
    with Helpers(Path(path), count) if path else contextlib.nullcontext() as helpers, snapshot(db):
        yield helpers


def _is_large(db: Database) -> bool:
    try:
        return count_records(db) >= _WORTH_HELP
    except StoreError:
        return False  # what is damaged is told of once it is looked at


def _path(db: Database) -> str:
    with reading():
        return str(db.execute("SELECT file FROM pragma_database_list WHERE name = 'main'").fetchone()[0])


class _Verification:
    def __init__(self, db: Database, task: _Task, helpers: Helpers | None) -> None:
        self._db = db
        self._task = task
        self._helpers = helpers
        self._found = Findings()
        self._tables = Findings()
        """Of parts and derived tables; they count when the records are beyond doubt."""
        self._claims: list[Claim] = []
        self._walk = Walk((), self._found)
        self._story = Story(task.keys, self._found, lambda _seq, _parts: None)
        self._trusted: Sequence[VerifierKey] = task.keys
        self._after = 0
        self._parts = 0
        self._newest: str | None = None

    def run(self, progress: Callable[[int, int], None]) -> Report:
        """Look at everything that is to be looked at, once."""
        try:
            self._verify(progress)
        except StoreError as error:
            self._found.add(Verdict.MODIFIED, str(error))
        lives, now_utc = self._story.lives, self._task.now_utc
        return Report(
            verdict=self._found.verdict,
            findings=self._found.shown,
            counts=dict(self._found.counts),
            records=self._walk.size,
            since=self._after,
            parts=self._parts,
            checkpoints=len(self._claims),
            root=self._walk.root,
            newest=self._newest,
            erasures=list(self._story.erasures.values()),
            silences=[*lives.silences, *(lives.until(now_utc) if now_utc else ())],
            clock_set_back=self._story.clock_set_back,
        )

    def _verify(self, progress: Callable[[int, int], None]) -> None:
        self._verify_file()
        shares = [] if self._task.since else divide(self._db)
        if self._helpers:
            self._helpers.give(shares)
        ticks = _Ticks(count_records(self._db), len(shares), progress)
        self._read_notes()
        parts = self._part_rows()
        calls = Calls(self._db, self._tables, self._after)
        marked = self._go_through(parts, calls, ticks)
        if any(self._found.counts[verdict] for verdict in _RECORDS_DOUBTFUL):
            return
        if not self._found.counts[Verdict.UNSIGNED] and stored_frontier(self._db) != self._walk.frontier.packed():
            self._found.add(Verdict.MODIFIED, "the frontier beside the newest checkpoint is not that of the records")
        parts.finish(self._story.erasures)
        calls.finish()
        verify_beside(self._db, self._tables)
        looked = self._look(shares or divide(self._db, self._after, parts.first), ticks)
        parts.judge(looked.wrong_parts)
        looked.judge(self._db, self._tables, is_all=not self._after)
        brought = parts.records_of(frozenset(looked.marked_parts))
        verify_tables(self._db, {**{seq: set() for seq in marked}, **brought}, self._tables, self._after)
        self._parts = parts.count
        self._newest = newest_note(self._db)
        self._found.take(self._tables)

    def _verify_file(self) -> None:
        """Look at the file while helpers get ready, and once more where it must be a newer moment with them."""
        found = Findings()
        verify_file(self._db, found)
        if self._helpers and self._helpers.join(self._db):
            found = Findings()
            verify_file(self._db, found)
        self._found.take(found)

    def _read_notes(self) -> None:
        notes = [*stored_notes(self._db), *self._task.notes, *self._task.since]
        trusted = trust(self._task.keys, stored_successions(self._db), (note for _, note in notes))
        self._claims = read_claims(notes, trusted, self._found)
        self._trusted = trusted.keys
        self._after = self._covered(trusted)

    def _covered(self, trusted: Trust) -> int:
        """Return how many records were verified before: as many as a checkpoint covers that is to be believed."""
        sizes = [claim.checkpoint.size for claim in read_claims(self._task.since, trusted, Findings())]
        count = count_records(self._db) if sizes else 0
        return max((size for size in sizes if size <= count), default=0)

    def _part_rows(self) -> PartRows:
        """Return the parts; of earlier ones only what the last record brought that brought any, to know where they end.

        So a part that was put in later is none that a record brought.
        """
        earlier = halves_before(self._db, self._after) if self._after else ()
        seq, last = next(((seq, parts) for seq, body in earlier if (parts := announced(body))), (0, ()))
        rows = PartRows(self._db, self._tables, from_first=not last)
        rows.brought(seq, last)
        return rows

    def _go_through(self, parts: PartRows, calls: Calls, ticks: "_Ticks") -> set[int]:
        """Go through the ledger; return the numbers of records in which themselves secrets may have stood."""
        walk, marked = Walk(self._claims, self._found), set()
        story = Story(self._trusted, self._found, parts.brought)
        self._walk, self._story = walk, story
        if self._after:
            self._pass_by(ticks)
        for seq, kind, at_utc, body, leaf in raw_records(self._db, self._after):
            walk.record(seq, kind, at_utc, body, leaf)
            story.record(seq, kind, at_utc, body)
            if TOOLS.search(body):
                calls.record(seq, kind, at_utc, body)
            if MARK in body:
                marked.add(seq)
            if ticks.tick() and self._helpers:
                self._helpers.hear()
        walk.finish()
        story.finish()
        return marked

    def _pass_by(self, ticks: "_Ticks") -> None:
        """Go through what was verified before: halves of interactions as leaves alone, any other record as it is."""
        at_utc = ""
        for seq, kind, at, body, leaf in earlier_records(self._db, self._after):
            ticks.tick()
            if body is None:
                self._walk.leaf(seq, leaf)
            else:
                self._walk.record(seq, kind, at, body, leaf)
                self._story.record(seq, kind, at, body)
            at_utc = at.decode()
        with reading():
            open_then = dict(self._db.execute(_OPEN_THEN, (self._after, self._after)).fetchall())
        self._story.resume(open_then, at_utc)

    def _look(self, shares: list[Share], ticks: "_Ticks") -> Looked:
        looked = Looked()
        for one in self._helpers.looked(self._db) if self._helpers else (look(self._db, share) for share in shares):
            looked.add(one)
            ticks.share()
        return looked


class _Ticks:
    """Counts steps and tells every few thousand."""

    _EVERY = 2000
    _SHARE = 5000

    def __init__(self, records: int, shares: int, progress: Callable[[int, int], None]) -> None:
        self._done = 0
        self._total = records + shares * self._SHARE
        self._progress = progress

    def tick(self) -> bool:
        """A record was gone by. Tells whether it is time for what is done now and then."""
        self._done += 1
        if self._done % self._EVERY and self._done != self._total:
            return False
        self._progress(self._done, self._total)
        return True

    def share(self) -> None:
        """A share was looked at."""
        self._done = min(self._done + self._SHARE, self._total)
        self._progress(self._done, self._total)
