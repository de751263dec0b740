"""Which secrets were removed, and where: found again in parts and records by their placeholders."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

TABLES = (
    """
CREATE TABLE secrets (
  -- The secrets that were removed, each once; what could be guessed has no fingerprint and is one row for each kind.
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  fingerprint BLOB -- 16 bytes, keyed; null: could be guessed
) STRICT
""",
    """
CREATE TABLE findings (
  -- Where secrets stood: one row for each place in a part or a record, however many requests repeat the part.
  secret INTEGER NOT NULL REFERENCES secrets(id),
  part INTEGER REFERENCES parts(id), -- null: it stood in what the record itself says
  record INTEGER NOT NULL REFERENCES records(seq), -- the opened or closed record that brought it
  source TEXT NOT NULL, -- user, model, tool_input, tool_result, tool_definition, system, request, header, url, ...
  tool TEXT, -- the tool whose input, result or definition it is; null: none, or not known
  place TEXT NOT NULL, -- where in the part or the record's body, as in content[0].text; of a header its name
  count INTEGER NOT NULL -- how often it stood there
) STRICT
""",
)

INDEXES = (
    # The row of a secret that is met again.
    "CREATE INDEX secrets_fingerprint ON secrets(kind, fingerprint)",
)


def migrate(db: "Database") -> None:
    """Create both; what they hold of earlier records is derived anew after the migration."""
    for statement in (*TABLES, *INDEXES):
        db.execute(statement.strip())
