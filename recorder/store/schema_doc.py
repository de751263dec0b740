"""Makes `docs/schema.md` from an empty, migrated database: `python -m recorder.store.schema_doc`.

The words come from the comments inside the CREATE TABLE statements, which SQLite keeps.
"""

import re
import sys
import tempfile
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.db import Table

from recorder.store.database import open_writer
from recorder.store.migrations import STEPS

_TABLE_COMMENT = re.compile(r"^CREATE TABLE \w+ \(\n  -- (?P<text>.+)$", re.MULTILINE)
_ADDED_COMMENT = re.compile(r", (?P<name>\w+) /\* (?P<text>.+?) \*/ [A-Z]")
"""Of a column that a later step added: SQLite keeps what stands inside of its definition."""
_COLUMN_COMMENT = re.compile(r"^  (?P<name>\w+) [A-Z][^\n]*? -- (?P<text>.+)$", re.MULTILINE)

_HEAD = """# The database

Made by `python -m recorder.store.schema_doc` from the migrations ({steps}); a test fails when it drifts.

Times are UTC, ISO 8601 with milliseconds and `Z`; units are in the columns' names; money is an exact decimal in text.
`records` is what happened and cannot be changed; `parts` holds all content, redacted; every other table is derived from
these two and can be made anew. All tables are STRICT.

To read a part with any zstd: decompress, as one stream, the `content` of all parts of its `block` (of the part whose
id that is, and of those that name it) in order of `id` up to this one; the last `bytes` bytes are its content.
`commitment` is SHA-256(`salt` ‖ content).

To read a record: `body` is text, or zstd with the `body` of the record `base` as (raw) dictionary; a base is text.
The leaf hash is SHA-256(0x00 ‖ `{{"at_utc":…,"body":…,"kind":…,"seq":…,"v":1}}`), the text of the body in its place.
"""


def schema_doc() -> str:
    """Return the document."""
    with tempfile.TemporaryDirectory() as folder:
        db = open_writer(Path(folder) / "empty.db")
        try:
            tables = [table for table in db.tables if not table.name.startswith("_")]
            return "\n".join([_HEAD.format(steps=", ".join(STEPS)), *(_section(db, table) for table in tables)])
        finally:
            db.close()


def _section(db: Database, table: Table) -> str:
    described = _TABLE_COMMENT.search(table.schema)
    lines = [
        f"## {table.name}",
        "",
        described["text"] if described else "",
        "",
        "| column | type | meaning |",
        "|---|---|---|",
    ]
    found = (*_COLUMN_COMMENT.finditer(table.schema), *_ADDED_COMMENT.finditer(table.schema))
    comments = {match["name"]: match["text"] for match in found}
    references = {key.column: f"→ {key.other_table}.{key.other_column}" for key in table.foreign_keys}
    for column in table.columns:
        kind = column.type + (", not null" if column.notnull else "") + (", key" if column.is_pk else "")
        words = "; ".join(filter(None, [references.get(column.name), comments.get(column.name)]))
        lines.append(f"| `{column.name}` | {kind} | {words.replace('|', '\\|')} |")
    return "\n".join([*lines, *_extras(db, table), ""])


def _extras(db: Database, table: Table) -> list[str]:
    indexes = [sql for (sql,) in _sql_of(db, "index", table.name)]
    triggers = [sql for (sql,) in _sql_of(db, "trigger", table.name)]
    return ["", "```sql", *(f"{sql};" for sql in indexes + triggers), "```"] if indexes or triggers else []


def _sql_of(db: Database, kind: str, table: str) -> list[tuple[str]]:
    sql = "SELECT sql FROM sqlite_master WHERE type = ? AND tbl_name = ? AND sql IS NOT NULL ORDER BY name"
    return db.execute(sql, (kind, table)).fetchall()


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/schema.md")
    target.write_text(schema_doc(), encoding="utf-8")
