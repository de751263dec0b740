"""The content of one interaction: the bodies as they stood on the wire, redactions aside, and what lies beside them.

Every function takes an id or the beginning of one, and raises StoreError when there is no such interaction.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
from sqlite_utils import Database

from recorder.errors import StoreError
from recorder.model import Slot
from recorder.store.blocks import Contents
from recorder.store.database import reading
from recorder.store.interactions import get_interaction
from recorder.store.record_bodies import BodyReader
from recorder.store.results import Details, ToolCallRow
from recorder.wire.request import Cut, Mark, Piece, join_request

_CHAIN = """
WITH RECURSIVE up(id, parent, part, lead, position) AS (
  SELECT id, parent, part, lead, position FROM chains WHERE id = ?
  UNION ALL
  SELECT c.id, c.parent, c.part, c.lead, c.position FROM chains AS c JOIN up ON c.id = up.parent
)
"""
_PART_IDS = f"{_CHAIN}SELECT part FROM up"  # noqa: S608 — made of our own text alone
_ELEMENTS = (
    _CHAIN
    + """
SELECT up.position, up.part, up.lead, p.kind, p.role
FROM up JOIN parts AS p ON p.id = up.part ORDER BY up.position
"""
)

HEADERS = ("request_headers", "response_headers", "sent_headers", "provided_headers")
_OF_REQUEST = ("envelope", "layout", "body", "system_chain", "tools_chain", "messages_chain")

_CALLS = """
SELECT t.block, t.tool_use_id, t.name, r.id, t.result_part, t.is_error, t.duration_ms
FROM tool_calls AS t LEFT JOIN interactions AS r ON r.seq = t.result_interaction
WHERE t.interaction = ? ORDER BY t.block
"""


NOT_THERE = b'{"not_there":true}'
"""Stands in a body for an element whose content was erased or is damaged."""

type Body = dict[str, Any]


class Element(msgspec.Struct, frozen=True):
    """One element of a slot's list, as stored."""

    position: int
    part_id: int
    lead: bytes | None
    kind: str
    role: str | None
    content: bytes


class Layout(msgspec.Struct, frozen=True):
    """Where what belongs in an envelope: see `recorder.wire.request`."""

    slots: tuple[tuple[Slot, int], ...] = ()
    """With offsets in the envelope, ascending."""
    marks: tuple[tuple[Slot, int, int, str], ...] = ()
    """Slot, position of the element, offset in it, and what stands there, in Latin-1."""


_layout = msgspec.json.Decoder(Layout).decode


def request_body(db: Database, id_prefix: str, *, upstream: bool = False) -> bytes:
    """Return the request's body, decoded and redacted, else byte for byte as it was sent; empty when it had none.

    `upstream`: what the provider was sent in another protocol. Raises StoreError when it was sent the client's.
    """
    names = {name: f"sent_{name}" if upstream else name for name in _OF_REQUEST}
    found = columns(db, id_prefix, *names.values())
    row = {name: found[column] for name, column in names.items()}
    if upstream and row["envelope"] is row["body"] is None:
        raise StoreError(f"{id_prefix}: the provider was sent no other request than the client's (`show` tells where)")
    envelope = part_content(db, row["envelope"])
    if envelope is None:
        return part_content(db, row["body"]) or b""
    layout = part_content(db, row["layout"])
    return join_body(envelope, layout, lambda slot: ((e.content, e.lead) for e in elements(db, row[f"{slot}_chain"])))


def request_frame(db: Database, id_prefix: str) -> tuple[bytes, list[str]]:
    """Return the request's body with its lists empty, and the marks that stood in their elements, each a JSON object.

    The whole body, and no marks, when it could not be taken apart.
    """
    row = columns(db, id_prefix, "envelope", "layout", "body")
    envelope = part_content(db, row["envelope"])
    if envelope is None:
        return part_content(db, row["body"]) or b"", []
    marks = read_layout(part_content(db, row["layout"])).marks
    return envelope, [f"{{{data.encode('latin-1').decode(errors='replace').strip(', ')}}}" for *_, data in marks]


def join_body(
    envelope: bytes, layout: bytes | None, elements_of: Callable[[Slot], Iterable[tuple[bytes | None, bytes | None]]]
) -> bytes:
    """Put a request's body together from the contents of its parts.

    `elements_of` gives content and lead of a list's elements; `NOT_THERE` stands for content that is None.
    """
    cut = read_layout(layout)
    marks: dict[tuple[Slot, int], list[Mark]] = {}
    for slot, position, offset, data in cut.marks:
        marks.setdefault((slot, position), []).append(Mark(offset, data.encode("latin-1")))
    pieces = {
        slot: tuple(
            Piece(NOT_THERE, None, lead, ())
            if content is None
            else Piece(content, None, lead, tuple(marks.get((slot, position), ())))
            for position, (content, lead) in enumerate(elements_of(slot))
        )
        for slot, _ in cut.slots
    }
    return join_request(Cut(envelope, cut.slots, pieces))


