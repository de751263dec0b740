"""What was erased and why, and what is held."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

COLUMNS = {
    "parts": "erased_by /* → records.seq; the erasure or retention that took its content; null: it is there */ INTEGER",
    "interactions": "erased_by /* → records.seq; the first that was to take all content; null: none was */ INTEGER",
}

TABLES = (
    """
CREATE TABLE erasures (
  -- Whenever content was erased, from erasure and retention records.
  seq INTEGER PRIMARY KEY REFERENCES records(seq),
  kind TEXT NOT NULL, -- erasure, retention
  at_utc TEXT NOT NULL,
  by TEXT, -- who had it erased
  reason TEXT,
  days INTEGER, -- of a retention: how old what was erased was at least
  interactions INTEGER NOT NULL, -- how many lost content
  parts INTEGER NOT NULL,
  bytes INTEGER NOT NULL -- of content, before compression
) STRICT
""",
    """
CREATE TABLE holds (
  -- What must be kept, from hold records: the interactions that fit all that is given.
  id TEXT PRIMARY KEY,
  seq INTEGER NOT NULL REFERENCES records(seq), -- of the record that placed it
  placed_utc TEXT NOT NULL,
  by TEXT,
  reason TEXT,
  choice TEXT NOT NULL, -- JSON: what it is about
  released_seq INTEGER REFERENCES records(seq), -- of the record that released it; null: it is in force
  released_utc TEXT
) STRICT
""",
)


def migrate(db: "Database") -> None:
    """Add the columns and the two tables, empty: nothing was erased before."""
    for table, column in COLUMNS.items():
        db.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
    for statement in TABLES:
        db.execute(statement.strip())
