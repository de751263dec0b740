"""Teams, branches, and where a policy sent a request."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

COLUMNS = (
    "team /* whose it is, as configured or as the request says */ TEXT",
    "branch /* of the git work tree that the recorder was started in */ TEXT",
    "route /* the rule that decided where it went; null: none did */ TEXT",
    "upstream /* name of the upstream that it was sent to */ TEXT",
    "sent_to /* the URL that it was sent to; null: host and path, unchanged */ TEXT",
    "model_sent /* the model in the request that was sent; null: as asked for */ TEXT",
)


def migrate(db: "Database") -> None:
    """Add the columns."""
    for column in COLUMNS:
        db.execute(f"ALTER TABLE interactions ADD COLUMN {column}")
