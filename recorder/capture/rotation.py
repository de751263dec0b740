"""What a rotation of the key means for a database: who still writes with the old one, and the record of it."""

from datetime import datetime
from pathlib import Path

from recorder.capture.key_ring import KeyRing
from recorder.capture.noting import note
from recorder.capture.run_lock import is_alive
from recorder.ledger.kinds import RecordKind
from recorder.store.database import open_reader
from recorder.store.queries import list_runs


def running_recorders(db: Path) -> int:
    """Return how many recorders write this database at the moment. Raises StoreError when it cannot be read."""
    if not db.exists():
        return 0
    with open_reader(db) as reader:
        unfinished = [run.id for run in list_runs(reader) if run.stopped_utc is None]
    return sum(is_alive(db, run_id) for run_id in unfinished)


def note_rotation(db: Path, folder: Path, ring: KeyRing, at: datetime, *, forgot: bool) -> str | None:
    """Record that a key of redaction was put in use; return why it could not be recorded, or None.

    `folder` has the key that signs.
    """
    body = {
        "event": "rotated",
        "purpose": "redaction",
        "in_use": ring.current.id,
        "kept": [key.id for key in ring.keys[1:]],
        "forgot_old": forgot,
    }
    return note(db, RecordKind.KEY, body, at, folder)
