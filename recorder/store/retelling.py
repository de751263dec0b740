"""Takes in records that were written before, by the code that derived from them then.

The parts are in the database already; which list a record names is for `lists` to say.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from sqlite_utils import Database

from recorder.errors import StoreError
from recorder.ledger.kinds import RecordKind
from recorder.model import Slot
from recorder.store.blocks import Contents
from recorder.store.deriving import derive_closed, derive_event, derive_opened
from recorder.store.findings import Text
from recorder.store.parts import MARK
from recorder.store.references import part_columns

type Body = Mapping[str, Any]
type Elements = list[tuple[int, str, str | None]]
"""Part, its commitment (hex) and its lead (Latin-1)."""


class Lists(Protocol):
    """The lists by their digests."""

    def extend(self, head: bytes, length: int, new: Elements) -> int:
        """Return the number of a list whose last elements are `new`. Raises StoreError when there is none."""


class Retelling:
    """Takes in one record after the other, in their order, inside of a transaction."""

    def __init__(self, db: Database, parts: Mapping[str, int], lists: Lists) -> None:
        """`parts`: by commitment (hex)."""
        self._db = db
        self._contents = Contents(db)
        self._columns = part_columns(db)
        self._parts = parts
        self._lists = lists
        self._opened: dict[str, int] = {}

    def take(self, seq: int, kind: RecordKind, at_utc: str, body: Body) -> None:
        """Take in a record. Raises StoreError when a part or a list of it is not there."""
        record = seq, at_utc, body
        parts = {name: self._part(body[name]) for name in self._columns if isinstance(body.get(name), str)}
        if kind is RecordKind.OPENED:
            self._opened[body["id"]] = seq
            chains = body.get("chains", {})
            heads = {Slot(slot): self._list(chain) for slot, chain in chains.items()}
            sent = body.get("sent_chains", {})
            parts |= {f"sent_{slot}_chain": self._list(chain) for slot, chain in sent.items()}
            new = chains.get(Slot.MESSAGES, {}).get("new", ())
            first = chains[Slot.MESSAGES]["length"] - len(new) if new else 0
            messages = {first + at: self._part(one["part"]) for at, one in enumerate(new)}
            derive_opened(self._db, record, parts, (heads, messages), self._marked(body))
        elif kind is RecordKind.CLOSED:
            derive_closed(self._db, record, self._opened[body["id"]], parts, self._marked(body))
        else:
            derive_event(self._db, seq, kind, at_utc, body)

    def _part(self, commitment: str) -> int:
        if commitment not in self._parts:
            raise StoreError(f"a part is gone whose commitment begins with {commitment[:16]}; see `recorder verify`")
        return self._parts[commitment]

    def _marked(self, body: Body) -> Iterator[Text]:
        for part in body.get("parts", ()):
            id_ = self._part(part["commitment"])
            if self._db.execute("SELECT 1 FROM parts WHERE id = ? AND content IS NOT NULL", (id_,)).fetchone():
                content = self._contents.get(id_)
                if MARK in content:
                    yield Text(id_, part["kind"], part.get("role"), content)

    def _list(self, chain: Body) -> int:
        new = [(self._part(one["part"]), one["part"], one.get("lead")) for one in chain.get("new", ())]
        return self._lists.extend(bytes.fromhex(chain["head"]), chain["length"], new)
