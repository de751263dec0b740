"""Which records, lists and parts belong to an evidence pack: numbers in tables of this connection, which lie in memory.

Strategy. Where only a time is asked for, the pack has every record from the first to the last of that time, so that a
hole would show. Where one session, project or user is, it has the records of their interactions, what the recorders
said of themselves meanwhile, and nothing of others. In both cases come along: what changed the signing key, the starts
of the recorders that recorded it (the settings in force), and what says that content in it was erased or is held.
"""

from collections.abc import Iterator
from typing import Any, Unpack

import msgspec
from sqlite_utils import Database

from recorder.ledger.kinds import RecordKind
from recorder.store.choice import choose
from recorder.store.database import reading
from recorder.store.filters import Filters, conditions_of, where
from recorder.store.keeping import HoldRow, list_holds
from recorder.store.mentions import Mentions
from recorder.store.record_bodies import BodyReader
from recorder.store.references import list_columns, part_columns

_OF_THEMSELVES = (
    RecordKind.START,
    RecordKind.STOP,
    RecordKind.CRASH,
    RecordKind.CONFIG,
    RecordKind.GAP,
    RecordKind.DISCREPANCY,
    RecordKind.REFUSED,
    RecordKind.HEARTBEAT,
    RecordKind.ANCHOR,
)

_TABLES = ("pack_interactions", "pack_records", "pack_nodes", "pack_parts")
_CHOSEN = "(SELECT seq FROM temp.pack_interactions)"
_FIRST_TO_LAST = """
SELECT min(seq), max(seq) FROM (
  SELECT seq FROM records {where}
  UNION ALL SELECT seq FROM interactions WHERE seq IN {chosen}
  UNION ALL SELECT closed_seq FROM interactions WHERE seq IN {chosen}
)
"""
_TAKE = "INSERT OR IGNORE INTO temp.pack_records "
_WITHIN = f"{_TAKE}SELECT seq FROM records WHERE seq >= ? AND seq <= ?"  # noqa: S608 — the same
# Bodies of `key` and `start` records are text; only opened and closed ones are ever compressed.
_ALWAYS = f"""
SELECT seq FROM interactions WHERE seq IN {_CHOSEN}
UNION SELECT closed_seq FROM interactions WHERE seq IN {_CHOSEN} AND closed_seq IS NOT NULL
UNION SELECT seq FROM records WHERE kind = 'key' AND json_extract(body, '$.successions') IS NOT NULL
UNION SELECT seq FROM records WHERE kind = 'start' AND json_extract(body, '$.run_id') IN (
  SELECT run_id FROM interactions WHERE seq IN {_CHOSEN}
)
UNION SELECT erased_by FROM parts WHERE erased_by IS NOT NULL AND id IN (SELECT id FROM temp.pack_parts)
"""  # noqa: S608 — made of our own text alone
_NODES = """
INSERT INTO temp.pack_nodes
WITH RECURSIVE reached(id) AS ({heads} UNION SELECT c.parent FROM chains AS c JOIN reached ON c.id = reached.id)
SELECT id FROM reached WHERE id IS NOT NULL
"""
_PARTS_OF_NODES = """
INSERT OR IGNORE INTO temp.pack_parts SELECT part FROM chains WHERE id IN (SELECT id FROM temp.pack_nodes)
"""


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """What belongs to a pack."""

    whole: bool
    """All records from `first` to `last` are in it."""
    first: int
    """0: there is none."""
    last: int
    interactions: int
    records: int
    parts: int
    holds: list[HoldRow]
    """Those, in force or released, that one of the interactions is under."""

    def has(self, db: Database, seq: int) -> bool:
        """Tell whether a record belongs to it."""
        if self.whole and self.first <= seq <= self.last:
            return True
        return db.execute("SELECT 1 FROM temp.pack_records WHERE seq = ?", (seq,)).fetchone() is not None


def select(db: Database, **filters: Unpack[Filters]) -> Selection:
    """Find out what belongs to it, inside of a read transaction; the tables stay until this is called again."""
    conditions, parameters = conditions_of(filters)
    whole = not any(filters.get(name) for name in ("session", "project", "user"))
    with reading():
        for table in _TABLES:
            column = "seq" if table in _TABLES[:2] else "id"
            db.execute(f"DROP TABLE IF EXISTS temp.{table}")
            db.execute(f"CREATE TEMP TABLE {table} ({column} INTEGER PRIMARY KEY)")
        db.execute(
            f"INSERT INTO temp.pack_interactions SELECT i.seq FROM interactions AS i {where(conditions)}",  # noqa: S608 — our names
            parameters,
        )
        _take_contents(db)
        first, last = _first_to_last(db, parameters if whole else None)
        _take_records(db, first, last, whole=whole)
        holds = list(_holds(db))
        db.conn.executemany("INSERT OR IGNORE INTO temp.pack_records VALUES (?)", [(hold.seq,) for hold in holds])
        counts = [_count(db, table) for table in ("pack_interactions", "pack_records", "pack_parts")]
    interactions, records, parts = counts
    return Selection(
        whole=whole, first=first, last=last, interactions=interactions, records=records, parts=parts, holds=holds
    )


