"""The first schema: records, parts, chains, and what is derived from them.

The comments inside the statements are kept by SQLite; `docs/schema.md` is made from them. Plain SQL rather than
`Table.create`, which knows neither comments nor partial indexes nor references to a column that is no primary key.

Which query each index is for stands above it. Content that may have to be erased one day lives in `parts` alone;
`records` holds its commitments.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

TABLES = (
    """
CREATE TABLE records (
  -- The ledger: append-only, numbered without gaps, the leaves of a Merkle tree. All tables but `parts` follow.
  seq INTEGER PRIMARY KEY, -- 1, 2, 3, ... in the order of writing; leaf number seq - 1 of the tree
  kind TEXT NOT NULL, -- opened, closed, start, stop, crash, config, support, gap
  at_utc TEXT NOT NULL, -- when it happened
  body TEXT NOT NULL, -- canonical JSON (RFC 8785); an absent member is not known
  leaf_hash BLOB NOT NULL -- SHA-256(0x00 ‖ canonical JSON of at_utc, body, kind, seq and v = 1)
) STRICT
""",
    """
CREATE TABLE parts (
  -- Content, redacted and stored once: the elements of requests, their envelopes, answers, timings, headers.
  id INTEGER PRIMARY KEY,
  digest BLOB UNIQUE, -- keyed hash of kind, role and content that finds a part again; null: never shared
  kind TEXT NOT NULL, -- system, tool, message, envelope, body, layout, headers, answer, timing, error
  role TEXT, -- of a message
  bytes INTEGER NOT NULL, -- size of the content before compression
  content BLOB, -- zstd; null once erased
  salt BLOB, -- 32 random bytes; null once erased
  commitment BLOB NOT NULL -- SHA-256(salt ‖ content before compression): what records and chains refer to
) STRICT
""",
    """
CREATE TABLE chains (
  -- The lists in requests as trees that share their beginnings: a node is the list that ends with it.
  id INTEGER PRIMARY KEY,
  parent INTEGER REFERENCES chains(id), -- the list without its last element; null: it has one element
  part INTEGER NOT NULL REFERENCES parts(id), -- the last element
  lead BLOB, -- bytes before the last element; null: nothing before the first, a comma before any other
  position INTEGER NOT NULL, -- of the last element, from 0
  digest BLOB NOT NULL UNIQUE -- SHA-256(parent's digest or 32 zero bytes ‖ part's commitment ‖ 0x00, or 0x01 ‖ lead)
) STRICT
""",
    """
CREATE TABLE runs (
  -- The recorders that wrote here, from their start, stop and crash records.
  id TEXT PRIMARY KEY,
  started_utc TEXT NOT NULL,
  stopped_utc TEXT, -- when it stopped, or when its crash was found; null: it runs, or its end was not found yet
  stopped_by TEXT, -- kind of the record that says so: stop or crash
  host TEXT, -- name of the machine
  pid INTEGER,
  version TEXT -- of the recorder
) STRICT
""",
    """
