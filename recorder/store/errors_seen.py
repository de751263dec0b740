"""What went wrong, grouped by how it ended: state, HTTP status, the error's type, who answered."""

from collections.abc import Sequence
from typing import Any, Unpack

from sqlite_utils import Database

from recorder.store.blocks import Contents
from recorder.store.database import reading
from recorder.store.filters import ENDED_BADLY, Filters, conditions_of, where
from recorder.store.results import ErrorRow
from recorder.store.sums import MODEL_USED

# `last` is the time of the newest and, behind it, its number: the maximum finds both at once.
_GROUPS = """
SELECT i.state, i.status, i.error_type, i.provider, count(*), min(i.started_utc), max(i.started_utc || i.seq),
  count(DISTINCT i.session_id), count(i.retry_of)
FROM interactions AS i {where}
GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC, 7 DESC LIMIT :limit
"""
_LAST = f"""
SELECT i.id, {MODEL_USED}, i.state_reason, p.id
FROM interactions AS i LEFT JOIN parts AS p ON p.id = i.error_message AND p.content IS NOT NULL WHERE i.seq = ?
"""  # noqa: S608 — made of our own names alone
_UTC_LENGTH = len("2026-11-23T12:34:56.789Z")


def errors_seen(
    db: Database, *, model: str | None = None, limit: int | None = None, **filters: Unpack[Filters]
) -> list[ErrorRow]:
    """Return the ways in which interactions ended other than complete, the most frequent first."""
    conditions, parameters = conditions_of(filters)
    conditions.append(ENDED_BADLY)
    if model is not None:
        conditions.append("(i.model = :model OR i.model_answered = :model)")
    parameters |= {"model": model, "limit": -1 if limit is None else limit}
    with reading():
        groups = db.execute(_GROUPS.format(where=where(conditions)), parameters).fetchall()
        return [_row(db, group) for group in groups]


def _row(db: Database, group: Sequence[Any]) -> ErrorRow:
    state, status, error_type, provider, count, first_utc, last, sessions, retries = group
    last_id, model, reason, message = db.execute(_LAST, (int(last[_UTC_LENGTH:]),)).fetchone()
    return ErrorRow(
        state=state,
        status=status,
        error_type=error_type,
        provider=provider,
        interactions=count,
        sessions=sessions,
        retries=retries,
        first_utc=first_utc,
        last_utc=last[:_UTC_LENGTH],
        last_id=last_id,
        last_model=model,
        last_reason=reason,
        last_message=None if message is None else Contents(db).get(message).decode(),
    )
