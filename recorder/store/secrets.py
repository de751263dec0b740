"""Which secrets were seen: where each stood, and which interactions carried it.

Strategy. A finding lies in a part, and a part of a conversation is sent again with every turn. The nodes that the
interactions in question reach are walked once, each only once; a node remembers the nearest node at or above it whose
part has a finding. So an interaction costs what it carries, and a repeated conversation its own length.
"""

from collections.abc import Iterator
from typing import Any, Unpack

import msgspec
from sqlite_utils import Database

from recorder.store.database import reading
from recorder.store.filters import Filters, conditions_of, where
from recorder.store.fingerprints import newest_names
from recorder.store.results import SecretPlace
from recorder.wire.sources import Source

_CHAINS = ("system_chain", "tools_chain", "messages_chain")
_OWN = (
    *("request_headers", "envelope", "body", "response_headers", "answer", "error_message"),
    *("sent_headers", "sent_envelope", "sent_body", "provided_headers", "provided_answer"),
)
_COLUMNS = ("seq", "closed_seq", "id", "session_id", "started_utc", *_OWN, *_CHAINS)

_WITH_EACH_REQUEST = frozenset({Source.HEADER, Source.URL})

_OF_MODEL = "(i.model = :model OR i.model_answered = :model)"

_INTERACTIONS = f"SELECT {', '.join(f'i.{name}' for name in _COLUMNS)} FROM interactions AS i"  # noqa: S608 — our names

_FINDINGS = """
SELECT f.rowid, f.part, f.record, s.kind, lower(hex(s.fingerprint)), f.source, f.tool, f.place, f.count
FROM findings AS f JOIN secrets AS s ON s.id = f.secret
"""

# UNION, not UNION ALL: a node that many lists share is visited once.
_NODES = """
WITH RECURSIVE reached(id) AS (
  SELECT i.system_chain FROM interactions AS i {where}
  UNION SELECT i.tools_chain FROM interactions AS i {where}
  UNION SELECT i.messages_chain FROM interactions AS i {where}
  UNION SELECT c.parent FROM chains AS c JOIN reached ON c.id = reached.id
)
SELECT c.id, c.parent, c.part FROM chains AS c JOIN reached ON c.id = reached.id ORDER BY c.id
"""


class _Finding(msgspec.Struct, frozen=True):
    id: int
    part: int | None
    record: int
    kind: str
    fingerprint: str | None
    newest: str | None
    source: str
    tool: str | None
    place: str
    count: int


type _Held = tuple[int, _Held] | None
"""The parts with findings that a list holds: its last one, and those before."""


def find_secrets(
    db: Database,
    *,
    kind: str | None = None,
    fingerprint: str | None = None,
    model: str | None = None,
    **filters: Unpack[Filters],
) -> list[SecretPlace]:
    """Return each place where a secret stood, once for every session that carried it, in the order of their times.

    The filters choose the interactions; `kind` is a whole kind, `fingerprint` the beginning of one in hex: of a secret
    that is known by several, any of them means all.
    """
    conditions, parameters = conditions_of(filters)
    if model is not None:
        conditions.append(_OF_MODEL)
        parameters["model"] = model
    with reading():
        found = _find(db, kind, fingerprint)
        if not found:
            return []
        clause = where(conditions)
        held = _held(db.execute(_NODES.format(where=clause), parameters), {one.part for one in found})
        rows = db.execute(f"{_INTERACTIONS} {clause} ORDER BY i.started_utc, i.seq", parameters)
        return _places(found, held, rows)


def _find(db: Database, kind: str | None, fingerprint: str | None) -> list[_Finding]:
    newest = newest_names(db)
    rows = db.execute(f"{_FINDINGS} {where(['s.kind = :kind'] if kind else [])} ORDER BY f.rowid", {"kind": kind})
    found = [
        _Finding(id_, part, record, of, name or None, newest.get(name, name) or None, *rest)
        for id_, part, record, of, name, *rest in rows
    ]
    if not fingerprint:
        return found
    meant = {one.newest for one in found if one.fingerprint and one.fingerprint.startswith(fingerprint)}
    return [one for one in found if one.newest in meant]


def _held(nodes: Any, parts: set[int | None]) -> dict[int, _Held]:
    """Map each node to the parts in question that its list holds; a parent's id is below its children's."""
    held: dict[int, _Held] = {}
    for id_, parent, part in nodes:
        above = None if parent is None else held[parent]
        held[id_] = (part, above) if part in parts else above
    return held


def _places(found: list[_Finding], held: dict[int, _Held], interactions: Any) -> list[SecretPlace]:
    by_part: dict[int, list[_Finding]] = {}
    by_record: dict[int, list[_Finding]] = {}
    for one in found:
        if one.part is None:
            by_record.setdefault(one.record, []).append(one)
        else:
            by_part.setdefault(one.part, []).append(one)
    places: dict[Any, tuple[int, SecretPlace]] = {}
    for values in interactions:
        row = dict(zip(_COLUMNS, values, strict=True))
        carried = [one for part in _parts_of(row, held) for one in by_part.get(part, ())]
        carried += [one for name in ("seq", "closed_seq") for one in by_record.get(row[name], ())]
        for one in carried:
            session_id = row["session_id"]
            _, place = places.setdefault((_same(one), session_id), (one.id, _new_place(one, session_id)))
            place.interactions.append((row["started_utc"], row["id"]))
    return [place for _, place in sorted(places.values(), key=lambda one: (one[1].interactions[0], one[0]))]


def _same(one: _Finding) -> Any:
    """Tell which findings are one place: what each request brings anew, as the key in its header, is not many."""
    if one.source in _WITH_EACH_REQUEST:
        return one.kind, one.fingerprint, one.source, one.place, one.count
    return one.id


def _parts_of(row: dict[str, Any], held: dict[int, _Held]) -> Iterator[int]:
    """Yield the parts with findings that an interaction carries: as often as it does."""
    yield from dict.fromkeys(row[name] for name in _OWN if row[name] is not None)
    for name in _CHAINS:
        rest = held.get(row[name])
        while rest is not None:
            part, rest = rest
            yield part


def _new_place(one: _Finding, session_id: str | None) -> SecretPlace:
    return SecretPlace(
        kind=one.kind,
        fingerprint=one.fingerprint,
        newest_fingerprint=one.newest,
        source=one.source,
        tool=one.tool,
        place=one.place,
        count=one.count,
        session_id=session_id,
        interactions=[],
    )
