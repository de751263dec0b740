"""What budgets and rates know: reservations of requests under way, buckets, and what an interaction was let in with."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

COLUMNS = (
    "reserved_usd /* what it was expected to cost when limits let it through; null: none did, or no price */ TEXT",
    "reserved_input_tokens /* likewise, of the prompt; null: no limits were asked */ INTEGER",
    "reserved_output_tokens INTEGER",
    "limit_note /* what a budget or a rate warned of, or why it had to wait */ TEXT",
)

TABLES = (
    """
CREATE TABLE reservations (
  -- What requests under way have taken of budgets and rates; gone when their answer is on record. Not derived.
  interaction TEXT NOT NULL, -- its id; its opened record may not be written yet
  run_id TEXT NOT NULL, -- the recorder that let it through
  counter BLOB NOT NULL, -- keyed hash of the limit, the value of its scope and the beginning of its window
  unit TEXT NOT NULL, -- usd, tokens, ... of a budget; rate:requests, rate:input_tokens, ... of a bucket; rate:streams
  most TEXT NOT NULL, -- exact decimal: what it can use at most
  expected TEXT NOT NULL, -- exact decimal: what it is expected to use
  at_us INTEGER NOT NULL, -- microseconds since the epoch
  ended INTEGER NOT NULL DEFAULT 0, -- 1: it ended without a record; what was expected counts as spent
  PRIMARY KEY (counter, interaction, unit)
) STRICT, WITHOUT ROWID
""",
    "CREATE INDEX reservations_interaction ON reservations(interaction)",
    "CREATE INDEX reservations_run ON reservations(run_id)",
    """
CREATE TABLE buckets (
  -- The token buckets of rates, shared by the recorders on this database. Not derived.
  counter BLOB PRIMARY KEY, -- as in reservations
  level REAL NOT NULL, -- what is left; below 0: lent to requests that wait
  at_us INTEGER NOT NULL -- when that was so
) STRICT, WITHOUT ROWID
""",
)


def migrate(db: "Database") -> None:
    """Add the columns and the tables."""
    for column in COLUMNS:
        db.execute(f"ALTER TABLE interactions ADD COLUMN {column}")
    for sql in TABLES:
        db.execute(sql)
