"""The small derived tables, made once more beside the ones that are there: whatever differs in any column is found.

Strategy. They are filled by the same code as when they were recorded, as tables of this connection, in memory, which
hide those of the database meanwhile. Only records that have a part in them are read: those that are no half of an
interaction, and those that brought a placeholder.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec
from sqlite_utils import Database

from recorder.errors import StoreError
from recorder.ledger.kinds import RecordKind
from recorder.ledger.verdict import Findings, Verdict
from recorder.store.blocks import Contents
from recorder.store.database import reading
from recorder.store.deriving import derive_event
from recorder.store.findings import Text, insert_findings
from recorder.store.record_bodies import BodyReader
from recorder.store.verify_file import pristine

EVENT_TABLES = ("runs", "fingerprint_links", "erasures", "holds")
"""Made of records that are no half of an interaction."""
_MARKED = "CREATE TEMP TABLE interactions (seq INTEGER PRIMARY KEY, erased_by INTEGER)"
_OTHERWISE_MARKED = """
SELECT 1 FROM main.interactions AS have LEFT JOIN temp.interactions AS want ON want.seq = have.seq
WHERE have.erased_by IS NOT want.erased_by
"""
_ANY_ERASURE = "SELECT 1 FROM records WHERE kind IN ('erasure', 'retention')"
_EVENTS = "SELECT seq, kind, at_utc, body FROM records WHERE kind NOT IN ('opened', 'closed') ORDER BY seq"
_RECORD = """
SELECT r.body, r.base, i.messages_chain FROM records AS r LEFT JOIN interactions AS i ON i.seq = r.seq WHERE r.seq = ?
"""
_PLACES = """
SELECT s.kind, s.fingerprint, f.part, f.record, f.source, f.tool, f.place, f.count
FROM {schema}.findings AS f LEFT JOIN {schema}.secrets AS s ON s.id = f.secret
"""
_ANY_ERASED = """
WITH RECURSIVE up(parent, part) AS (
  SELECT parent, part FROM chains WHERE id = (SELECT messages_chain FROM interactions WHERE seq = ?)
  UNION ALL
  SELECT c.parent, c.part FROM chains AS c JOIN up ON c.id = up.parent
)
SELECT 1 FROM up JOIN parts AS p ON p.id = up.part WHERE p.erased_by IS NOT NULL
"""
_SECRETS = "SELECT kind, fingerprint FROM {schema}.secrets"
_MALFORMED = (StoreError, AttributeError, KeyError, TypeError, ValueError)


def verify_tables(db: Database, marked: Mapping[int, set[int]], found: Findings, after: int = 0) -> None:
    """Check the tables that follow from few records. Raises StoreError.

    `marked`: number of each record in which secrets may have been removed → those of the parts it brought for which
    the same holds. `after`: what opened and closed records up to this number brought is not looked at.
    """
    with reading():
        _verify_events(db, found)
        _verify_findings(db, marked, found, after)


def _verify_events(db: Database, found: Findings) -> None:
    with _hidden(db, EVENT_TABLES):
        db.execute(_MARKED)
        try:
            if db.execute(_ANY_ERASURE).fetchone():
                db.execute("INSERT INTO temp.interactions (seq) SELECT seq FROM main.interactions")
            for seq, kind, at_utc, body in db.execute(_EVENTS).fetchall():
                try:
                    derive_event(db, seq, RecordKind(kind), at_utc, msgspec.json.decode(body))
                except _MALFORMED:
                    found.add(Verdict.MODIFIED, f"record {seq} does not have the form of a record")
            for table in EVENT_TABLES:
                _compare(db, table, f"SELECT * FROM {{schema}}.{table}", found)  # noqa: S608 — names are ours
            if db.execute(_OTHERWISE_MARKED).fetchone():
                found.add(Verdict.MODIFIED, "interactions: erased_by is not as recorded")
        finally:
            db.execute("DROP TABLE temp.interactions")


def _verify_findings(db: Database, marked: Mapping[int, set[int]], found: Findings, after: int) -> None:
    bodies, contents = BodyReader(db), Contents(db)
    with _hidden(db, ("secrets", "findings")):
        for seq in sorted(marked):
            stored, base, chain = db.execute(_RECORD, (seq,)).fetchone()
            body = msgspec.json.decode(bodies.text(stored, base))
            insert_findings(db, seq, body, _texts(db, contents, body, marked[seq]), chain)
        # The name of a tool may have stood in what was erased since; there it is only checked that none is another.
        is_whole = db.execute("SELECT 1 FROM parts WHERE erased_by IS NOT NULL").fetchone() is None
        lost = ", ".join(str(seq) for seq in marked if not is_whole and db.execute(_ANY_ERASED, (seq,)).fetchone())
        places = f"{_PLACES} WHERE f.record > {after}"
        known = f"SELECT * FROM ({places}) WHERE tool IS NOT NULL"  # noqa: S608 — names are ours
        tool = f"CASE WHEN f.record NOT IN ({lost}) THEN f.tool END"
        _compare(db, "findings", places.replace("f.tool", f"{tool} AS tool"), found)
        _compare(db, "findings", known, found, is_all=False)
        if not after:
            _compare(db, "secrets", _SECRETS, found)


def _texts(db: Database, contents: Contents, body: Mapping[str, Any], marked: set[int]) -> Iterator[Text]:
    """Yield the marked ones of the parts that a record brought, in its order."""
    order = {bytes.fromhex(part["commitment"]): at for at, part in enumerate(body.get("parts", ()))}
    rows = [
        (commitment, Text(id_, kind, role, contents.get(id_)))
        for id_ in marked
        for kind, role, commitment in db.execute("SELECT kind, role, commitment FROM parts WHERE id = ?", (id_,))
    ]
    yield from (text for _, text in sorted(rows, key=lambda row: order.get(row[0], -1)))


def _compare(db: Database, name: str, select: str, found: Findings, *, is_all: bool = True) -> None:
    """Compare what a table has with what was made of it, rows that are there twice included.

    `is_all`: there must be nothing but what was made.
    """
    have, want = (
        f"SELECT *, row_number() OVER (PARTITION BY {_columns(db, select)}) FROM ({select.format(schema=schema)})"  # noqa: S608 — names are ours
        for schema in ("main", "temp")
    )
    if db.execute(f"{want} EXCEPT {have}").fetchone() or (is_all and db.execute(f"{have} EXCEPT {want}").fetchone()):
        found.add(Verdict.MODIFIED, f"{name}: not as recorded")


def _columns(db: Database, select: str) -> str:
    described = db.execute(f"{select.format(schema='main')} LIMIT 0").description
    return ", ".join(f'"{column[0]}"' for column in described)


@contextmanager
def _hidden(db: Database, tables: tuple[str, ...]) -> Iterator[None]:
    """Hide some tables behind empty ones of this connection."""
    with pristine() as ours:
        schemas = {name: ours[name].schema for name in tables}
    try:
        for name, sql in schemas.items():
            # What they refer to is not there; what refers to nothing is found by `PRAGMA foreign_key_check`.
            loose = re.sub(r" REFERENCES \w+\(\w+\)", "", sql)
            db.execute(loose.replace(f"CREATE TABLE {name}", f"CREATE TEMP TABLE {name}", 1))
        yield
    finally:
        for name in schemas:
            db.execute(f"DROP TABLE IF EXISTS temp.{name}")
