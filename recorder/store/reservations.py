"""What requests under way hold of budgets and rates, and what closed interactions have spent.

A reservation is made before its request is sent, by whoever lets it through, and is gone in the very transaction that
records its end: what it used stands in `interactions` from then on. So nothing is counted twice or not at all, whoever
dies when. Buckets are put right in the same transaction. A counter is named by a keyed hash: whose it is, is not told.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from sqlite_utils import Database

from recorder.model import State
from recorder.policy.bucket import Bucket
from recorder.policy.spending import Amounts, Spent
from recorder.policy.subject import MAIN, NOBODY, Subject
from recorder.store.database import open_writer, reading, transaction

RATE = "rate:"
"""What the units of rates begin with."""
STREAMS = f"{RATE}streams"

_COLUMNS = {"user": "i.user", "team": "i.team", "project": "i.project", "session": "i.session_id"}
_COLUMNS |= {"agent": "i.agent_id", "model": "i.model", "provider": "i.provider", "key": "i.access_key"}
_NULL = {"agent": MAIN}
_SPENT = """
SELECT i.closed_seq, i.id, i.started_utc, i.user, i.team, i.project, i.session_id, i.agent_id, i.agent_type, i.model,
  i.provider, i.access_key, i.state, i.state_reason, i.cost_usd,
  i.input_tokens + coalesce(i.cache_read_tokens, 0) + coalesce(i.cache_write_5m_tokens, 0)
    + coalesce(i.cache_write_1h_tokens, 0),
  i.output_tokens, i.reserved_usd, i.reserved_input_tokens, i.reserved_output_tokens, coalesce(i.sent_to, i.host),
  i.request_bytes
FROM interactions AS i
"""


class Reservation(msgspec.Struct, frozen=True, kw_only=True):
    """What one request holds of one counter."""

    counter: bytes
    unit: str
    most: Decimal
    expected: Decimal


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What requests hold of a counter."""

    most: Decimal = Decimal(0)
    """Of those under way: at most."""
    ended: Decimal = Decimal(0)
    """Of those that ended without a record: as expected."""
    under_way: int = 0


class Reservations:
    """The reservations, buckets and spending in one database; for use by one thread."""

    def __init__(self, db: Database) -> None:
        """`db`: of `open_writer`; of `open_reader` for what only reads."""
        self._db = db

    def at_once(self) -> AbstractContextManager[None]:
        """Run a block in which nobody else writes; all of it is done or nothing."""
        return transaction(self._db)

    def last_seq(self) -> int:
        """Return the number of the last record."""
        with reading():
            seq: int = self._db.execute("SELECT coalesce(max(seq), 0) FROM records").fetchone()[0]
            return seq

    def spent_after(self, seq: int, upto: int | None = None) -> Iterator[tuple[str, Spent]]:
        """Give the model calls, with their ids, that records after `seq` (and up to `upto`) closed, in their order."""
        sql = f"{_SPENT} WHERE i.closed_seq > ? AND i.closed_seq <= ? AND i.flow_class = 'model' ORDER BY i.closed_seq"
        return self._spent(sql, (seq, 2**62 if upto is None else upto))

    def spent_since(self, since_us: int, upto: int, values: Mapping[str, str]) -> Iterator[tuple[str, Spent]]:
        """Give the model calls that began at a time or later and were closed by records up to `upto`.

        `values`: what these names (user, team, ..., provider) are, as `Subject` and `Scope` have it.
        """
        conditions = ["i.started_utc >= ?", "i.closed_seq <= ?", "i.flow_class = 'model'"]
        conditions += [_condition(name, text) for name, text in values.items()]
        return self._spent(f"{_SPENT} WHERE {' AND '.join(conditions)}", (_utc(since_us), upto, *values.values()))

    def _spent(self, sql: str, parameters: Sequence[Any]) -> Iterator[tuple[str, Spent]]:
        with reading():
            for row in self._db.execute(sql, tuple(parameters)):
                yield row[1], _spent(row)

    def held(self, counter: bytes, since_us: int) -> Held:
        """Return what requests hold of a counter; of those without a record, what began at a time or later."""
        sql = "SELECT most, expected, ended FROM reservations WHERE counter = ? AND (ended = 0 OR at_us >= ?)"
        with reading():
            rows = self._db.execute(sql, (counter, since_us)).fetchall()
        live = [Decimal(most) for most, _, ended in rows if not ended]
        gone = [Decimal(expected) for _, expected, ended in rows if ended]
        return Held(most=sum(live, Decimal(0)), ended=sum(gone, Decimal(0)), under_way=len(live))

    def bucket(self, counter: bytes) -> Bucket | None:
        """Return a bucket; None: never used."""
        with reading():
            row = self._db.execute("SELECT level, at_us FROM buckets WHERE counter = ?", (counter,)).fetchone()
        return Bucket(*row) if row else None

    def put(self, counter: bytes, bucket: Bucket) -> None:
        """Keep a bucket."""
        self._db.execute("REPLACE INTO buckets VALUES (?, ?, ?)", (counter, bucket.level, bucket.at_us))

    def reserve(self, interaction: str, run_id: str, at_us: int, reservations: Iterable[Reservation]) -> None:
        """Keep what a request holds."""
        self._db.conn.executemany(
            "INSERT INTO reservations (interaction, run_id, counter, unit, most, expected, at_us)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (interaction, run_id, one.counter, one.unit, str(one.most), str(one.expected), at_us)
                for one in reservations
            ],
        )

    def runs(self) -> list[str]:
        """Return the ids of the runs that have requests under way."""
        with reading():
            rows = self._db.execute("SELECT DISTINCT run_id FROM reservations WHERE ended = 0").fetchall()
        return [run_id for (run_id,) in rows]

    def holds(self, interaction: str) -> bool:
        """Say whether a request holds anything still."""
        with reading():
            sql = "SELECT 1 FROM reservations WHERE interaction = ? AND ended = 0"
            return self._db.execute(sql, (interaction,)).fetchone() is not None

    def release(self, interaction: str) -> None:
        """Give back all that a request holds: it was never sent."""
        settle(self._db, interaction, None)

    def give_up(self, run_id: str) -> None:
        """End all that a run, which is gone, had under way."""
        give_up(self._db, run_id)

    def end(self, interaction: str) -> None:
        """A request ended without a record: what was expected of it stays spent."""
        _end(self._db, "interaction = ?", interaction)

    def forget_before(self, at_us: int) -> None:
        """Let go of what ended without a record, and of buckets, before a time that no window reaches back to."""
        self._db.execute("DELETE FROM reservations WHERE ended = 1 AND at_us < ?", (at_us,))
        self._db.execute("DELETE FROM buckets WHERE at_us < ?", (at_us,))

    def close(self) -> None:
        """Close the database."""
        self._db.close()