CREATE TABLE interactions (
  -- One row per recorded call, derived from its opened and closed records.
  seq INTEGER PRIMARY KEY REFERENCES records(seq), -- number of its opened record
  closed_seq INTEGER UNIQUE REFERENCES records(seq), -- number of its closed record; null: open
  id TEXT NOT NULL UNIQUE,
  run_id TEXT NOT NULL, -- the recorder that recorded it
  session_id TEXT,
  agent_id TEXT, -- null: the main thread
  parent_agent_id TEXT,
  agent_type TEXT,
  request_class TEXT, -- main, subagent, compaction, ... as the client calls it
  client TEXT, -- product and version
  project TEXT,
  user TEXT, -- as configured, else the account that the request names
  flow_class TEXT NOT NULL, -- model, support
  protocol TEXT,
  provider TEXT NOT NULL, -- who answered, as far as known
  host TEXT NOT NULL,
  path TEXT NOT NULL, -- with query, redacted
  model TEXT, -- asked for
  model_answered TEXT,
  streaming INTEGER, -- 0, 1; null: not known
  state TEXT NOT NULL, -- open, complete, aborted, failed, blocked, lost
  state_reason TEXT,
  status INTEGER, -- HTTP status
  stop_reason TEXT,
  error_type TEXT,
  request_id TEXT, -- the provider's
  message_id TEXT,
  retry_of TEXT REFERENCES interactions(id), -- the failed call before it with the same messages
  input_tokens INTEGER, -- without cache tokens; null, as all tokens: not known
  output_tokens INTEGER,
  cache_read_tokens INTEGER,
  cache_write_5m_tokens INTEGER,
  cache_write_1h_tokens INTEGER,
  thinking_tokens INTEGER, -- part of output_tokens
  web_search_requests INTEGER,
  cost_usd TEXT, -- exact decimal; null: not known
  price_table TEXT, -- the price table that it was found with
  cost_reason TEXT, -- why it is not known, or what was approximated
  started_utc TEXT NOT NULL, -- when the request arrived
  ttft_us INTEGER, -- microseconds from the request to the first byte of the answer's body
  duration_us INTEGER, -- microseconds from the request to the end
  request_bytes INTEGER NOT NULL, -- on the wire
  response_bytes INTEGER, -- on the wire
  tool_calls INTEGER NOT NULL, -- how many are in the answer
  findings INTEGER NOT NULL, -- how many secrets were removed, occurrences counted
  anomalies INTEGER NOT NULL, -- how many oddities were met on the wire
  request_headers INTEGER REFERENCES parts(id),
  envelope INTEGER REFERENCES parts(id), -- the request's body with its three lists emptied
  layout INTEGER REFERENCES parts(id), -- where the lists go in the envelope, and the cache marks in their elements
  system_chain INTEGER REFERENCES chains(id), -- null, as the other two: no list or an empty one
  tools_chain INTEGER REFERENCES chains(id),
  messages_chain INTEGER REFERENCES chains(id),
  body INTEGER REFERENCES parts(id), -- the whole body, when it could not be cut
  response_headers INTEGER REFERENCES parts(id),
  answer INTEGER REFERENCES parts(id), -- the message that the answer amounts to
  timing INTEGER REFERENCES parts(id), -- when which piece of the answer came
  error_message INTEGER REFERENCES parts(id)
) STRICT
""",
    """
CREATE TABLE tool_calls (
  -- The tool calls in answers, each with the result that a later request brought.
  interaction INTEGER NOT NULL REFERENCES interactions(seq), -- whose answer holds the call
  block INTEGER NOT NULL, -- index of the content block in the answer
  tool_use_id TEXT NOT NULL,
  name TEXT NOT NULL,
  result_interaction INTEGER REFERENCES interactions(seq), -- whose request brought the result; null: none did yet
  result_part INTEGER REFERENCES parts(id), -- the message that holds the result
  is_error INTEGER, -- 0, 1
  duration_ms INTEGER, -- from the end of the answer to the arrival of the result
  PRIMARY KEY (interaction, block)
) STRICT, WITHOUT ROWID
""",
)

INDEXES = (
    # Lists, newest first: all of them or a span of time; of a project, a state, a model asked for or answering.
    "CREATE INDEX interactions_started ON interactions(started_utc)",
    "CREATE INDEX interactions_project ON interactions(project, started_utc)",
    "CREATE INDEX interactions_state ON interactions(state, started_utc)",
    "CREATE INDEX interactions_model ON interactions(model, started_utc)",
    "CREATE INDEX interactions_model_answered ON interactions(model_answered, started_utc)",
    # A session, and what came before in the same session and agent.
    "CREATE INDEX interactions_session ON interactions(session_id, agent_id)",
    # Retries: the last call with the same messages.
    "CREATE INDEX interactions_messages ON interactions(messages_chain)",
    # What a recorder left open.
    "CREATE INDEX interactions_open ON interactions(run_id) WHERE closed_seq IS NULL",
    # The call that a result belongs to.
    "CREATE INDEX tool_calls_waiting ON tool_calls(tool_use_id) WHERE result_interaction IS NULL",
)

TRIGGERS = (
    # REPLACE deletes without firing delete triggers unless recursive_triggers is on: the number tells it.
    """
CREATE TRIGGER records_append BEFORE INSERT ON records
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM records)
BEGIN SELECT RAISE(ABORT, 'records are numbered without gaps'); END
""",
    """
CREATE TRIGGER records_no_update BEFORE UPDATE ON records
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END
""",
    """
CREATE TRIGGER records_no_delete BEFORE DELETE ON records
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END
""",
)


def migrate(db: "Database") -> None:
    """Create everything, and mark the file as ours (`LAAR`)."""
    db.execute(f"PRAGMA application_id = {0x4C414152}")
    for statement in (*TABLES, *INDEXES, *TRIGGERS):
        db.execute(statement.strip())
