"""The derived tables against the records and parts that they were made from.

What a query shows must follow from what is signed: a changed cost or a call that was taken out of a list would
otherwise be believed although the records tell better.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from sqlite_utils import Database

from recorder.errors import StoreError
from recorder.ledger.kinds import RecordKind
from recorder.ledger.verdict import Findings, Verdict
from recorder.model import Slot
from recorder.store.chains import ROOT, node_digest
from recorder.store.columns import closed_columns, opened_columns
from recorder.store.database import reading
from recorder.store.keeping import note_keeping
from recorder.store.record_bodies import BodyReader

type Body = Mapping[str, Any]
type _Digests = Mapping[int, bytes]
type _Call = tuple[int, str, str]
"""Block, id and name of a tool call."""

_PART_COLUMNS = {
    "request_headers": "opened",
    "envelope": "opened",
    "layout": "opened",
    "body": "opened",
    "response_headers": "closed",
    "answer": "closed",
    "timing": "closed",
    "error_message": "closed",
    "sent_headers": "opened",
    "sent_envelope": "opened",
    "sent_layout": "opened",
    "sent_body": "opened",
    "provided_headers": "closed",
    "provided_answer": "closed",
}
"""Columns that refer to a part, and the half whose record names its commitment."""

_ADDED = ("findings", "anomalies")
_KEEPING = {"erasures": "*", "holds": "*", "interactions": "seq, erased_by"}
"""Tables, and their columns, that follow from erasure, retention and hold records."""
_PAIRS = """
SELECT i.*, o.kind AS o_kind, o.at_utc AS o_at, o.body AS o_body, o.base AS o_base,
  c.kind AS c_kind, c.body AS c_body, c.base AS c_base
