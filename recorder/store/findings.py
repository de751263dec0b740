"""Where secrets stood, derived from parts and records: a placeholder names the secret, its surroundings who sent it.

A text may come with a placeholder in it, when an agent reads what a recorder printed: that is no secret that was sent.
So a placeholder counts only where the record that brought the part says that such a secret was removed. Headers, the
URL and what the recorder notes are not counted in a record's findings; placeholders in them are taken as they stand.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from sqlite_utils import Database

from recorder.store.blocks import Contents
from recorder.store.parts import MARK
from recorder.store.record_bodies import BodyReader
from recorder.wire.sources import Said, Source, calls_in, said_in

# As in recorder.redact.fingerprint, which reading commands do not load: the engines come with it.
_PLACEHOLDER = re.compile(r"\[REDACTED:([a-z0-9-]{1,80})(?::([0-9a-f]{32}))?\]")
_UNCOUNTED = frozenset({"headers", "error", "record"})
NO_SECRETS = frozenset({"header", "unscanned"})
"""Kinds of placeholders that stand for no secret: for what is kept out unseen, because nobody allowed or scanned it."""

_LIST = """
WITH RECURSIVE up(id, parent, part, position) AS (
  SELECT id, parent, part, position FROM chains WHERE id = ?
  UNION ALL
  SELECT c.id, c.parent, c.part, c.position FROM chains AS c JOIN up ON c.id = up.parent
)
SELECT part FROM up ORDER BY position
"""

_ABOUT = "SELECT kind, role, content IS NOT NULL FROM parts WHERE id = ?"

type Body = Mapping[str, Any]
type _Place = tuple[str, str | None, Source, str | None, str]
"""Kind and fingerprint (hex) of the secret, source, tool, place."""


class Text(msgspec.Struct, frozen=True):
    """What may hold placeholders: a part, or with no id the body of a record."""

    id: int | None
    kind: str
    role: str | None
    content: bytes


def insert_findings(db: Database, record: int, body: Body, parts: Iterable[Text], messages_chain: int | None) -> None:
    """Note where secrets stand in what an opened or closed record brought.

    `parts`: those of its new parts that hold `MARK`; `messages_chain`: of its request, in the database by now.
    """
    removed = {(found["kind"], found.get("fingerprint")) for found in body.get("findings", ())}
    tools = _Tools(db, messages_chain)
    for part in parts:
        places = _places(part, tools)
        if part.kind not in _UNCOUNTED:
            places = Counter({place: count for place, count in places.items() if place[:2] in removed})
        _insert(db, part.id, record, places)
    content = msgspec.json.encode(body)
    if MARK in content:
        _insert(db, None, record, _places(Text(None, "record", None, content), tools))


def rebuild_findings(db: Database) -> None:
    """Make the tables `secrets` and `findings` anew from records and parts; inside of a transaction."""
    db.execute("DELETE FROM findings")
    db.execute("DELETE FROM secrets")
    ids: dict[bytes, int] = dict(db.execute("SELECT commitment, id FROM parts").fetchall())
    chains = dict(db.execute("SELECT seq, messages_chain FROM interactions").fetchall())
    bodies = BodyReader(db)
    sql = "SELECT seq, body, base FROM records WHERE kind IN ('opened', 'closed') ORDER BY seq"
    for seq, stored, base in db.execute(sql):
        body = msgspec.json.decode(bodies.text(stored, base))
        new = (ids.get(bytes.fromhex(part["commitment"])) for part in body.get("parts", ()))
        marked = (part for part in _load(db, filter(None, new)) if MARK in part.content)
        insert_findings(db, seq, body, marked, chains.get(seq))


class _Tools:
    """The names of tools, by the id of a call: looked for in the messages before a result, the nearest first."""

    def __init__(self, db: Database, messages_chain: int | None) -> None:
        self._db = db
        self._chain = messages_chain
        self._parts: list[int] | None = None

    def name(self, part: Text, call_id: str) -> str | None:
        """Name the tool that was called; `part` holds the result."""
        contents = itertools.chain([part.content], self._before(part))
        return next((name for content in contents if (name := _call_in(content, call_id))), None)

    def _before(self, part: Text) -> Iterator[bytes]:
        if self._parts is None:
            self._parts = [] if self._chain is None else [one for (one,) in self._db.execute(_LIST, (self._chain,))]
        if part.id in self._parts:
            before = self._parts[: self._parts.index(part.id)]
            yield from (one.content for one in _load(self._db, reversed(before)))


def _call_in(content: bytes, call_id: str) -> str | None:
    return calls_in(content).get(call_id) if call_id.encode() in content else None


def _load(db: Database, ids: Iterable[int]) -> Iterator[Text]:
    contents = Contents(db)
    for id_ in ids:
        kind, role, is_there = db.execute(_ABOUT, (id_,)).fetchone()
        content = contents.get(id_) if is_there else b""  # erased: nothing of it is known any more
        if content:
            yield Text(id_, kind, role, content)


def _places(part: Text, tools: _Tools) -> Counter[_Place]:
    found: Counter[_Place] = Counter()
    for said in said_in(part.kind, part.role, part.content):
        for kind, fingerprint in _named(said.text):
            found[kind, fingerprint, said.source, _tool(said, part, tools), said.place] += 1
    return found


def _named(text: str) -> Iterator[tuple[str, str | None]]:
    for match in _PLACEHOLDER.finditer(text) if "[REDACTED:" in text else ():
        if match[1] not in NO_SECRETS:
            yield match[1], match[2]


def _tool(said: Said, part: Text, tools: _Tools) -> str | None:
    return tools.name(part, said.call_id) if said.call_id else said.tool


def _insert(db: Database, part: int | None, record: int, places: Counter[_Place]) -> None:
    for (kind, fingerprint, source, tool, place), count in sorted(places.items(), key=repr):
        row = (_secret(db, kind, fingerprint), part, record, source, tool, place, count)
        db.execute(
            "INSERT INTO findings (secret, part, record, source, tool, place, count) VALUES (?, ?, ?, ?, ?, ?, ?)", row
        )


def _secret(db: Database, kind: str, fingerprint: str | None) -> int:
    key = (kind, None if fingerprint is None else bytes.fromhex(fingerprint))
    known = db.execute("SELECT id FROM secrets WHERE kind = ? AND fingerprint IS ?", key).fetchone()
    if known is not None:
        return int(known[0])
    inserted = db.execute("INSERT INTO secrets (kind, fingerprint) VALUES (?, ?)", key).lastrowid
    assert inserted is not None
    return inserted