def read_layout(layout: bytes | None) -> Layout:
    """Read a layout as stored; None: that of a body without lists."""
    return _layout(layout or b"{}")


def answer_body(db: Database, id_prefix: str, *, upstream: bool = False) -> bytes:
    """Return the answer: the JSON of the message it amounts to. Raises StoreError when none was recorded.

    `upstream`: of what the provider answered in another protocol than the client's.
    """
    name = "provided_answer" if upstream else "answer"
    content = part_content(db, columns(db, id_prefix, name)[name])
    if content is None:
        raise StoreError(f"{id_prefix}: no answer was recorded")
    return content


def timing(db: Database, id_prefix: str) -> bytes | None:
    """Return when which piece of the answer came (JSON of `recorder.wire.answer.Delta`s); None when not recorded."""
    return part_content(db, columns(db, id_prefix, "timing")["timing"])


def tool_calls(db: Database, id_prefix: str) -> list[ToolCallRow]:
    """Return the tool calls in the answer, in its order."""
    seq = columns(db, id_prefix, "seq")["seq"]
    with reading():
        rows = db.execute(_CALLS, (seq,)).fetchall()
    return [
        ToolCallRow(
            index=block,
            tool_use_id=tool_use_id,
            name=name,
            result_id=result_id,
            result_part_id=result_part,
            is_error=None if is_error is None else bool(is_error),
            duration_ms=duration_ms,
        )
        for block, tool_use_id, name, result_id, result_part, is_error, duration_ms in rows
    ]


def details(db: Database, id_prefix: str) -> Details:
    """Return both record bodies, the headers and the error message."""
    row = columns(db, id_prefix, "seq", "closed_seq", "error_message", *HEADERS)
    opened, closed = _record_body(db, row["seq"]), _record_body(db, row["closed_seq"])
    assert opened is not None
    contents = {name: part_content(db, row[name]) for name in (*HEADERS, "error_message")}
    return join_details(opened, closed, contents)


def join_details(opened: Body, closed: Body | None, contents: Mapping[str, bytes | None]) -> Details:
    """Put together what `details` returns; `contents`: of the parts in the columns `HEADERS` and `error_message`."""
    end = closed or {}
    message = contents["error_message"]
    return Details(
        opened=opened,
        closed=closed,
        request_headers=_headers(contents["request_headers"], opened.get("request_bytes")),
        response_headers=_headers(contents["response_headers"], end.get("response_bytes")),
        sent_headers=_headers(contents["sent_headers"], opened.get("sent", {}).get("bytes")),
        provided_headers=_headers(contents["provided_headers"], end.get("provided", {}).get("bytes")),
        error_message=None if message is None else message.decode(),
    )


def columns(db: Database, id_prefix: str, *names: str) -> dict[str, Any]:
    """Return some columns of an interaction."""
    id_ = get_interaction(db, id_prefix).id
    with reading():
        row = db.execute(f"SELECT {', '.join(names)} FROM interactions WHERE id = ?", (id_,)).fetchone()  # noqa: S608 — names are ours
    return dict(zip(names, row, strict=True))


def part_content(db: Database, part_id: int | None) -> bytes | None:
    """Return a part's content; None for no part. Raises StoreError when it was erased or is damaged."""
    if part_id is None:
        return None
    with reading():
        return Contents(db).get(part_id)


def elements(db: Database, chain: int | None) -> list[Element]:
    """Return the elements of a list, in order; none for no list."""
    if chain is None:
        return []
    with reading():
        contents = Contents(db)
        return [
            Element(position, part, None if lead is None else bytes(lead), kind, role, contents.get(part))
            for position, part, lead, kind, role in db.execute(_ELEMENTS, (chain,)).fetchall()
        ]


def part_ids(db: Database, chain: int | None) -> list[int]:
    """Return the ids of a list's parts, in its order; none for no list."""
    with reading():
        return [part for (part,) in db.execute(_PART_IDS, (chain,))][::-1]


def _record_body(db: Database, seq: int | None) -> Body | None:
    if seq is None:
        return None
    with reading():
        (body, base) = db.execute("SELECT body, base FROM records WHERE seq = ?", (seq,)).fetchone()
        loaded: Body = json.loads(BodyReader(db).text(body, base))
    return loaded


def _headers(content: bytes | None, body_bytes: int | None) -> tuple[tuple[str, str], ...]:
    """Read a headers part; a value that is null is the length of the body."""
    fields = () if content is None else msgspec.json.decode(content, type=tuple[tuple[str, str | None], ...])
    return tuple((name, str(body_bytes) if value is None else value) for name, value in fields)
