"""What erasure, retention and hold records say, as tables; and the order that an erasure is given by."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from sqlite_utils import Database

from recorder.errors import StoreError
from recorder.ledger.kinds import RecordKind
from recorder.store.choice import Choice
from recorder.store.database import reading
from recorder.store.erasing import Plan, commitments_of, root_of

ERASING = frozenset({RecordKind.ERASURE, RecordKind.RETENTION})

_INSERT = """
INSERT INTO erasures (seq, kind, at_utc, by, reason, days, interactions, parts, bytes)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_PLACE = "INSERT OR IGNORE INTO holds (id, seq, placed_utc, by, reason, choice) VALUES (?, ?, ?, ?, ?, ?)"
_RELEASE = "UPDATE holds SET released_seq = ?, released_utc = ? WHERE id = ? AND released_seq IS NULL"

_MARK = "UPDATE interactions SET erased_by = ? WHERE seq BETWEEN ? AND ? AND erased_by IS NULL"
_CONTENT = frozenset({"texts", "patterns"})


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """That content be erased."""

    kind: RecordKind
    """`ERASURE` or `RETENTION`."""
    choice: Choice
    at_utc: str
    by: str
    reason: str | None = None
    days: int | None = None


class ErasureRow(msgspec.Struct, frozen=True, kw_only=True):
    """An erasure or a retention that was carried out."""

    seq: int
    """Number of its record."""
    kind: str
    at_utc: str
    by: str | None
    reason: str | None
    days: int | None
    interactions: int
    parts: int
    bytes: int


class HoldRow(msgspec.Struct, frozen=True, kw_only=True):
    """A hold."""

    id: str
    seq: int
    placed_utc: str
    by: str | None
    reason: str | None
    choice: Choice
    released_utc: str | None


def erasure_body(db: Database, order: Order, plan: Plan) -> dict[str, Any]:
    """Return the body of the record of an erasure.

    Ids of sessions and interactions are named: the records of these name them as well. Of a user or a text only that
    one was named: what a person wants to be forgotten is not written down once more.
    """
    choice = order.choice
    return {
        "by": order.by,
        "reason": order.reason,
        "days": order.days,
        "chosen_by": sorted(msgspec.to_builtins(choice)),
        "sessions": list(choice.sessions),
        "interaction_ids": list(choice.interactions),
        "before_utc": choice.before_utc,
        "interactions": plan.interactions,
        "opened": _ranges(db, plan.going),
        "parts": len(plan.parts),
        "bytes": plan.bytes,
        "shared_parts": plan.shared_parts,
        "open": plan.open,
        "held": plan.held,
        "root": root_of(commitments_of(db, plan.parts)).hex() if plan.parts else None,
    }


def _ranges(db: Database, interactions: Iterable[int]) -> list[list[int]]:
    """Return first and last number of each run of interactions; between two runs is one that is not meant."""
    places = {seq: place for place, (seq,) in enumerate(db.execute("SELECT seq FROM interactions ORDER BY seq"))}
    ranges: list[list[int]] = []
    last = -2
    for seq in interactions:
        if places[seq] == last + 1:
            ranges[-1][1] = seq
        else:
            ranges.append([seq, seq])
        last = places[seq]
    return ranges


def note_keeping(db: Database, seq: int, kind: RecordKind, at_utc: str, body: Mapping[str, Any]) -> None:
    """Take in what an erasure, retention or hold record says; any other is passed over. Inside of a transaction."""
    if kind in ERASING:
        told = [body.get(name) for name in ("by", "reason", "days")]
        counts = [body.get(name, 0) for name in ("interactions", "parts", "bytes")]
        db.execute(_INSERT, (seq, kind, at_utc, *told, *counts))
        if not _CONTENT & set(body.get("chosen_by", ())):
            db.conn.executemany(_MARK, [(seq, first, last) for first, last in body.get("opened", ())])
    elif kind is RecordKind.HOLD and body.get("event") == "placed":
        choice = msgspec.json.encode(body.get("choice", {}), order="sorted").decode()
        db.execute(_PLACE, (body.get("id"), seq, at_utc, body.get("by"), body.get("reason"), choice))
    elif kind is RecordKind.HOLD:
        db.execute(_RELEASE, (seq, at_utc, body.get("id")))


def last_erasure(db: Database) -> int:
    """Return the number of the last record of an erasure; what a writer remembers of parts holds until the next."""
    return int(db.execute("SELECT coalesce(max(seq), 0) FROM erasures").fetchone()[0])


def list_erasures(db: Database) -> list[ErasureRow]:
    """Return what was erased, oldest first."""
    names = ErasureRow.__struct_fields__
    with reading():
        rows = db.execute(f"SELECT {', '.join(names)} FROM erasures ORDER BY seq").fetchall()  # noqa: S608 — names are ours
    return [ErasureRow(**dict(zip(names, row, strict=True))) for row in rows]


def list_holds(db: Database, *, released: bool = False) -> list[HoldRow]:
    """Return the holds in force, oldest first; with `released` also the others."""
    names = HoldRow.__struct_fields__
    which = "" if released else "WHERE released_seq IS NULL"
    with reading():
        rows = db.execute(f"SELECT {', '.join(names)} FROM holds {which} ORDER BY seq").fetchall()  # noqa: S608 — names are ours
    found = [dict(zip(names, row, strict=True)) for row in rows]
    return [HoldRow(**row | {"choice": msgspec.json.decode(row["choice"], type=Choice)}) for row in found]


def get_hold(db: Database, id_: str) -> HoldRow:
    """Return a hold in force. Raises StoreError when there is none of that id."""
    held = {hold.id: hold for hold in list_holds(db)}
    if id_ not in held:
        known = f"in force are {', '.join(held)}" if held else "none is in force"
        raise StoreError(f"no hold {id_!r} is in force; {known}")
    return held[id_]
