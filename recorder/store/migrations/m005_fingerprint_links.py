"""The fingerprints that one secret had under one key after the other."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

TABLES = (
    """
CREATE TABLE fingerprint_links (
  -- What secrets that were seen again after the key was rotated were called before, from `key` records.
  former BLOB NOT NULL, -- 16 bytes, under a key that is in use no more
  fingerprint BLOB NOT NULL, -- 16 bytes, of the same value under a later key
  record INTEGER NOT NULL REFERENCES records(seq), -- the record that says so
  PRIMARY KEY (former, fingerprint)
) STRICT, WITHOUT ROWID
""",
)

INDEXES = (
    # Was a secret ever seen under a former name?
    "CREATE INDEX secrets_by_fingerprint ON secrets(fingerprint)",
)


def migrate(db: "Database") -> None:
    """Create the table, empty: there was no rotation before it."""
    for statement in (*TABLES, *INDEXES):
        db.execute(statement.strip())
