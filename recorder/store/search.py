"""Searching what was said: the newest texts that match, each with the interaction that brought it."""

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Unpack

import msgspec
from sqlite_utils import Database

from recorder.store.blocks import Contents
from recorder.store.database import attach, reading
from recorder.store.filters import Filters, conditions_of
from recorder.store.interactions import get_interaction
from recorder.store.results import Hit
from recorder.store.search_index import Progress, open_index
from recorder.store.search_query import Query
from recorder.wire.sources import said_in

_SEARCH = """
SELECT s.id, s.source, s.tool, p.part, p.place, i.id
FROM texts JOIN said AS s ON s.id = texts.rowid
JOIN places AS p ON p.said = s.id JOIN record.interactions AS i ON i.seq = p.interaction
WHERE {conditions} ORDER BY {order}, p.interaction LIMIT :limit OFFSET :offset
"""
_NEWEST, _BEST = "texts.rowid DESC", "texts.rank"
_CHUNK = 100
_ABOUT = "SELECT kind, role FROM parts WHERE id = ?"


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a search is for, beside what every list filters by."""

    query: Query
    model: str | None = None
    """Asked for or answering."""
    tool: str | None = None
    sources: tuple[str, ...] = ()
    """Values of `recorder.wire.sources.Source`; none: all."""
    best: bool = False
    """The most to the point first, instead of the newest."""
    limit: int = 20


def search(
    db: Database, db_path: Path, wanted: Wanted, progress: Progress | None = None, **filters: Unpack[Filters]
) -> list[Hit]:
    """Return the texts that match, each once; `db` is a reader of the database at `db_path`."""
    conditions, parameters = conditions_of(filters)
    conditions = ["texts MATCH :match", *conditions, *_conditions(wanted)]
    parameters |= {f"source{at}": source for at, source in enumerate(wanted.sources)}
    parameters |= {"match": wanted.query.match, "model": wanted.model, "tool": wanted.tool, "limit": _CHUNK}
    sql = _SEARCH.format(conditions=" AND ".join(conditions), order=_BEST if wanted.best else _NEWEST)
    found: dict[int, Hit] = {}
    with open_index(db, db_path, progress) as index, reading():
        attach(index, db_path, "record")
        contents = Contents(db)
        for offset in itertools.count(0, _CHUNK):
            rows = index.execute(sql, parameters | {"offset": offset}).fetchall()
            for said, *row in rows:
                if said not in found and (hit := _hit(db, contents, wanted.query, row)):
                    found[said] = hit
                if len(found) == wanted.limit:
                    return list(found.values())
            if len(rows) < _CHUNK:
                return list(found.values())
    raise AssertionError("unreachable")


def _conditions(wanted: Wanted) -> Iterator[str]:
    if wanted.model is not None:
        yield "(i.model = :model OR i.model_answered = :model)"
    if wanted.tool is not None:
        yield "s.tool = :tool"
    if wanted.sources:
        yield f"s.source IN ({', '.join(f':source{at}' for at in range(len(wanted.sources)))})"


def _hit(db: Database, contents: Contents, query: Query, row: Sequence[Any]) -> Hit | None:
    source, tool, part, place, interaction = row
    text = _text(db, contents, part, place, source)
    if text is None:
        return None
    spots = query.spots(text)
    return Hit(row=get_interaction(db, interaction), source=source, tool=tool, place=place, text=text, spots=spots)


def _text(db: Database, contents: Contents, part: int, place: str, source: str) -> str | None:
    """Read a text where it stands; None when it was erased since."""
    about = db.execute(f"{_ABOUT} AND content IS NOT NULL", (part,)).fetchone()
    if about is None:
        return None
    kind, role = about
    said = said_in(kind, role, contents.get(part))
    return next((one.text for one in said if one.place == place and one.source == source and not one.is_name), None)
