"""What a provider was sent and answered in another protocol than the client's."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

_PART, _CHAIN = "INTEGER REFERENCES parts(id)", "INTEGER REFERENCES chains(id)"
COLUMNS = (
    "protocol_sent /* the upstream's, where it is another one than the client's */ TEXT",
    f"sent_headers /* of what the provider was sent; null, as all sent_*: the client's */ {_PART}",
    f"sent_envelope /* as envelope */ {_PART}",
    f"sent_layout /* as layout */ {_PART}",
    f"sent_body /* as body */ {_PART}",
    f"sent_system_chain /* as system_chain */ {_CHAIN}",
    f"sent_tools_chain /* as tools_chain */ {_CHAIN}",
    f"sent_messages_chain /* as messages_chain */ {_CHAIN}",
    f"provided_headers /* of the provider's answer; null: the client's */ {_PART}",
    f"provided_answer /* what the provider's answer amounts to; null: the client's */ {_PART}",
)


def migrate(db: "Database") -> None:
    """Add the columns."""
    for column in COLUMNS:
        db.execute(f"ALTER TABLE interactions ADD COLUMN {column}")
