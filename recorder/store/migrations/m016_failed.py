"""Failed interactions in an index of their own, with all that `errors` groups them by.

The index by state had every interaction in it, moved with each end of one; next to nobody asks for complete ones. And
the one of ends goes: that no two interactions have the same is kept by an index already, which serves as well.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

INDEX = """
CREATE INDEX interactions_failed ON interactions(
  state, started_utc, status, error_type, provider, session_id, retry_of, flow_class
) WHERE state NOT IN ('open', 'complete')
"""


def migrate(db: "Database") -> None:
    """Put it in the place of the index by state, and take away what is there twice."""
    db.execute("DROP INDEX interactions_state")
    db.execute("DROP INDEX interactions_closed")
    db.execute(INDEX.strip())