def chosen_interactions(db: Database) -> Iterator[dict[str, Any]]:
    """Yield what the interactions are, in the order of their records: `opened` and `closed` are numbers of records."""
    names = [name for name in db["interactions"].columns_dict if name not in {*part_columns(db), *list_columns(db)}]
    sql = f"SELECT {', '.join(names)} FROM interactions WHERE seq IN {_CHOSEN} ORDER BY seq"  # noqa: S608 — our names
    with reading():
        for row in db.execute(sql):
            values = dict(zip(names, row, strict=True))
            yield {"opened": values.pop("seq"), "closed": values.pop("closed_seq"), **values}


def chosen_records(db: Database) -> Iterator[tuple[int, str, str, bytes, int | None]]:
    """Yield the records of the interactions, in their order: number, kind, time, body (canonical JSON), `erased_by`.

    That is the number of the record by which all content of an opened one was to go. Raises StoreError for a body that
    is damaged.
    """
    sql = f"""
    SELECT r.seq, r.kind, r.at_utc, r.body, r.base, i.erased_by FROM records AS r
    LEFT JOIN interactions AS i ON i.seq = r.seq
    WHERE r.seq IN {_CHOSEN} OR r.seq IN (SELECT closed_seq FROM interactions WHERE seq IN {_CHOSEN})
    ORDER BY r.seq
    """  # noqa: S608 — made of our own text alone
    bodies = BodyReader(db)
    with reading():
        for seq, kind, at_utc, body, base, erased_by in db.execute(sql):
            yield seq, kind, at_utc, bodies.text(body, base), erased_by


def chosen_nodes(db: Database) -> Iterator[tuple[bytes, bytes | None, bytes, bytes | None]]:
    """Yield the lists, beginnings first: digest, digest of the list without its last element, its commitment, lead."""
    sql = """
    SELECT c.digest, up.digest, p.commitment, c.lead FROM chains AS c
    JOIN parts AS p ON p.id = c.part LEFT JOIN chains AS up ON up.id = c.parent
    WHERE c.id IN (SELECT id FROM temp.pack_nodes) ORDER BY c.id
    """
    with reading():
        yield from db.execute(sql)


type ChosenPart = tuple[int, str, str | None, int, bytes | None, bytes, int | None, bool]
"""Id, kind, role, size in bytes, salt, commitment, the record that erased it, whether its content is there."""


def chosen_parts(db: Database) -> Iterator[ChosenPart]:
    """Yield the parts in the order in which they were stored."""
    sql = """
    SELECT id, kind, role, bytes, salt, commitment, erased_by, content IS NOT NULL FROM parts
    WHERE id IN (SELECT id FROM temp.pack_parts) ORDER BY id
    """
    with reading():
        yield from db.execute(sql)


def anchored_sizes(db: Database) -> set[int]:
    """Return the numbers of records of the checkpoints that were put somewhere else, as far as records say so."""
    sql = "SELECT json_extract(body, '$.size') FROM records WHERE kind = 'anchor'"
    with reading():
        return {size for (size,) in db.execute(sql) if isinstance(size, int)}


def _take_contents(db: Database) -> None:
    heads = " UNION ".join(
        f"SELECT {name} FROM interactions WHERE {name} IS NOT NULL AND seq IN {_CHOSEN}"  # noqa: S608 — names are ours
        for name in list_columns(db)
    )
    db.execute(_NODES.format(heads=heads))
    db.execute(_PARTS_OF_NODES)
    for name in part_columns(db):
        db.execute(
            f"INSERT OR IGNORE INTO temp.pack_parts SELECT {name} FROM interactions"  # noqa: S608 — names are ours
            f" WHERE {name} IS NOT NULL AND seq IN {_CHOSEN}"
        )


def _first_to_last(db: Database, times: dict[str, Any] | None) -> tuple[int, int]:
    """Return first and last number; `times`: records of that time count as well, not only those of interactions."""
    tests = {"since": "at_utc >= :since", "until": "at_utc < :until"}
    given = {} if times is None else times
    conditions = [test for name, test in tests.items() if name in given] if times is not None else ["0"]
    sql = _FIRST_TO_LAST.format(where=where(conditions), chosen=_CHOSEN)
    first, last = db.execute(sql, given).fetchone()
    return first or 0, last or 0


def _take_records(db: Database, first: int, last: int, *, whole: bool) -> None:
    if whole:
        db.execute(_WITHIN, (first, last))
    else:
        kinds = ", ".join(f"'{kind}'" for kind in _OF_THEMSELVES)
        db.execute(f"{_WITHIN} AND kind IN ({kinds})", (first, last))
    db.execute(_TAKE + _ALWAYS)


def _holds(db: Database) -> Iterator[HoldRow]:
    chosen = {seq for (seq,) in db.execute("SELECT seq FROM temp.pack_interactions")}
    for hold in list_holds(db, released=True):
        mentions = Mentions(hold.choice.texts, hold.choice.patterns)
        if not chosen.isdisjoint(choose(db, hold.choice, mentions).interactions):
            yield hold


def _count(db: Database, table: str) -> int:
    return int(db.execute(f"SELECT count(*) FROM temp.{table}").fetchone()[0])  # noqa: S608 — names are ours
