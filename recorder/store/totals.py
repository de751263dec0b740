"""Sums of interactions that have ended, by day and all that usage and sessions group by: `records.db.totals`.

A million interactions make some ten thousand rows, and sums over these are exact: tokens are integers, money is
summed by `decimal.Decimal`. Where one column beside the day is asked for, there are sums by it alone, which are fewer.
What is still open, what has ended since, and the days that a filter cuts through are taken
from the interactions themselves. Without the file, all are.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from sqlite_utils import Database

from recorder.store.beside import Beside
from recorder.store.database import attach, reading
from recorder.store.filters import Filters, conditions_of, where
from recorder.store.records import last_seq
from recorder.store.sums import EXACT, TOKENS, UNKNOWN_COST

_GROUPED = (
    "day",
    "session_id",
    "agent_id",
    "agent_type",
    "project",
    "team",
    "user",
    "access_key",
    "provider",
    "model",
    "flow_class",
)
_COUNTED = ("interactions", "failed", "tool_calls", "findings", "unknown_costs", *TOKENS)
COLUMNS = (*_GROUPED, *_COUNTED, "cost_usd", "started_utc", "last")
"""What a source has. `model` is the one that answered, else the one asked for; `last` is the time of the newest
interaction and, behind it, a JSON array of what that one says: project, user, client."""

_FROM_INTERACTIONS = {
    "day": "substr(i.started_utc, 1, 10)",
    "model": "coalesce(i.model_answered, i.model)",
    "interactions": "1",
    "failed": "i.state NOT IN ('open', 'complete')",
    "unknown_costs": f"coalesce({UNKNOWN_COST}, 0)",
    "last": "i.started_utc || json_array(i.project, i.user, i.client)",
}
_SELECTED = ", ".join(f"{_FROM_INTERACTIONS.get(name, f'i.{name}')} AS {name}" for name in COLUMNS)
_INTERACTIONS = f"SELECT {_SELECTED} FROM interactions AS i"  # noqa: S608 — made of our own names alone
_TOTALS = f"SELECT {', '.join(f'i.{name}' for name in COLUMNS)} FROM totals.{{table}} AS i"  # noqa: S608 — the same

_DIMENSIONS = ("provider", "model", "project", "team", "user", "access_key")
"""Columns with sums of their own; the first has the fewest values."""
_TABLES = (
    f"CREATE TABLE totals (key TEXT PRIMARY KEY, {', '.join(COLUMNS)}) WITHOUT ROWID",
    "CREATE INDEX totals_day ON totals(day)",
    "CREATE INDEX totals_last ON totals(last)",
    "CREATE INDEX totals_session ON totals(session_id)",
    *(f"CREATE TABLE by_{name} (key TEXT PRIMARY KEY, {', '.join(COLUMNS)}) WITHOUT ROWID" for name in _DIMENSIONS),
)
_BESIDE = Beside("totals", 4, _TABLES)
_STEP = 20_000
_READ = f"{_INTERACTIONS} WHERE i.closed_seq > ? AND i.closed_seq <= ?"
_FIND = f"SELECT {', '.join(COLUMNS)} FROM {{table}} WHERE key = ?"  # noqa: S608 — the same
_PUT = f"INSERT OR REPLACE INTO {{table}} VALUES ({', '.join('?' * (len(COLUMNS) + 1))})"  # noqa: S608 — the same
_MIDNIGHT = "T00:00:00.000Z"

_SUMMED = "(SELECT seq FROM totals.state)"
"""In the very statement: another reader may add to the sums before it."""

type _Row = dict[str, Any]


class Sources(msgspec.Struct, frozen=True):
    """Rows with `COLUMNS` over all interactions that match: SQL for a FROM clause, with its parameters."""

    sql: str
    parameters: dict[str, Any]
    newest: str
    """The same, but of the sums the `:rows` with the newest interactions alone; -1: all."""


def forget_totals(db_path: Path) -> None:
    """Delete the sums; the next who asks makes them anew."""
    _BESIDE.forget(db_path)


def sum_up(db: Database, progress: Callable[[int, int], None]) -> None:
    """Bring the sums up to date, as `sources` does; `progress` is told how many records of how many are done.

    For whoever has somebody waiting: the first sums over a million interactions take some ten seconds.
    """
    if not db.conn.in_transaction and (path := _file(db)):
        _update(db, path, progress)


def sources(db: Database, filters: Filters, *, model: str | None = None, by: str = "") -> Sources:
    """Bring the sums up to date and choose where each interaction that matches is counted, once.

    `by`: the only one of the columns that is read beside `day` and the sums; all of them are good otherwise.
    """
    conditions, parameters = conditions_of(filters)
    if model is not None:
        conditions.append(f"{_FROM_INTERACTIONS['model']} = :model")
        parameters["model"] = model
    # The sums may be past the moment that a transaction sees.
    path = None if db.conn.in_transaction else _file(db)
    if path is None or filters.get("state") is not None or not _update(db, path):
        every = f"({_INTERACTIONS} {where(conditions)})"
        return Sources(every, parameters, every)
    kept = [one for one in conditions if "started_utc" not in one]
    rolled = [one.replace(_FROM_INTERACTIONS["model"], "i.model") for one in kept]
    given = [f"+{one}" for one in conditions]  # the plus: no index is to find them, the other condition's is to
    selects = [
        f"{_INTERACTIONS} {where(['i.closed_seq IS NULL', *given])}",
        f"{_INTERACTIONS} {where([f'i.closed_seq > {_SUMMED}', *given])}",
        *(f"{_INTERACTIONS} {where([edge, f'+i.closed_seq <= {_SUMMED}', *given])}" for edge in _edges(parameters)),
    ]
    summed = f"{_TOTALS.format(table=_table(parameters, by))} {where([*_days(parameters), *rolled])}"
    newest = f"SELECT * FROM ({summed} ORDER BY i.last DESC LIMIT :rows)"  # noqa: S608 — the same
    return Sources(
        sql=f"({' UNION ALL '.join([*selects, summed])})",
        parameters=parameters,
        newest=f"({' UNION ALL '.join([*selects, newest])})",
    )


def of_sessions(low: str, high: str) -> Sources:
    """Choose the interactions of the sessions with ids from `low` on and before `high`, one by one."""
    conditions = ["i.session_id >= :low", "i.session_id < :high"]
    every = f"({_INTERACTIONS} {where(conditions)})"
    return Sources(every, {"low": low, "high": high}, every)


def _table(parameters: dict[str, Any], by: str) -> str:
    """Name the smallest table that has all that is asked for."""
    wanted = ({by} | parameters.keys()) - {"day", "since", "until", "flow_class"}
    match sorted(wanted):
        case []:
            return f"by_{_DIMENSIONS[0]}"
        case [name] if name in _DIMENSIONS:
            return f"by_{name}"
        case _:
            return "totals"


def _edges(parameters: dict[str, Any]) -> Iterator[str]:
    """Name the days that `since` and `until` cut through, as ranges of an index."""
    times = [parameters[name] for name in ("since", "until") if name in parameters]
    days = {time[:10] for time in times if not time.endswith(_MIDNIGHT)}
    for day in sorted(days):
        after = (date.fromisoformat(day) + timedelta(days=1)).isoformat()
        yield f"i.started_utc >= '{day}' AND i.started_utc < '{after}'"


def _days(parameters: dict[str, Any]) -> Iterator[str]:
    if "since" in parameters:
        since = parameters["since"]
        yield f"i.day {'>=' if since.endswith(_MIDNIGHT) else '>'} '{since[:10]}'"
    if "until" in parameters:
        yield f"i.day < '{parameters['until'][:10]}'"


def _file(db: Database) -> Path | None:
    """Return the path of the database that a connection reads; None for one in memory."""
    name = next((file for _, schema, file in db.execute("PRAGMA database_list") if schema == "main"), "")
    return Path(name) if name else None


def _update(db: Database, path: Path, progress: Callable[[int, int], None] = lambda _done, _total: None) -> bool:
    """Add what has ended since; False where there is no such file, and none can be written."""
    totals = _BESIDE.open(db, path)
    if totals is None:
        return False
    try:
        until = last_seq(db)
        with reading():
            (after,) = totals.execute("SELECT seq FROM state").fetchone()
            while after < until:
                after = _add(db, totals, until)
                if after < until:
                    progress(after, until)
        attach(db, _BESIDE.path(path), "totals")
    finally:
        totals.close()
    return True


def _add(db: Database, totals: Database, until: int) -> int:
    """Add one transaction's worth; another reader may have come further meanwhile."""
    totals.execute("BEGIN IMMEDIATE")
    try:
        (after,) = totals.execute("SELECT seq FROM state").fetchone()
        upto = min(after + _STEP, until)
        new: dict[str, _Row] = {}
        for values in db.execute(_READ, (after, upto)):
            row = dict(zip(COLUMNS, values, strict=True))
            key = _key(row, _GROUPED)
            new[key] = _merged(new.get(key), row)
        _put(totals, "totals", new)
        for name in _DIMENSIONS:
            _put(totals, f"by_{name}", _rolled(new.values(), ("day", name, "flow_class")))
        totals.execute("UPDATE state SET seq = ?", (max(after, upto),))
    except BaseException:
        totals.execute("ROLLBACK")
        raise
    totals.execute("COMMIT")
    return int(max(after, upto))


