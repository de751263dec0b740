"""What is new in a request against the one that it goes on from.

Strategy. In one session and agent, calls of several conversations alternate: the main one, and helpers for titles and
summaries. The request before is therefore the one among the last few that shares the longest beginning of its messages,
the latest of those; when none shares any, the latest. The beginning is found by walking up each candidate's chain until
it meets this one's, which takes a step or two where one conversation goes on.

An element is new when the request before has not got it that often: when someone says "go on" twice, the second is new.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlite_utils import Database

from recorder.model import FlowClass, Slot
from recorder.store.blocks import Contents
from recorder.store.content import columns, elements, part_ids
from recorder.store.database import reading
from recorder.store.lists import Lists, News, Thread
from recorder.store.results import PartRow

_CANDIDATES = 20

_BEFORE = """
WITH RECURSIVE
mine(id, parent) AS (
  SELECT id, parent FROM chains WHERE id = :head
  UNION ALL
  SELECT c.id, c.parent FROM chains AS c JOIN mine ON c.id = mine.parent
),
candidates AS (
  SELECT seq, messages_chain FROM interactions
  WHERE session_id = :session_id AND agent_id IS :agent_id AND seq < :seq AND flow_class = :flow_class
  ORDER BY seq DESC LIMIT :candidates
),
walk(seq, node) AS (
  SELECT seq, messages_chain FROM candidates
  UNION ALL
  SELECT walk.seq, c.parent FROM walk JOIN chains AS c ON c.id = walk.node WHERE walk.node NOT IN (SELECT id FROM mine)
)
SELECT i.id, i.system_chain, i.tools_chain, i.messages_chain
FROM candidates JOIN interactions AS i ON i.seq = candidates.seq
LEFT JOIN walk ON walk.seq = candidates.seq AND walk.node IN (SELECT id FROM mine)
LEFT JOIN chains AS shared ON shared.id = walk.node
ORDER BY coalesce(shared.position, -1) DESC, candidates.seq DESC LIMIT 1
"""


def request_parts(db: Database, id_prefix: str) -> dict[Slot, list[PartRow]]:
    """Return the elements of the request's three lists, in order, each with whether it is new.

    Takes an id or the beginning of one. Raises StoreError when there is no such interaction or content was erased.
    """
    row = _row(db, id_prefix)
    _, *before = _before(db, row)
    return {
        slot: _marked(db, row[column], chain)
        for slot, column, chain in zip(Slot, _chain_columns(), before, strict=True)
    }


def request_part_ids(db: Database, id_prefix: str) -> dict[Slot, list[int]]:
    """Return the ids of the elements of the request's three lists, in order.

    Takes an id or the beginning of one. Raises StoreError when there is no such interaction.
    """
    row = _row(db, id_prefix)
    return {slot: part_ids(db, row[column]) for slot, column in zip(Slot, _chain_columns(), strict=True)}


def read_parts(db: Database, ids: Iterable[int]) -> list[tuple[str | None, bytes]]:
    """Return role and content of parts, in the order given. Raises StoreError when one was erased."""
    contents = Contents(db)
    with reading():
        return [
            (db.execute("SELECT role FROM parts WHERE id = ?", (id_,)).fetchone()[0], contents.get(id_)) for id_ in ids
        ]


def requests_before(db: Database, session_id: str) -> dict[str, str | None]:
    """Return what `request_before` says of all model calls of a session, by id."""
    heads = ", ".join(_chain_columns())
    sql = f"SELECT id, seq, agent_id, {heads} FROM interactions WHERE session_id = ? AND flow_class = ? ORDER BY seq"  # noqa: S608 — our names
    lists, found = Lists(db), dict[str, str | None]()
    news, ids = News(db, lists, every=True), dict[int, str]()
    with reading():
        for id_, seq, agent_id, *chains in db.execute(sql, (session_id, FlowClass.MODEL)).fetchall():
            ids[seq] = id_
            before = news.before(
                seq, Thread(session_id, agent_id, FlowClass.MODEL), dict(zip(Slot, chains, strict=True))
            )
            found[id_] = None if before is None else ids[before]
    return found


def request_before(db: Database, id_prefix: str) -> str | None:
    """Return the id of the interaction that this one goes on from; None when it is the first of its kind.

    Takes an id or the beginning of one. Raises StoreError when there is no such interaction.
    """
    found: str | None = _before(db, _row(db, id_prefix))[0]
    return found


def _row(db: Database, id_prefix: str) -> dict[str, Any]:
    return columns(db, id_prefix, "seq", "session_id", "agent_id", "flow_class", *_chain_columns())


def _before(db: Database, row: dict[str, Any]) -> tuple[Any, ...]:
    """Find the request before: its id, then its chains, by slot."""
    with reading():
        parameters = row | {"head": row["messages_chain"], "candidates": _CANDIDATES}
        found: tuple[Any, ...] | None = db.execute(_BEFORE, parameters).fetchone()
    return found or (None,) * (1 + len(Slot))


def _chain_columns() -> list[str]:
    return [f"{slot}_chain" for slot in Slot]


def _marked(db: Database, chain: int | None, before: int | None) -> list[PartRow]:
    old = Counter(part_ids(db, before))
    rows = []
    for element in elements(db, chain):
        is_new = old[element.part_id] == 0
        if not is_new:
            old[element.part_id] -= 1
        rows.append(
            PartRow(
                position=element.position,
                part_id=element.part_id,
                kind=element.kind,
                role=element.role,
                content=element.content,
                new=is_new,
            )
        )
    return rows
