"""Parts in which nothing was found, and by which version of the detectors.

What a request brings is compared with what is stored, by the same keyed digest: a piece that is as it was stored holds
nothing that the database does not hold already. No digest of a text with a secret in it is kept: with the key it could
be used to test guesses.
"""

from sqlite_utils import Database

from recorder.store.database import reading

_FIND = """
SELECT 1 FROM parts AS p JOIN cleared AS c ON c.part = p.id JOIN detectors AS d ON d.id = c.detectors
WHERE p.digest = ? AND p.content IS NOT NULL AND d.version = ?
"""
_NOTE = """
INSERT INTO cleared (part, detectors) VALUES (?, ?)
ON CONFLICT (part) DO UPDATE SET detectors = excluded.detectors WHERE detectors != excluded.detectors
"""


def is_cleared(db: Database, digest: bytes, detectors: str) -> bool:
    """Say whether a part with this digest is stored in which this version of the detectors found nothing."""
    with reading():
        return db.execute(_FIND, (digest, detectors)).fetchone() is not None


def ensure_detectors(db: Database, version: str) -> int:
    """Return the id of a version of the detectors; inside of a transaction."""
    row = db.execute("SELECT id FROM detectors WHERE version = ?", (version,)).fetchone()
    if row is None:
        db.execute("INSERT INTO detectors (version) VALUES (?)", (version,))
        return ensure_detectors(db, version)
    return int(row[0])


def note_cleared(db: Database, part: int, detectors: int) -> None:
    """Note that these detectors found nothing in a part; inside of a transaction."""
    db.execute(_NOTE, (part, detectors))