def _key(row: _Row, names: Iterable[str]) -> str:
    return msgspec.json.encode([row[name] for name in names]).decode()


def _rolled(rows: Iterable[_Row], names: tuple[str, ...]) -> dict[str, _Row]:
    """Sum rows up by a few of the columns; in the others there is nothing then."""
    sums: dict[str, _Row] = {}
    nothing = {name: None for name in _GROUPED if name not in names}
    for row in rows:
        key = _key(row, names)
        sums[key] = _merged(sums.get(key), row | nothing)
    return sums


def _put(totals: Database, table: str, new: dict[str, _Row]) -> None:
    """Add to what is there."""
    sums = {key: _merged(_found(totals, table, key), row) for key, row in new.items()}
    rows = [(key, *(row[name] for name in COLUMNS)) for key, row in sums.items()]
    totals.conn.executemany(_PUT.format(table=table), rows)


def _found(totals: Database, table: str, key: str) -> _Row | None:
    values = totals.execute(_FIND.format(table=table), (key,)).fetchone()
    return None if values is None else dict(zip(COLUMNS, values, strict=True))


def _merged(sums: _Row | None, row: _Row) -> _Row:
    if sums is None:
        return {name: value or 0 for name, value in row.items() if name in _COUNTED} | {
            name: row[name] for name in (*_GROUPED, "cost_usd", "started_utc", "last")
        }
    for name in _COUNTED:
        sums[name] += row[name] or 0
    if row["cost_usd"] is not None:
        spent = EXACT.add(Decimal(sums["cost_usd"] or 0), Decimal(row["cost_usd"]))
        sums["cost_usd"] = format(spent, "f")
    sums["started_utc"] = min(sums["started_utc"], row["started_utc"])
    sums["last"] = max(sums["last"], row["last"])
    return sums
