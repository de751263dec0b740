"""In which parts which detectors found nothing, so that they are not scanned again after a restart."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

TABLES = (
    """
CREATE TABLE detectors (
  -- The versions of the detectors, with the rules they were given, that parts were scanned with.
  id INTEGER PRIMARY KEY,
  version TEXT NOT NULL UNIQUE -- keyed hash of the detectors' code and settings
) STRICT
""",
    """
CREATE TABLE cleared (
  -- The parts that are as they were sent: nothing was found in them. May be emptied; then they are scanned again.
  part INTEGER PRIMARY KEY REFERENCES parts(id),
  detectors INTEGER NOT NULL REFERENCES detectors(id) -- those that scanned it last
) STRICT
""",
)


def migrate(db: "Database") -> None:
    """Create both, empty."""
    for statement in TABLES:
        db.execute(statement.strip())
