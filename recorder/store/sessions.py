"""Sessions: the interactions that belong together, summed up; each list is one query."""

import json
from typing import Any, Unpack

import msgspec
from sqlite_utils import Database

from recorder.errors import StoreError
from recorder.store.database import reading
from recorder.store.filters import Filters, prefix_range
from recorder.store.results import SessionRow
from recorder.store.sums import SUMS_OF_SUMS, register_decimal_sum
from recorder.store.totals import Sources, of_sessions, sources

_FIELDS = SessionRow.__struct_fields__
_UTC_LENGTH = len("2026-11-23T12:34:56.789Z")
_MOST_NAMED = 3

# `last` is the time of the last interaction and, behind it, what that one says: the maximum finds both at once.
_SESSIONS = f"""
SELECT
  i.session_id AS id,
  max(i.last) AS last,
  json_group_array(DISTINCT i.model) AS models,
  min(i.started_utc) AS started_utc,
  sum(i.failed) AS failed,
  count(DISTINCT i.agent_id) AS agents,
  sum(i.tool_calls) AS tool_calls,
  sum(i.findings) AS findings,
  {SUMS_OF_SUMS}
FROM {{source}} AS i {{where}}
GROUP BY i.session_id ORDER BY max(substr(i.last, 1, {_UTC_LENGTH})) DESC, i.session_id LIMIT :limit
"""  # noqa: S608 — made of our own names alone

# Summing up all sessions to show the newest fifty takes most of a second where there are fifty thousand.
_NEWEST = f"""
SELECT i.session_id FROM {{source}} AS i
GROUP BY i.session_id ORDER BY max(substr(i.last, 1, {_UTC_LENGTH})) DESC, i.session_id LIMIT :limit
"""  # noqa: S608 — the same
_SUMS_OF_A_SESSION = 8
"""Days, agents and models that most sessions have."""
_AMONG = "WHERE i.session_id IN (SELECT value FROM json_each(:ids))"


def list_sessions(db: Database, *, limit: int | None = None, **filters: Unpack[Filters]) -> list[SessionRow]:
    """Return the sessions, the one with the newest interaction first; the filters choose the interactions that count.

    Interactions that name no session make up one of their own, with the id None.
    """
    source = sources(db, filters)
    return _select(db, source, -1) if limit is None else _newest(db, source, limit)


def get_session(db: Database, id_prefix: str) -> SessionRow:
    """Return the session with this id, or the only one whose id begins so.

    Raises StoreError when there is none, or more than one and none of exactly this id.
    """
    rows = _select(db, of_sessions(*prefix_range(id_prefix)), _MOST_NAMED + 1) if id_prefix else []
    if not rows:
        raise StoreError(f"no session has an id that begins with {id_prefix!r}")
    exact = [row for row in rows if row.id == id_prefix]
    if len(rows) > 1 and not exact:
        named = ", ".join(str(row.id) for row in rows[:_MOST_NAMED])
        raise StoreError(f"several sessions have an id that begins with {id_prefix!r}: {named}; give more of it")
    return (exact or rows)[0]


def _newest(db: Database, source: Sources, limit: int) -> list[SessionRow]:
    found: list[tuple[str | None]] = []
    for rows in (_SUMS_OF_A_SESSION * limit, -1):  # where the newest sums are of too few sessions, all of them
        with reading():
            parameters = source.parameters | {"limit": limit, "rows": rows}
            found = db.execute(_NEWEST.format(source=source.newest), parameters).fetchall()
        if len(found) == limit:
            break
    ids = [id_ for (id_,) in found if id_ is not None]
    chosen = f"{_AMONG} OR i.session_id IS NULL" if len(ids) < len(found) else _AMONG
    parameters = source.parameters | {"ids": json.dumps(ids)}
    return _select(db, msgspec.structs.replace(source, parameters=parameters), limit, chosen)


def _select(db: Database, source: Sources, limit: int, chosen: str = "") -> list[SessionRow]:
    with reading():
        register_decimal_sum(db)
        sql = _SESSIONS.format(source=source.sql, where=chosen)
        cursor = db.execute(sql, source.parameters | {"limit": limit})
        names = [column[0] for column in cursor.description]
        return [_row(dict(zip(names, values, strict=True))) for values in cursor]


def _row(row: dict[str, Any]) -> SessionRow:
    last = row["last"]
    row["last_utc"] = last[:_UTC_LENGTH]
    row["project"], row["user"], row["client"] = json.loads(last[_UTC_LENGTH:])
    row["models"] = tuple(sorted(model for model in json.loads(row["models"]) if model is not None))
    return SessionRow(**{name: row[name] for name in _FIELDS})