FROM interactions AS i LEFT JOIN records AS o ON o.seq = i.seq LEFT JOIN records AS c ON c.seq = i.closed_seq
ORDER BY i.seq
"""
_COUNTS = (
    ("interactions", "SELECT count(*) FROM interactions", "SELECT count(*) FROM records WHERE kind = 'opened'"),
    ("endings", "SELECT count(closed_seq) FROM interactions", "SELECT count(*) FROM records WHERE kind = 'closed'"),
    ("runs", "SELECT count(*) FROM runs", "SELECT count(*) FROM records WHERE kind = 'start'"),
)


def verify_derived(db: Database, found: Findings, tick: Callable[[], None]) -> None:
    """Check interactions, their tool calls, chains and runs; `tick` is called for each interaction."""
    with reading():
        for name, rows, records in _COUNTS:
            (have,), (want,) = db.execute(rows).fetchone(), db.execute(records).fetchone()
            if have != want:
                found.add(Verdict.MODIFIED, f"{name}: {have} rows, the records tell of {want}")
        for table, _, other, _ in db.execute("PRAGMA foreign_key_check"):
            found.add(Verdict.MODIFIED, f"{table} refers to what is not in {other}")
        parts: dict[int, bytes] = dict(db.execute("SELECT id, commitment FROM parts"))
        chains = _verify_chains(db, parts, found)
        cursor = db.execute(_PAIRS)
        names = [column[0] for column in cursor.description]
        calls = _tool_calls(db)
        bodies = BodyReader(db)
        for values in cursor:
            tick()
            row = dict(zip(names, values, strict=True))
            try:
                wrong = _differences(row, bodies, parts, chains, calls.pop(row["seq"], []))
            except (StoreError, AttributeError, KeyError, TypeError, ValueError):
                wrong = ["its records"]  # which do not have the form of records
            if wrong:
                found.add(Verdict.MODIFIED, f"interaction {row['id']}: {', '.join(wrong)} differ from the records")
        if calls:
            found.add(Verdict.MODIFIED, f"tool_calls: {len(calls)} interactions have some that no record tells of")
        _verify_runs(db, found)
        _verify_keeping(db, found)


def _differences(row: Body, bodies: BodyReader, parts: _Digests, chains: _Digests, calls: Sequence[_Call]) -> list[str]:
    opened, closed = _body(row, bodies, "o", "opened"), _body(row, bodies, "c", "closed")
    if opened is None or (closed is None) != (row["closed_seq"] is None):
        return ["its records"]
    if closed is not None and closed.get("id") != opened.get("id"):
        return ["closed_seq"]
    wanted = opened_columns(row["seq"], row["o_at"], opened)
    if closed is not None:
        added = {name: wanted[name] for name in _ADDED}
        wanted |= closed_columns(row["closed_seq"], closed)
        wanted |= {name: int(wanted[name] or 0) + int(added[name] or 0) for name in _ADDED}
    wrong = [name for name, value in wanted.items() if row[name] != value]
    wrong += [
        name
        for name, half in _PART_COLUMNS.items()
        if _hex(parts, row[name]) != (opened if half == "opened" else closed or {}).get(name)
    ]
    for prefix in ("", "sent_"):
        heads = opened.get(f"{prefix}chains", {})
        names = {f"{prefix}{slot}_chain": heads.get(slot, {}).get("head") for slot in Slot}
        wrong += [name for name, head in names.items() if _hex(chains, row[name]) != head]
    uses = [(use["index"], use["id"], use["name"]) for use in (closed or {}).get("tool_uses", ())]
    return wrong + (["tool_calls"] if sorted(uses) != calls else [])


def _tool_calls(db: Database) -> dict[int, list[_Call]]:
    """Return the tool calls by interaction, in the order of their blocks."""
    calls: defaultdict[int, list[_Call]] = defaultdict(list)
    sql = "SELECT interaction, block, tool_use_id, name FROM tool_calls ORDER BY interaction, block"
    for interaction, *call in db.execute(sql):
        calls[interaction].append(tuple(call))
    return calls


def _verify_chains(db: Database, parts: _Digests, found: Findings) -> _Digests:
    digests: dict[int, bytes] = {}
    positions: dict[int, int] = {}
    # A node is made after its parent, so its number is higher.
    for id_, parent, part, lead, position, digest in db.execute(
        "SELECT id, parent, part, lead, position, digest FROM chains ORDER BY id"
    ):
        above = ROOT.digest if parent is None else digests.get(parent, b"")
        at = 0 if parent is None else positions.get(parent, -2) + 1
        if position != at or node_digest(above, parts.get(part, b""), lead) != digest:
            found.add(Verdict.MODIFIED, f"chain node {id_} is not what its digest was made of")
        digests[id_], positions[id_] = digest, position
    return digests


def _verify_runs(db: Database, found: Findings) -> None:
    sql = "SELECT id, started_utc, stopped_utc, stopped_by, host, pid, version FROM runs"
    runs = {row[0]: row for row in db.execute(sql)}
    wanted: dict[str, tuple[Any, ...]] = {}
    for kind, at_utc, body in _run_events(db):
        id_ = body.get("run_id", "")
        if kind == "start":
            wanted[id_] = (id_, at_utc, None, None, *(body.get(name) for name in ("host", "pid", "version")))
        elif id_ in wanted:
            wanted[id_] = (*wanted[id_][:2], at_utc, kind, *wanted[id_][4:])
    for id_ in runs.keys() | wanted.keys():
        if runs.get(id_) != wanted.get(id_):
            found.add(Verdict.MODIFIED, f"run {id_}: not as recorded")


def _verify_keeping(db: Database, found: Findings) -> None:
    """Make once more what records say of erasures and holds, as tables of this connection that hide the others."""
    for table in ("erasures", "holds"):
        db.execute(f"CREATE TEMP TABLE {table} AS SELECT * FROM main.{table} WHERE 0")  # noqa: S608 — ours
    db.execute("CREATE TEMP TABLE interactions (seq INTEGER PRIMARY KEY, erased_by INTEGER)")
    db.execute("INSERT INTO temp.interactions (seq) SELECT seq FROM main.interactions")
    try:
        sql = "SELECT seq, kind, at_utc, body FROM records WHERE kind IN ('erasure', 'retention', 'hold') ORDER BY seq"
        for seq, kind, at_utc, body in db.execute(sql).fetchall():
            note_keeping(db, seq, RecordKind(kind), at_utc, _parsed(body) or {})
        for table, columns in _KEEPING.items():
            have, want = (f"SELECT {columns} FROM {where}.{table}" for where in ("main", "temp"))  # noqa: S608 — ours
            if db.execute(f"{have} EXCEPT {want}").fetchone() or db.execute(f"{want} EXCEPT {have}").fetchone():
                found.add(Verdict.MODIFIED, f"{table}: not as recorded")
    finally:
        for table in _KEEPING:
            db.execute(f"DROP TABLE temp.{table}")


def _run_events(db: Database) -> Iterator[tuple[str, str, Body]]:
    sql = "SELECT kind, at_utc, body FROM records WHERE kind IN ('start', 'stop', 'crash') ORDER BY seq"
    for kind, at_utc, body in db.execute(sql):
        yield kind, at_utc, _parsed(body) or {}


def _body(row: Body, bodies: BodyReader, half: str, kind: str) -> Body | None:
    if row[f"{half}_kind"] != kind:
        return None
    return _parsed(bodies.text(row[f"{half}_body"], row[f"{half}_base"]))


def _parsed(body: str | bytes) -> Body | None:
    try:
        value = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return None
    return value if isinstance(value, dict) else None


def _hex(digests: _Digests, id_: int | None) -> str | None:
    return None if id_ is None else digests.get(id_, b"?").hex()
