"""An index of the ends of interactions: who follows them need not look at all of them."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def migrate(db: "Database") -> None:
    """Add the index."""
    db.execute("CREATE INDEX interactions_closed ON interactions(closed_seq)")
