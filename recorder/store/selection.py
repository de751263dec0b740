"""Which records, lists and parts belong to an evidence pack.

Strategy. Where only a time is asked for, the pack has every record from the first to the last of that time, so that a
hole would show. Where one session, project or user is, it has the records of their interactions, what the recorders
said of themselves meanwhile, and nothing of others. In both cases come along: what changed the signing key, the starts
of the recorders that recorded it (the settings in force), and what says that content in it was erased or is held.
"""

import itertools
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
from recorder.store.numbers import Numbers
from recorder.store.parts import look_up
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

_SOME = 500
"""Rows that are asked for at once."""
_CHOSEN = "(SELECT seq FROM temp.pack_interactions)"
"""In a table of this connection, in memory; records, lists and parts, of which there are more, as bits."""
_FIRST_TO_LAST = """
SELECT min(seq), max(seq) FROM (
  SELECT seq FROM records {where}
  UNION ALL SELECT seq FROM interactions WHERE seq IN {chosen}
  UNION ALL SELECT closed_seq FROM interactions WHERE seq IN {chosen}
)
"""
# Bodies of `key` and `start` records are text; only opened and closed ones are ever compressed.
_ALWAYS = f"""
SELECT seq FROM interactions WHERE seq IN {_CHOSEN}
UNION ALL SELECT closed_seq FROM interactions WHERE seq IN {_CHOSEN} AND closed_seq IS NOT NULL
UNION ALL SELECT seq FROM records WHERE kind = 'key' AND json_extract(body, '$.successions') IS NOT NULL
UNION ALL SELECT seq FROM records WHERE kind = 'start' AND json_extract(body, '$.run_id') IN (
  SELECT run_id FROM interactions WHERE seq IN {_CHOSEN}
)
"""  # noqa: S608 — made of our own text alone
_ERASED_BY = "SELECT DISTINCT erased_by FROM parts WHERE erased_by IS NOT NULL AND id IN"
_LISTS = """
SELECT c.digest, up.digest, p.commitment, c.lead FROM chains AS c
JOIN parts AS p ON p.id = c.part LEFT JOIN chains AS up ON up.id = c.parent
WHERE c.id IN
"""
_PARTS = "SELECT id, kind, role, bytes, salt, commitment, erased_by, content IS NOT NULL FROM parts WHERE id IN"


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
    further: Numbers
    """Of the records, those beside the ones from `first` to `last` of a whole one."""
    node_ids: Numbers
    part_ids: Numbers
    holds: list[HoldRow]
    """Those, in force or released, that one of the interactions is under."""

    def has(self, seq: int) -> bool:
        """Tell whether a record belongs to it."""
        return (self.whole and self.first <= seq <= self.last) or seq in self.further


