"""With which of the recorder's own keys a request came, so that a key's spending can be summed up."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

COLUMN = "access_key /* id of the recorder's key that it came with; null: it came without one */ TEXT"
INDEX = "CREATE INDEX interactions_access_key ON interactions(access_key, started_utc) WHERE access_key IS NOT NULL"


def migrate(db: "Database") -> None:
    """Add the column and its index."""
    db.execute(f"ALTER TABLE interactions ADD COLUMN {COLUMN}")
    db.execute(INDEX)