def open_reservations(path: Path) -> Reservations:
    """Open the reservations of a database to write. Raises StoreError as `open_writer` does.

    A commit need not reach the disk: after a loss of power no request is under way, and what recorders left open is
    closed with what was expected of it, which stands in its opened record.
    """
    db = open_writer(path)
    db.execute("PRAGMA synchronous = NORMAL")
    return Reservations(db)


def give_up(db: Database, run_id: str) -> None:
    """End all that a run, which is gone, had under way: nobody knows what it used, so what was expected counts."""
    _end(db, "run_id = ?", run_id)


def settle(db: Database, interaction: str, used: Mapping[str, int] | None) -> None:
    """Take away what a request held, within a transaction; its buckets get what it did not use.

    `used`: tokens by unit, as `used_tokens` gives them; None: it was never sent, and gets back all.
    """
    rows = db.execute(
        "SELECT counter, unit, expected FROM reservations WHERE interaction = ?", (interaction,)
    ).fetchall()
    for counter, unit, expected in rows:
        taken = float(expected)
        rest = taken if used is None else taken - used.get(unit.removeprefix(RATE), taken)
        if unit.startswith(RATE) and unit != STREAMS and rest:
            db.execute("UPDATE buckets SET level = level + ? WHERE counter = ?", (rest, counter))
    if rows:
        db.execute("DELETE FROM reservations WHERE interaction = ?", (interaction,))


def used_tokens(closed: Mapping[str, Any]) -> dict[str, int]:
    """Return what the body of a `closed` record says was used, by unit; what it does not say is not there."""
    usage: Mapping[str, Any] | None = closed.get("usage")
    if usage is None:
        return {} if closed.get("state") != State.FAILED else {"input_tokens": 0, "output_tokens": 0}
    names = ("input_tokens", "cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens")
    used = {"input_tokens": sum(int(usage.get(name, 0)) for name in names)}
    # The output of an answer that broke off is not known: it said so at its beginning.
    return (
        used if closed.get("state") != State.COMPLETE else used | {"output_tokens": int(usage.get("output_tokens", 0))}
    )


def _end(db: Database, condition: str, value: str) -> None:
    db.execute(f"DELETE FROM reservations WHERE {condition} AND unit LIKE '{RATE}%'", (value,))  # noqa: S608 -- ours
    db.execute(f"UPDATE reservations SET ended = 1 WHERE {condition}", (value,))  # noqa: S608 -- ours


def _spent(row: Sequence[Any]) -> Spent:
    names = ("user", "team", "project", "session", "agent_id", "agent_type", "model", "provider", "key")
    state, reason, usd, prompt, output, reserved_usd, reserved_input, reserved_output, host, size = row[12:]
    expected = None
    if reserved_input is not None:
        expected = Amounts(usd=_decimal(reserved_usd), input_tokens=reserved_input, output_tokens=reserved_output or 0)
    return Spent(
        at_us=_us(row[2]),
        subject=Subject(**dict(zip(names, row[3:12], strict=True))),
        state=state,
        reason=reason,
        usd=_decimal(usd),
        prompt_tokens=prompt,
        output_tokens=output,
        expected=expected,
        host=host,
        request_bytes=size,
    )


def _condition(name: str, text: str) -> str:
    """Return the condition for a value; so that an index can be used, where there is one."""
    column, none = _COLUMNS[name], _NULL.get(name, NOBODY)
    return f"({column} = ? OR {column} IS NULL)" if text == none else f"{column} = ?"


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _us(utc: str) -> int:
    return round(datetime.fromisoformat(utc).timestamp() * 1000) * 1000


def _utc(at_us: int) -> str:
    moment = datetime.fromtimestamp(at_us / 1e6, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
