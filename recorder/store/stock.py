"""The parts of one transaction: packed before it, looked up at its start, stored as rows need them."""

from collections.abc import Iterable, Sequence

import msgspec
from sqlite_utils import Database

from recorder.store.chains import Chains
from recorder.store.clearing import note_cleared
from recorder.store.findings import Text
from recorder.store.memory import Memory, Own
from recorder.store.parts import UNSHARED, Packed, Packer, Stored, find_parts, insert_parts
from recorder.store.rows import (
    EMPTY_LIST,
    Closed,
    Event,
    InFlight,
    KnownPart,
    MissingParts,
    NewPart,
    Opened,
    Part,
    Row,
    SafeHeaders,
    SentOn,
)
from recorder.store.unicode import valid

_OPENED_OWN = {
    "request_headers": "headers",
    "layout": "layout",
    "sent_headers": "headers",
    "sent_layout": "layout",
}
_CLOSED_OWN = {"response_headers": "headers", "error_message": "error", "provided_headers": "headers"}
"""What a row holds beside parts that is stored as one: its column → its kind."""
_IS_THERE = "SELECT 1 FROM parts WHERE id = ? AND commitment = ? AND content IS NOT NULL"


class Stock:
    """`pack` before the transaction, `find` at its start; `take` and `take_own` for each row; then `note_cleared`."""

    def __init__(self, db: Database, packer: Packer, memory: Memory, chains: Chains) -> None:
        self.found: dict[bytes, Stored] = {}
        """The stored parts that the rows name, by digest; those that lie in a chain known to memory are left out."""
        self.inserted: set[bytes] = set()
        """Which of them this transaction stored."""
        self.marked: list[Text] = []
        """The parts stored since this was last emptied that secrets may have been removed from."""
        self._db = db
        self._packer = packer
        self._memory = memory
        self._chains = chains
        self._shared: dict[bytes, Packed] = {}
        self._own: dict[tuple[str, str], Own] = {}
        self._stored_own: dict[Own, Stored] = {}
        self._cleared: dict[int, str] = {}
        """Parts in which nothing was found, by id, and by which version of the detectors; to be noted."""

    def pack(self, rows: Iterable[Row]) -> None:
        """Hash what may have to be stored."""
        for row in rows:
            for part in _all_parts(row):
                if isinstance(part, NewPart) and part.digest not in self._shared:
                    self._shared[part.digest] = self._packer.pack(part)
            if isinstance(row, Opened | Closed):
                for name, content in _own_content(row).items():
                    self._own[row.id, name] = _own_kinds(row)[name], content

    def find(self, rows: Iterable[Row]) -> None:
        """Look the rows' parts up. Raises MissingParts when one is neither stored nor among the packed."""
        self._memory.blocks.resume(self._db)
        wanted = [part for row in rows for part in self._unknown_parts(row)]
        # Of an answer there is never another one.
        shared = {part.digest for part in wanted if isinstance(part, KnownPart) or part.kind not in UNSHARED}
        self.found = find_parts(self._db, shared)
        digests = {part.digest for part in wanted}
        missing = digests - self.found.keys() - self._shared.keys()
        if missing:
            raise MissingParts(frozenset(missing))

    def take(self, part: Part, new: list[Packed]) -> Stored:
        """Return a part, stored now if it was not; then it is added to `new`."""
        self.take_all([part], new)
        return self.found[part.digest]

    def take_all(self, parts: Sequence[Part], new: list[Packed]) -> None:
        """Store those of the parts that are not, in order, and add them to `new`; `found` has all of them then."""
        missing = dict.fromkeys(part.digest for part in parts if part.digest not in self.found)
        if missing:
            stored = self._insert([self._shared[digest] for digest in missing], new)
            self.found.update(zip(missing, stored, strict=True))
            self.inserted.update(missing)
        for part in parts:
            if isinstance(part, NewPart) and part.cleared_by is not None:
                self._cleared[self.found[part.digest].id] = part.cleared_by

    def note_cleared(self) -> None:
        """Note in which of the parts that were taken nothing was found: once, behind the last row."""
        note_cleared(self._db, self._cleared)

    def take_own(self, row: Opened | Closed, new: list[Packed]) -> dict[str, Stored]:
        """Return what the row holds beside parts, by the name of its column; stored now unless it was lately."""
        return {name: self._take_own(own, new) for name in _own_kinds(row) if (own := self._own.get((row.id, name)))}

    def publish(self) -> None:
        """Let later transactions know what this one stored of their own."""
        self._memory.remember(self._stored_own)

    def _take_own(self, own: Own, new: list[Packed]) -> Stored:
        stored = self._stored_own.get(own) or self._recalled(own) or self._insert([self._packer.pack_own(*own)], new)[0]
        self._stored_own[own] = stored
        return stored

    def _recalled(self, own: Own) -> Stored | None:
        stored = self._memory.recall(own)
        if stored is None:
            return None
        # It may have been erased since, or the file exchanged.
        return stored if self._db.execute(_IS_THERE, (stored.id, stored.commitment)).fetchone() else None

    def _insert(self, packed: Sequence[Packed], new: list[Packed]) -> list[Stored]:
        new += packed
        stored = insert_parts(self._db, packed, self._memory.blocks)
        for part, at in zip(packed, stored, strict=True):
            if part.is_marked:
                self.marked.append(Text(at.id, part.kind, part.role, part.content))
        return stored

    def _unknown_parts(self, row: Row) -> Iterable[Part]:
        if not isinstance(row, Opened):
            return _all_parts(row)
        parts: list[Part] = []
        halves: list[Opened | SentOn] = [row, row.sent] if row.sent else [row]
        for half in halves:
            parts += [part for part in (half.envelope, half.body) if part is not None]
            for slot, links in half.chains.items():
                _, known = self._chains.known_prefix(links, half.starts.get(slot, EMPTY_LIST))
                parts += (link.part for link in links[known:])
        return parts


