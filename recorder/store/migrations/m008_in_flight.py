"""How far the answers have come that are still under way."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

TABLE = """
CREATE TABLE in_flight (
  -- Answers under way, redacted, as they come, so that a crash loses a second of them. Gone when an answer is closed.
  interaction INTEGER NOT NULL REFERENCES interactions(seq), -- open
  position INTEGER NOT NULL, -- 1, 2, 3, ...: pieces of one answer in their order
  content BLOB NOT NULL, -- zstd of JSON: events, and what is known beside them
  PRIMARY KEY (interaction, position)
) STRICT, WITHOUT ROWID
"""


def migrate(db: "Database") -> None:
    """Create the table, empty."""
    db.execute(TABLE.strip())
