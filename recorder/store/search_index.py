"""The full-text index over what was said: a file of its own beside the database, `records.db.search`.

It is derived from the record, holds redacted text alone, and may be deleted at any time: the next search makes it anew.
It is apart from the database so that recording does not pay for it, whoever searches needs no right to write the
record, and what is erased there is gone here with the file. A search brings it up to date before it asks.

Each text is there once, however many requests repeat it, with the interactions that brought it: those in which it is
new, and the first of each session and agent for what that one begins with.
"""

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from recorder.store.beside import Beside
from recorder.store.blocks import Contents
from recorder.store.database import reading
from recorder.store.records import last_seq
from recorder.store.search_texts import Calls, Text, texts_of

_STEP = 500
"""Openings and closings in one transaction."""

_TABLES = (
    "CREATE TABLE said (id INTEGER PRIMARY KEY, key BLOB UNIQUE, source TEXT, tool TEXT)",
    """CREATE TABLE places (said INTEGER, interaction INTEGER, part INTEGER, place TEXT,
    PRIMARY KEY (said, interaction)) WITHOUT ROWID""",
    """CREATE VIRTUAL TABLE texts USING fts5 (text, content='',
    tokenize="unicode61 remove_diacritics 2 tokenchars '_'")""",
)

_BESIDE = Beside("search", 1, _TABLES)

_COLUMNS = "seq, session_id, agent_id, system_chain, tools_chain, messages_chain, body, answer, error_message"
_EVENTS = f"""
SELECT seq AS at, 1, {_COLUMNS} FROM interactions WHERE flow_class = 'model' AND seq > :after AND seq <= :until
UNION ALL
SELECT closed_seq AS at, 0, {_COLUMNS} FROM interactions
WHERE flow_class = 'model' AND closed_seq > :after AND closed_seq <= :until
ORDER BY at LIMIT {_STEP}
"""  # noqa: S608 — made of our own names alone
_ELEMENTS = """
WITH RECURSIVE up(id, parent, part, position) AS (
  SELECT id, parent, part, position FROM chains WHERE id = :head AND id > :seen
  UNION ALL
  SELECT c.id, c.parent, c.part, c.position FROM chains AS c JOIN up ON c.id = up.parent WHERE c.id > :seen
)
SELECT part FROM up ORDER BY position
"""
_IS_BEGUN = "SELECT 1 FROM interactions WHERE session_id IS ? AND agent_id IS ? AND seq < ? AND flow_class = 'model'"
_ABOUT = "SELECT kind, role FROM parts WHERE id = ? AND content IS NOT NULL"

type Progress = Callable[[int, int], None]
"""Is told how many records of how many were gone through."""


def index_path(db_path: Path) -> Path:
    """Return where the index of a database is."""
    return _BESIDE.path(db_path)


def forget_index(db_path: Path) -> None:
    """Delete the index: what it quotes may have been erased."""
    _BESIDE.forget(db_path)


@contextlib.contextmanager
def open_index(db: Database, db_path: Path, progress: Progress | None = None) -> Iterator[Database]:
    """Open the index of a database, brought up to date with `db`, a reader; where none can be written, in memory."""
    index = _BESIDE.open(db, db_path) or _BESIDE.open_in_memory(db)
    try:
        with reading():
            _Update(db, index).run(progress or (lambda _done, _all: None))
        yield index
    finally:
        index.close()


class _Update:
    """Adds what was recorded since."""

    def __init__(self, db: Database, index: Database) -> None:
        self._db = db
        self._index = index
        self._contents = Contents(db)
        self._calls = Calls()
        self._seen = 0

    def run(self, progress: Progress) -> None:
        until = last_seq(self._db)
        while (seq := self._step(until)) < until:
            progress(seq, until)

    def _step(self, until: int) -> int:
        """Add one transaction's worth; return how far the index is."""
        self._index.execute("BEGIN IMMEDIATE")
        try:
            after, self._seen = self._index.execute("SELECT seq, chain FROM state").fetchone()
            events = self._db.execute(_EVENTS, {"after": after, "until": until}).fetchall() if after < until else []
            for at, is_opening, *row in events:
                self._add(dict(zip(_COLUMNS.split(", "), row, strict=True)), is_opening=bool(is_opening))
                after = at
            after = after if len(events) == _STEP else max(after, until)
            self._index.execute("UPDATE state SET seq = ?, chain = ?", (after, self._seen))
        except BaseException:
            self._index.execute("ROLLBACK")
            raise
        self._index.execute("COMMIT")
        return int(after)

    def _add(self, row: dict[str, Any], *, is_opening: bool) -> None:
        if not is_opening:
            self._add_parts(row["seq"], (row["answer"], row["error_message"]))
            return
        key = (row["session_id"], row["agent_id"], row["seq"])
        is_begun = self._db.execute(_IS_BEGUN, key).fetchone()
        seen = self._seen if is_begun else 0
        heads = (row["system_chain"], row["messages_chain"])
        for head in filter(None, heads):
            parts = self._db.execute(_ELEMENTS, {"head": head, "seen": seen}).fetchall()
            self._add_parts(row["seq"], (part for (part,) in parts))
        self._add_parts(row["seq"], (row["body"],))
        self._seen = max(self._seen, *(head or 0 for head in (*heads, row["tools_chain"])))

    def _add_parts(self, interaction: int, parts: Any) -> None:
        for part_id in filter(None, parts):
            if (about := self._db.execute(_ABOUT, (part_id,)).fetchone()) is None:
                continue  # erased
            kind, role = about
            for text in texts_of(kind, role, self._contents.get(part_id), self._calls):
                self._add_text(text, interaction, part_id)

    def _add_text(self, text: Text, interaction: int, part_id: int) -> None:
        words = f"{text.source}\0{text.tool or ''}\0{text.text}".encode("utf-8", "surrogatepass")
        key = hashlib.blake2b(words, digest_size=16).digest()
        found = self._index.execute("SELECT id FROM said WHERE key = ?", (key,)).fetchone()
        if found is None:
            sql = "INSERT INTO said (key, source, tool) VALUES (?, ?, ?)"
            said = self._index.execute(sql, (key, text.source, text.tool)).lastrowid
            self._index.execute("INSERT INTO texts (rowid, text) VALUES (?, ?)", (said, _storable(text.text)))
        else:
            (said,) = found
        place = (said, interaction, part_id, text.place)
        self._index.execute("INSERT OR IGNORE INTO places VALUES (?, ?, ?, ?)", place)


def _storable(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
