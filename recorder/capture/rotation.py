"""What a rotation of the key means for a database: who still writes with the old one, and the record of it."""

from datetime import UTC, datetime
from pathlib import Path

from recorder.capture.key_ring import KeyRing
from recorder.capture.keys import ensure_signing_key
from recorder.capture.run_lock import is_alive
from recorder.ledger.kinds import RecordKind
from recorder.store.database import open_reader, open_writer
from recorder.store.queries import list_runs
from recorder.store.rows import Event
from recorder.store.writer import Writer


def running_recorders(db: Path) -> int:
    """Return how many recorders write this database at the moment. Raises StoreError when it cannot be read."""
    if not db.exists():
        return 0
    with open_reader(db) as reader:
        unfinished = [run.id for run in list_runs(reader) if run.stopped_utc is None]
    return sum(is_alive(db, run_id) for run_id in unfinished)


def note_rotation(db: Path, folder: Path, ring: KeyRing, at: datetime, *, forgot: bool) -> bool:
    """Record that a key was put in use, signed with the key in `folder`; False when there is no such database.

    Raises StoreError, and ConfigError when the signing key cannot be had.
    """
    if not db.exists():
        return False
    at_utc = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    body = {
        "event": "rotated",
        "purpose": "redaction",
        "in_use": ring.current.id,
        "kept": [key.id for key in ring.keys[1:]],
        "forgot_old": forgot,
    }
    writer = Writer(open_writer(db), key=ensure_signing_key(folder))
    try:
        writer.write([Event(kind=RecordKind.KEY, at_utc=at_utc, body=body)])
    finally:
        writer.close()
    return True
