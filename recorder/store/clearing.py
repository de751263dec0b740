"""Parts in which nothing was found, and by which version of the detectors.

What a request brings is compared with what is stored, by the same keyed digest: a piece that is as it was stored holds
nothing that the database does not hold already. No digest of a text with a secret in it is kept: with the key it could
be used to test guesses.
"""

from collections.abc import Iterable, Mapping

from sqlite_utils import Database

from recorder.store.database import reading
from recorder.store.parts import look_up

_FIND = """
SELECT p.digest FROM parts AS p JOIN cleared AS c ON c.part = p.id JOIN detectors AS d ON d.id = c.detectors
WHERE p.content IS NOT NULL AND d.version = ? AND p.digest IN
"""
_NOTE = """
INSERT INTO cleared (part, detectors) VALUES (?, ?)
ON CONFLICT (part) DO UPDATE SET detectors = excluded.detectors WHERE detectors != excluded.detectors
"""


def find_cleared(db: Database, digests: Iterable[bytes], detectors: str) -> frozenset[bytes]:
    """Return those of the digests under which a part is stored in which this version of the detectors found nothing."""
    with reading():
        return frozenset(digest for (digest,) in look_up(db, _FIND, digests, detectors))


def ensure_detectors(db: Database, version: str) -> int:
    """Return the id of a version of the detectors; inside of a transaction."""
    row = db.execute("SELECT id FROM detectors WHERE version = ?", (version,)).fetchone()
    if row is None:
        db.execute("INSERT INTO detectors (version) VALUES (?)", (version,))
        return ensure_detectors(db, version)
    return int(row[0])


def note_cleared(db: Database, cleared: Mapping[int, str]) -> None:
    """Note of parts, by their ids, which version of the detectors found nothing in them; inside of a transaction."""
    ids = {version: ensure_detectors(db, version) for version in set(cleared.values())}
    db.conn.executemany(_NOTE, [(part, ids[version]) for part, version in cleared.items()])
