"""The rows of `interactions` against the records that open and close them, a range of them at a time.

What a query shows must follow from what is signed: a changed cost or a call that was taken out of a list would
otherwise be believed although the records tell better.
"""

from collections.abc import Iterable, Mapping
from itertools import batched
from typing import Any

import msgspec
from sqlite_utils import Database

from recorder.errors import StoreError
from recorder.model import Slot
from recorder.store.columns import CLOSED_COLUMNS, OPENED_COLUMNS, SHARED_COLUMNS, closed_values, opened_values
from recorder.store.database import reading
from recorder.store.links import UNSUCCESSFUL
from recorder.store.parts import look_up
from recorder.store.record_bodies import BodyReader

type Body = Mapping[str, Any]
type Wrong = tuple[str, str]
"""Id of an interaction, and what of it differs."""


class Compared(msgspec.Struct):
    """What was found in a range of interactions."""

    wrong: list[Wrong] = []
    nodes: int = 0
    """How many elements their records added to lists."""


PART_COLUMNS = {
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
_SLOTS = tuple(slot.value for slot in Slot)
_NO_LISTS = [None] * len(_SLOTS)
LIST_COLUMNS = tuple(f"{sent}{slot}_chain" for sent in ("", "sent_") for slot in _SLOTS)
"""Columns that refer to a list: of what the client sent, then of what the provider was sent."""

_SHARED = len(SHARED_COLUMNS)
_OWN = OPENED_COLUMNS[:-_SHARED], CLOSED_COLUMNS[:-_SHARED]
_NOT_CLOSED = (None,) * len(_OWN[1])
PLAIN_COLUMNS = (*_OWN[0], *_OWN[1], *SHARED_COLUMNS)
"""Columns whose values stand in the records themselves, in the order in which both halves give them."""
_OPENED_PARTS = [name for name, half in PART_COLUMNS.items() if half == "opened"]
_CLOSED_PARTS = [name for name, half in PART_COLUMNS.items() if half == "closed"]
_PARTS = (*_OPENED_PARTS, *_CLOSED_PARTS)

_ROWS = f"""
SELECT o.kind, o.at_utc, o.body, o.base, c.kind, c.body, c.base, i.seq, i.id, i.retry_of, i.closed_seq,
  CAST(json_array({", ".join(f"i.{name}" for name in PLAIN_COLUMNS)}) AS BLOB),
  {", ".join(f"i.{name}" for name in (*_PARTS, *LIST_COLUMNS))}
FROM interactions AS i LEFT JOIN records AS o ON o.seq = i.seq LEFT JOIN records AS c ON c.seq = i.closed_seq
WHERE i.seq BETWEEN ? AND ? AND (i.closed_seq IS NULL OR i.closed_seq > ?) ORDER BY i.seq
"""  # noqa: S608 — names are ours
_ID = 8
_FIRST_PART = 12
_FIRST_LIST = _FIRST_PART + len(_PARTS)
_MESSAGES = _FIRST_LIST + LIST_COLUMNS.index("messages_chain")
_BEFORE = """
SELECT id, state, closed_seq FROM interactions
WHERE messages_chain = ? AND session_id = ? AND agent_id IS ? AND seq < ? ORDER BY seq DESC LIMIT 1
"""
_SOME = 500
"""Rows that are looked at together."""
_MALFORMED = (StoreError, AssertionError, AttributeError, KeyError, TypeError, ValueError)
_NONE: Body = {}

type _Row = tuple[Any, ...]


class _Digests(dict[int | None, str | None]):
    """Digests (hex) by id; an id that is nowhere has one that no record names."""

    def __missing__(self, _id: int | None) -> str:
        return "?"


_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
"""JSON arrays of numbers, strings and nulls as SQLite writes them: to take them out of rows is half as much work."""


def compare_interactions(db: Database, first: int, last: int, after: int = 0) -> Compared:
    """Compare the interactions from one number to another with their records. Raises StoreError.

    `after`: those that were closed up to this record are passed over.
    """
    found, bodies = Compared(), BodyReader(db)
    with reading():
        for rows in batched(db.execute(_ROWS, (first, last, after)), _SOME):
            parts = _digests(db, "SELECT id, commitment FROM parts WHERE id IN", rows, _FIRST_PART, _FIRST_LIST)
            lists = _digests(db, "SELECT id, digest FROM chains WHERE id IN", rows, _FIRST_LIST, None)
            for row in rows:
                try:
                    names = _differences(db, row, bodies, (parts, lists), found)
                except _MALFORMED:
                    names = ["its records"]  # which do not have the form of records
                if names:
                    found.wrong.append((row[_ID], ", ".join(names)))
    return found


def _digests(db: Database, sql: str, rows: Iterable[_Row], first: int, end: int | None) -> _Digests:
    ids = {value for row in rows for value in row[first:end]} - {None}
    return _Digests({None: None, **{id_: digest.hex() for id_, digest in look_up(db, sql, ids)}})


def _differences(
    db: Database, row: _Row, bodies: BodyReader, digests: tuple[_Digests, _Digests], found: Compared
) -> list[str]:
    o_kind, at_utc, o_body, o_base, c_kind, c_body, c_base, seq, _, retry_of, closed_seq, plain = row[:_FIRST_PART]
    if o_kind != "opened" or (c_kind != "closed" and closed_seq is not None):
        return ["its records"]
    opened: Body = _decode(bodies.text(o_body, o_base))
    closed: Body = {} if closed_seq is None else _decode(bodies.text(c_body, c_base))
    if closed_seq is not None and closed["id"] != opened["id"]:
        return ["closed_seq"]
    wanted = opened_values(seq, at_utc, opened)
    if closed_seq is None:
        wanted = (*wanted[:-_SHARED], *_NOT_CLOSED, *wanted[-_SHARED:])
    else:
        ended = closed_values(closed_seq, closed)
        counts = wanted[-2] + ended[-2], wanted[-1] + ended[-1]
        wanted = (*wanted[:-_SHARED], *ended[:-2], *counts)
    names = []
    if _encode(wanted) != plain:
        have = _decode(plain)
        names += [name for name, one, two in zip(PLAIN_COLUMNS, have, wanted, strict=True) if one != two]
    names += _other_parts(row, opened, closed, digests[0])
    names += _other_lists(row, opened, digests[1], found)
    if _retried(db, seq, opened, row[_MESSAGES]) != retry_of:
        names.append("retry_of")
    return names


def _other_parts(row: _Row, opened: Body, closed: Body, digests: _Digests) -> list[str]:
    named = [*map(opened.get, _OPENED_PARTS), *map(closed.get, _CLOSED_PARTS)]
    have = list(map(digests.__getitem__, row[_FIRST_PART:_FIRST_LIST]))
    if named == have:
        return []
    return [name for name, one, two in zip(_PARTS, named, have, strict=True) if one != two]


def _other_lists(row: _Row, opened: Body, digests: _Digests, found: Compared) -> list[str]:
    named: list[str | None] = []
    for lists in (opened.get("chains"), opened.get("sent_chains")):
        if lists is None:
            named += _NO_LISTS
            continue
        for chain in lists.values():
            found.nodes += len(chain.get("new", ()))
        named += [lists[slot]["head"] if slot in lists else None for slot in _SLOTS]
    have = list(map(digests.__getitem__, row[_FIRST_LIST:]))
    if named == have:
        return []
    return [name for name, one, two in zip(LIST_COLUMNS, named, have, strict=True) if one != two]


def _retried(db: Database, seq: int, opened: Body, messages_chain: int | None) -> str | None:
    """Return what an interaction is a retry of, as `links.find_retried` found when it was opened."""
    identity = opened.get("identity", _NONE)
    session_id = identity.get("session_id")
    messages = opened.get("chains", _NONE).get("messages")
    if messages is None or messages.get("new") or session_id is None:
        return None
    last = db.execute(_BEFORE, (messages_chain, session_id, identity.get("agent_id"), seq)).fetchone()
    if last is None:
        return None
    id_, state, closed_seq = last
    return str(id_) if closed_seq is not None and closed_seq < seq and state in UNSUCCESSFUL else None