def _all_parts(row: Row) -> list[NewPart | KnownPart]:
    match row:
        case Opened():
            halves = [half for half in (row, row.sent) if half is not None]
            links = [link.part for half in halves for links in half.chains.values() for link in links]
            own = [part for half in halves for part in (half.envelope, half.body)]
            return [part for part in (*own, *links) if part is not None]
        case Closed():
            provided = row.provided.answer if row.provided else None
            return [part for part in (row.answer, row.timing, provided) if part is not None]
        case Event() | InFlight():
            return []


def _own_kinds(row: Opened | Closed) -> dict[str, str]:
    return _OPENED_OWN if isinstance(row, Opened) else _CLOSED_OWN


def _own_content(row: Opened | Closed) -> dict[str, bytes]:
    match row:
        case Opened():
            content = {"request_headers": _headers(row.headers, row.request_bytes), "layout": _layout(row)}
            if row.sent:
                content["sent_headers"] = _headers(row.sent.headers, row.sent.bytes)
                content["sent_layout"] = _layout(row.sent)
        case Closed():
            message = None if row.error_message is None else valid(row.error_message).encode()
            content = {"response_headers": _headers(row.headers, row.response_bytes), "error_message": message}
            if row.provided:
                content["provided_headers"] = _headers(row.provided.headers, row.provided.bytes)
    return {name: data for name, data in content.items() if data}


def _headers(headers: SafeHeaders, body_bytes: int) -> bytes | None:
    """Write `[[name, value], ...]`; null for a length that the record says anyway, so that equal headers are equal."""
    if not headers:
        return None
    length = "content-length", str(body_bytes)
    return msgspec.json.encode(
        [(valid(name), None if (name.lower(), value) == length else valid(value)) for name, value in headers]
    )


def _layout(row: Opened | SentOn) -> bytes | None:
    """Write where slots begin in the envelope and which marks go back into the parts; bytes as Latin-1 text."""
    if row.envelope is None:
        return None
    marks = [(slot, position, offset, data.decode("latin-1")) for slot, position, offset, data in row.marks]
    return msgspec.json.encode({"slots": row.slots, "marks": marks})
