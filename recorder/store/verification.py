"""All that can be verified of a database, with the public keys and the checkpoints that somebody brings along.

One read transaction: a recorder may go on writing meanwhile, and what it writes is not looked at.
"""

from collections.abc import Callable, Iterable, Sequence

import msgspec
from sqlite_utils import Database

from recorder.errors import StoreError
from recorder.ledger.note import VerifierKey
from recorder.ledger.story import Erased, Story
from recorder.ledger.verdict import Finding, Findings, Verdict
from recorder.ledger.walk import Walk, read_claims
from recorder.store.database import reading
from recorder.store.ledger_rows import count_records, is_intact, raw_records, stored_frontier, stored_notes
from recorder.store.verify_derived import verify_derived
from recorder.store.verify_parts import verify_parts

_RECORDS_DOUBTFUL = (Verdict.FORKED, Verdict.MODIFIED, Verdict.MISSING, Verdict.TRUNCATED)
"""With these nobody can say what parts and derived tables should be; to list them all would hide what matters."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What verification came to."""

    verdict: Verdict
    findings: list[Finding]
    """The first of each verdict."""
    counts: dict[Verdict, int]
    """How many there were of each verdict."""
    records: int
    parts: int
    """0 as well when the records are in doubt, and parts and tables were not looked at."""
    checkpoints: int
    """How many bear a signature that holds."""
    root: bytes
    """Of the tree of all records."""
    erasures: list[Erased]
    """What was erased, and recorded as such."""
    clock_set_back: list[int]
    """Numbers of records that are more than an hour older than one before them: a clock was set back; no finding."""


def verify(
    db: Database,
    keys: Sequence[VerifierKey],
    notes: Iterable[tuple[str, str]] = (),
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Report:
    """Verify everything.

    `notes` are checkpoints from elsewhere, each with a name for its place. `progress` is told every few thousand steps
    how many of how many are done. Damage that SQLite cannot read past is a finding as well.
    """
    found = Findings()
    with reading():
        db.execute("BEGIN")
    try:
        return _verified(db, keys, notes, found, progress)
    finally:
        db.rollback()


def _verified(
    db: Database,
    keys: Sequence[VerifierKey],
    notes: Iterable[tuple[str, str]],
    found: Findings,
    progress: Callable[[int, int], None],
) -> Report:
    claims, walk, story, parts = [], Walk((), found), Story(keys, found), 0
    try:
        ticks = _Ticks(_steps(db), progress)
        if not is_intact(db):
            found.add(Verdict.MODIFIED, "SQLite finds the file damaged")
        claims = read_claims([*stored_notes(db), *notes], keys, found)
        walk = Walk(claims, found)
        for seq, kind, at_utc, body, leaf in raw_records(db):
            walk.record(seq, kind, at_utc, body, leaf)
            story.record(seq, kind, at_utc, body)
            ticks.tick()
        walk.finish()
        story.finish()
        if not any(found.counts[verdict] for verdict in _RECORDS_DOUBTFUL):
            if not found.counts[Verdict.UNSIGNED] and stored_frontier(db) != walk.frontier.packed():
                found.add(Verdict.MODIFIED, "the frontier beside the newest checkpoint is not that of the records")
            parts = verify_parts(db, story.parts, story.erasures, found, ticks.tick)
            verify_derived(db, found, ticks.tick)
    except StoreError as error:
        found.add(Verdict.MODIFIED, str(error))
    return Report(
        verdict=found.verdict,
        findings=found.shown,
        counts=dict(found.counts),
        records=walk.size,
        parts=parts,
        checkpoints=len(claims),
        root=walk.root,
        erasures=list(story.erasures.values()),
        clock_set_back=story.clock_set_back,
    )


class _Ticks:
    """Counts steps and tells every few thousand."""

    _EVERY = 2000

    def __init__(self, total: int, progress: Callable[[int, int], None]) -> None:
        self._done = 0
        self._total = total
        self._progress = progress

    def tick(self) -> None:
        self._done += 1
        if self._done % self._EVERY == 0 or self._done == self._total:
            self._progress(self._done, self._total)


def _steps(db: Database) -> int:
    with reading():
        (others,) = db.execute("SELECT (SELECT count(*) FROM parts) + (SELECT count(*) FROM interactions)").fetchone()
    return count_records(db) + int(others)
