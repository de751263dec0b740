"""Lists of interactions, without their content. Each list is one query."""

from collections.abc import Sequence
from typing import Any, Unpack

import msgspec
from sqlite_utils import Database

from recorder.errors import StoreError
from recorder.ledger.kinds import RecordKind
from recorder.model import OutboundSecret
from recorder.store.database import reading
from recorder.store.filters import Filters, conditions_of, prefix_range, where
from recorder.store.record_bodies import BodyReader
from recorder.store.results import Followed, InteractionRow

_EXPRESSIONS = {
    "ttft_ms": "i.ttft_us / 1000.0",
    "duration_ms": "i.duration_us / 1000.0",
}
_FIELDS = InteractionRow.__struct_fields__
COLUMNS = ", ".join(_EXPRESSIONS.get(name, f"i.{name}") for name in _FIELDS)

_LIST = f"SELECT {COLUMNS} FROM interactions AS i"  # noqa: S608 — made of our own names alone
_NEWEST_FIRST = "ORDER BY i.started_utc DESC, i.seq DESC"

# Two ordered lists, one by each index, rather than an OR that would sort all that a common model ever answered.
_OF_MODEL = """
i.seq IN (
  SELECT seq FROM (SELECT i.seq FROM interactions AS i WHERE {asked} {order} LIMIT :limit)
  UNION
  SELECT seq FROM (SELECT i.seq FROM interactions AS i WHERE {answered} {order} LIMIT :limit)
)
"""

_FOLLOW = f"""
SELECT i.seq, '{RecordKind.OPENED}', {COLUMNS} FROM interactions AS i WHERE i.seq > :after
UNION ALL
SELECT i.closed_seq, '{RecordKind.CLOSED}', {COLUMNS} FROM interactions AS i WHERE i.closed_seq > :after
ORDER BY 1 LIMIT :limit
"""  # noqa: S608 — made of our own names alone

_MOST_NAMED = 3
"""How many interactions an error about an ambiguous id names."""


def list_interactions(
    db: Database, *, model: str | None = None, limit: int | None = None, **filters: Unpack[Filters]
) -> list[InteractionRow]:
    """Return the interactions that match all filters given, newest first; with `limit`, so many of the newest.

    `model` matches the one asked for and the one that answered.
    """
    conditions, parameters = conditions_of(filters)
    parameters |= {"limit": -1 if limit is None else limit, "model": model}
    if model is not None:
        conditions = [_of_model(conditions)]
    sql = f"{_LIST} {where(conditions)} {_NEWEST_FIRST} LIMIT :limit"
    with reading():
        return [read_row(row) for row in db.execute(sql, parameters)]


def get_interaction(db: Database, id_prefix: str) -> InteractionRow:
    """Return the interaction with this id, or the only one whose id begins so.

    Raises StoreError when there is none, or more than one and none of exactly this id.
    """
    sql = f"{_LIST} WHERE i.id >= ? AND i.id < ? ORDER BY i.id LIMIT ?"
    with reading():
        rows = [read_row(row) for row in db.execute(sql, (*prefix_range(id_prefix), _MOST_NAMED + 1))]
    if not id_prefix or not rows:
        raise StoreError(f"no interaction has an id that begins with {id_prefix!r}")
    # The exact one sorts before all that it is a prefix of.
    if len(rows) > 1 and rows[0].id != id_prefix:
        named = ", ".join(row.id for row in rows[:_MOST_NAMED])
        raise StoreError(
            f"several interactions have an id that begins with {id_prefix!r}: {named}, ...; give more of it"
        )
    return rows[0]


def follow(db: Database, after_seq: int, limit: int = 1000) -> list[Followed]:
    """Return what was opened or closed by records after number `after_seq`, in their order, at most `limit`.

    An interaction that was both is there twice, each time as it stands now. To go on, give the last `seq` again.
    """
    with reading():
        rows = db.execute(_FOLLOW, {"after": after_seq, "limit": limit}).fetchall()
        events = [Followed(row[0], RecordKind(row[1]), read_row(row[2:])) for row in rows]
        return [_with_outbound(db, event) if event.kind is RecordKind.OPENED else event for event in events]


def _of_model(conditions: list[str]) -> str:
    return _OF_MODEL.format(
        asked=" AND ".join(["i.model = :model", *conditions]),
        answered=" AND ".join(["i.model_answered = :model", *conditions]),
        order=_NEWEST_FIRST,
    )


def _with_outbound(db: Database, event: Followed) -> Followed:
    if not event.row.findings:
        return event
    body, base = db.execute("SELECT body, base FROM records WHERE seq = ?", (event.seq,)).fetchone()
    said = msgspec.json.decode(BodyReader(db).text(body, base), type=_Outbound)
    return msgspec.structs.replace(event, outbound=said.outbound)


class _Outbound(msgspec.Struct):
    """The member of an `opened` record that tells of secrets that were about to leave."""

    outbound: tuple[OutboundSecret, ...] = ()


def read_row(values: Sequence[Any]) -> InteractionRow:
    """Make a row of the values of `COLUMNS`."""
    row = dict(zip(_FIELDS, values, strict=True))
    if row["streaming"] is not None:  # SQLite has no booleans
        row["streaming"] = bool(row["streaming"])
    return InteractionRow(**row)
