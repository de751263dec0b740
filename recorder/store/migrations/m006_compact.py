"""Content and records in less space: parts as blocks, bodies compressed with that of an earlier record.

What is there stays as it is, in both tables. The columns are written into the schema as sqlite.org/lang_altertable.html
has it for changes that leave the stored rows alone: `ALTER TABLE` could not change the type of `body`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

EDITS = {
    "records": (
        (
            "body TEXT NOT NULL, -- canonical JSON (RFC 8785); an absent member is not known",
            "body ANY NOT NULL, -- text: canonical JSON (RFC 8785), an absent member is not known; blob: that as zstd",
        ),
        (
            "leaf_hash BLOB NOT NULL --",
            "leaf_hash BLOB NOT NULL, --",
        ),
        (
            "\n) STRICT",
            "\n  base INTEGER -- the record whose body is the dictionary of that zstd; null: body is text\n) STRICT",
        ),
    ),
    "parts": (
        (
            "digest BLOB UNIQUE, -- keyed hash",
            "digest BLOB UNIQUE, -- 16 bytes, keyed hash",
        ),
        (
            "content BLOB, -- zstd; null once erased",
            "content BLOB, -- its piece of the zstd stream that begins with its block's first part; null once erased",
        ),
        (
            "commitment BLOB NOT NULL --",
            "commitment BLOB NOT NULL, --",
        ),
        (
            "\n) STRICT",
            "\n  block INTEGER -- the first part of its block; null: this one is\n) STRICT",
        ),
    ),
}


def migrate(db: "Database") -> None:
    """Write the new columns into the schema, null in all rows; cut the digests to 16 bytes."""
    (version,) = db.execute("PRAGMA schema_version").fetchone()
    db.execute("PRAGMA writable_schema = ON")
    for table, edits in EDITS.items():
        (sql,) = db.execute("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?", (table,)).fetchone()
        for before, after in edits:
            assert sql.count(before) == 1, (table, before)
            sql = sql.replace(before, after)
        db.execute("UPDATE sqlite_schema SET sql = ? WHERE type = 'table' AND name = ?", (sql, table))
    db.execute(f"PRAGMA schema_version = {version + 1}")
    db.execute("PRAGMA writable_schema = OFF")
    db.execute("UPDATE parts SET digest = substr(digest, 1, 16)")
