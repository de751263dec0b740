"""Signed checkpoints: the newest, written with every commit, and every few hundred records one that stays.

A checkpoint a commit would be more bytes than the records it vouches for, and no more evidence: the newest covers all
records before it. The ones that stay tell where in a long record something was changed, and since when it stands.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

TABLES = (
    """
CREATE TABLE tree_head (
  -- The newest checkpoint, replaced with every commit, and what the next one is made of.
  id INTEGER PRIMARY KEY CHECK (id = 1),
  note TEXT NOT NULL, -- C2SP tlog-checkpoint: a signed note of origin, tree size and root
  frontier BLOB NOT NULL -- roots of the perfect subtrees of that tree, largest first, 32 bytes each
) STRICT
""",
    """
CREATE TABLE checkpoints (
  -- Checkpoints that stay: one about every 256 records, and any that the record was found to contradict.
  id INTEGER PRIMARY KEY,
  size INTEGER NOT NULL, -- records in the tree that it names
  note TEXT NOT NULL -- C2SP tlog-checkpoint
) STRICT
""",
)

TRIGGERS = (
    # REPLACE deletes without firing delete triggers unless recursive_triggers is on: the number tells it.
    """
CREATE TRIGGER checkpoints_append BEFORE INSERT ON checkpoints
WHEN NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM checkpoints)
BEGIN SELECT RAISE(ABORT, 'checkpoints are numbered without gaps'); END
""",
    """
CREATE TRIGGER checkpoints_no_update BEFORE UPDATE ON checkpoints
BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END
""",
    """
CREATE TRIGGER checkpoints_no_delete BEFORE DELETE ON checkpoints
BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END
""",
)


def migrate(db: "Database") -> None:
    """Create the two tables."""
    for statement in (*TABLES, *TRIGGERS):
        db.execute(statement.strip())