def select(db: Database, **filters: Unpack[Filters]) -> Selection:
    """Find out what belongs to it, inside of a read transaction; what is chosen of it is read before the next call."""
    conditions, parameters = conditions_of(filters)
    whole = not any(filters.get(name) for name in ("session", "project", "user"))
    with reading():
        db.execute("DROP TABLE IF EXISTS temp.pack_interactions")
        db.execute("CREATE TEMP TABLE pack_interactions (seq INTEGER PRIMARY KEY)")
        db.execute(
            f"INSERT INTO temp.pack_interactions SELECT i.seq FROM interactions AS i {where(conditions)}",  # noqa: S608 — our names
            parameters,
        )
        nodes, parts = _contents(db)
        first, last = _first_to_last(db, parameters if whole else None)
        holds = list(_holds(db))
        further = Numbers(
            seq
            for seq in itertools.chain(_beside(db, first, last, parts, whole=whole), (hold.seq for hold in holds))
            if not (whole and first <= seq <= last)
        )
        (interactions,) = db.execute(f"SELECT count(*) FROM {_CHOSEN}").fetchone()  # noqa: S608 — our names
        within = db.execute("SELECT count(*) FROM records WHERE seq BETWEEN ? AND ?", (first, last)).fetchone()[0]
    return Selection(
        whole=whole,
        first=first,
        last=last,
        interactions=interactions,
        records=len(further) + (within if whole else 0),
        parts=len(parts),
        further=further,
        node_ids=nodes,
        part_ids=parts,
        holds=holds,
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


def chosen_nodes(db: Database, selection: Selection) -> Iterator[tuple[bytes, bytes | None, bytes, bytes | None]]:
    """Yield the lists, beginnings first: digest, digest of the list without its last element, its commitment, lead."""
    with reading():
        yield from _in_order(db, _LISTS, "c.id", selection.node_ids)


type ChosenPart = tuple[int, str, str | None, int, bytes | None, bytes, int | None, bool]
"""Id, kind, role, size in bytes, salt, commitment, the record that erased it, whether its content is there."""


def chosen_parts(db: Database, selection: Selection) -> Iterator[ChosenPart]:
    """Yield the parts in the order in which they were stored."""
    with reading():
        yield from _in_order(db, _PARTS, "id", selection.part_ids)


def anchored_sizes(db: Database) -> set[int]:
    """Return the numbers of records of the checkpoints that were put somewhere else, as far as records say so."""
    sql = "SELECT json_extract(body, '$.size') FROM records WHERE kind = 'anchor'"
    with reading():
        return {size for (size,) in db.execute(sql) if isinstance(size, int)}


def _in_order(db: Database, select: str, column: str, ids: Numbers) -> Iterator[Any]:
    for some in itertools.batched(ids, _SOME):
        yield from db.execute(f"{select} ({','.join('?' * len(some))}) ORDER BY {column}", some)


def _contents(db: Database) -> tuple[Numbers, Numbers]:
    """Return the nodes of the lists, and the parts, that the chosen interactions have."""
    nodes, parts = Numbers(), Numbers()
    for name in list_columns(db):
        for (node,) in db.execute(f"SELECT {name} FROM interactions WHERE {name} IS NOT NULL AND seq IN {_CHOSEN}"):  # noqa: S608 — names are ours
            while node is not None and nodes.add(node):
                node, part = db.execute("SELECT parent, part FROM chains WHERE id = ?", (node,)).fetchone()  # noqa: PLW2901 — up to the first
                parts.add(part)
    for name in part_columns(db):
        for (part,) in db.execute(f"SELECT {name} FROM interactions WHERE {name} IS NOT NULL AND seq IN {_CHOSEN}"):  # noqa: S608 — names are ours
            parts.add(part)
    return nodes, parts


def _first_to_last(db: Database, times: dict[str, Any] | None) -> tuple[int, int]:
    """Return first and last number; `times`: records of that time count as well, not only those of interactions."""
    tests = {"since": "at_utc >= :since", "until": "at_utc < :until"}
    given = {} if times is None else times
    conditions = [test for name, test in tests.items() if name in given] if times is not None else ["0"]
    sql = _FIRST_TO_LAST.format(where=where(conditions), chosen=_CHOSEN)
    first, last = db.execute(sql, given).fetchone()
    return first or 0, last or 0


def _beside(db: Database, first: int, last: int, parts: Numbers, *, whole: bool) -> Iterator[int]:
    """Yield the records that come along, some of them twice; those of a whole one's range are no matter."""
    if not whole:
        kinds = ", ".join(f"'{kind}'" for kind in _OF_THEMSELVES)
        sql = f"SELECT seq FROM records WHERE seq >= ? AND seq <= ? AND kind IN ({kinds})"  # noqa: S608 — names are ours
        yield from (seq for (seq,) in db.execute(sql, (first, last)))
    yield from (seq for (seq,) in db.execute(_ALWAYS))
    yield from (seq for (seq,) in look_up(db, _ERASED_BY, parts))


def _holds(db: Database) -> Iterator[HoldRow]:
    holds = list_holds(db, released=True)
    chosen = {seq for (seq,) in db.execute(_CHOSEN[1:-1])} if holds else set()
    for hold in holds:
        mentions = Mentions(hold.choice.texts, hold.choice.patterns)
        if not chosen.isdisjoint(choose(db, hold.choice, mentions).interactions):
            yield hold
