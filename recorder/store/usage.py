"""Tokens and cost, summed by a key."""

from decimal import Decimal
from typing import Literal, Unpack

from sqlite_utils import Database

from recorder.store.database import reading
from recorder.store.filters import Filters
from recorder.store.results import UsageRow
from recorder.store.sums import SUMS_OF_SUMS, register_decimal_sum
from recorder.store.totals import sources

type Grouping = Literal["day", "model", "project", "session", "provider", "agent", "team", "user", "key"]

_KEYS: dict[str, str] = {
    "day": "i.day",
    "model": "i.model",
    "project": "i.project",
    "team": "i.team",
    "user": "i.user",
    "key": "i.access_key",
    "session": "i.session_id",
    "provider": "i.provider",
    "agent": "CASE WHEN i.agent_id IS NULL THEN 'main' ELSE coalesce(i.agent_type, 'subagent') END",
}

GROUPINGS = tuple(_KEYS)

_SPENT = """
decimal_sum(i.cost_usd), coalesce(sum(i.input_tokens + i.output_tokens + coalesce(i.cache_read_tokens, 0)), 0)
"""


def usage_by(db: Database, by: Grouping, *, model: str | None = None, **filters: Unpack[Filters]) -> list[UsageRow]:
    """Return the sums over all interactions that match, by key, in the keys' order (those without a key first).

    `day` is a day of UTC (`2026-11-23`) by the start of the request; `model` the one that answered, else the one asked
    for, and the filter `model` means the same; `agent` is `main` or the type of the subagent; `key` the id of the
    recorder's own key.
    """
    source = sources(db, filters, model=model, by=_KEYS[by].removeprefix("i."))
    sql = f"SELECT {_KEYS[by]} AS key, {SUMS_OF_SUMS} FROM {source.sql} AS i GROUP BY 1 ORDER BY 1"  # noqa: S608 — all of it is ours
    with reading():
        register_decimal_sum(db)
        cursor = db.execute(sql, source.parameters)
        names = [column[0] for column in cursor.description]
        return [UsageRow(**dict(zip(names, row, strict=True))) for row in cursor]


def usage_trend(
    db: Database, by: Grouping, *, model: str | None = None, **filters: Unpack[Filters]
) -> dict[str | None, dict[str, Decimal]]:
    """Return for each key of `usage_by` what was spent on each day of UTC: known costs; tokens where none is known."""
    source = sources(db, filters, model=model, by=_KEYS[by].removeprefix("i."))
    sql = f"SELECT {_KEYS[by]}, i.day, {_SPENT} FROM {source.sql} AS i GROUP BY 1, 2"  # noqa: S608 — all of it is ours
    with reading():
        register_decimal_sum(db)
        rows = db.execute(sql, source.parameters).fetchall()
    is_known = any(Decimal(cost) for _, _, cost, _ in rows)
    trend: dict[str | None, dict[str, Decimal]] = {}
    for key, day, cost, tokens in rows:
        trend.setdefault(key, {})[day] = Decimal(cost) if is_known else Decimal(tokens)
    return trend
