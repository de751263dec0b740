"""All that can be verified of a database, with the public keys and the checkpoints that somebody brings along.

One read transaction: a recorder may go on writing meanwhile, and what it writes is not looked at.
"""

from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
from sqlite_utils import Database

from recorder.errors import StoreError
from recorder.ledger.note import VerifierKey
from recorder.ledger.silence import Silence
from recorder.ledger.story import Erased, Story
from recorder.ledger.succession import trust
from recorder.ledger.verdict import Finding, Findings, Verdict
from recorder.ledger.walk import Walk, read_claims
from recorder.store.database import reading, snapshot
from recorder.store.ledger_rows import (
    count_records,
    is_intact,
    raw_records,
    stored_frontier,
    stored_notes,
    stored_successions,
)
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
    silences: list[Silence]
    """Intervals without a sign of life from a recorder that had promised some; no finding."""
    clock_set_back: list[int]
    """Numbers of records that are more than an hour older than one before them: a clock was set back; no finding."""

    def members(self) -> dict[str, Any]:
        """Return it as JSON has it: the root in Base64, the verdict also as the exit code."""
        members: dict[str, Any] = msgspec.to_builtins(self)
        return members | {"root": b64encode(self.root).decode(), "exit_code": self.verdict.exit_code}


def verify(
    db: Database,
    keys: Sequence[VerifierKey],
    notes: Iterable[tuple[str, str]] = (),
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    now_utc: str | None = None,
) -> Report:
    """Verify everything.

    `notes` are checkpoints from elsewhere, each with a name for its place. `now_utc` is what a recorder that is at work
    must have given a sign of life before (None: nothing is expected of it). `progress` is told every few thousand steps
    how many of how many are done. Damage that SQLite cannot read past is a finding as well.
    """
    with snapshot(db):
        return _verified(db, _Evidence(keys, list(notes), now_utc), Findings(), progress)


def _verified(
    db: Database,
    evidence: "_Evidence",
    found: Findings,
    progress: Callable[[int, int], None],
) -> Report:
    claims, walk, story, parts = [], Walk((), found), Story(evidence.keys, found), 0
    try:
        ticks = _Ticks(_steps(db), progress)
        if not is_intact(db):
            found.add(Verdict.MODIFIED, "SQLite finds the file damaged")
        notes = [*stored_notes(db), *evidence.notes]
        trusted = trust(evidence.keys, stored_successions(db), (note for _, note in notes))
        claims = read_claims(notes, trusted, found)
        story = Story(trusted.keys, found)
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
        silences=[*story.lives.silences, *(story.lives.until(evidence.now_utc) if evidence.now_utc else ())],
        clock_set_back=story.clock_set_back,
    )


class _Evidence(msgspec.Struct, frozen=True):
    """What somebody brings along."""

    keys: Sequence[VerifierKey]
    notes: list[tuple[str, str]]
    now_utc: str | None


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
