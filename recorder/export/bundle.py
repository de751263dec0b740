"""A session as one small file: a zstd stream of JSON lines that `recorder import` makes a database of.

A head, the parts, the lists, the records, an end with the digest of all that stands before it: `zstd -dc FILE | jq`
reads it. Parts are bound by the commitments in the records, so what was said cannot be changed alone.
"""

import hashlib
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import zstandard

from recorder import __version__
from recorder.errors import StoreError
from recorder.ledger.leaf import leaf_text
from recorder.store.blocks import Contents
from recorder.store.database import Database, reading, snapshot
from recorder.store.selection import Selection, chosen_nodes, chosen_parts, chosen_records, select

FORMAT = "llm-audit-recorder bundle"
VERSION = 1
_LEVEL = 12
"""A quarter smaller than the default, at 30 MB/s."""

type Write = Callable[[bytes], None]


class Bundling:
    """Writes a session; its attributes say what came of it."""

    def __init__(self, db: Database, session: str, write: Write) -> None:
        """`session` is a whole id."""
        self._db = db
        self._session = session
        self._write = write
        self._pack = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compressobj()
        self._digest = hashlib.sha256()
        self.interactions = 0
        self.erased = 0
        """Parts whose content is not in it, because it was erased."""

    def run(self, progress: Callable[[int, int], None]) -> None:
        """Write it. Raises StoreError when content of it is damaged."""
        with snapshot(self._db):
            selection = select(self._db, session=self._session)
            self.interactions = selection.interactions
            self._line(_head(self._session))
            counts = {
                "parts": self._lines(self._parts(selection), lambda done: progress(done, selection.parts)),
                "lists": self._lines(_lists(self._db, selection)),
                "records": self._lines(_records(self._db)),
            }
        self._line({"end": counts | {"sha256": self._digest.hexdigest()}})
        self._write(self._pack.flush())

    def _lines(self, values: Iterable[object], told: Callable[[int], None] = lambda _: None) -> int:
        count = 0
        for count, value in enumerate(values, 1):
            self._line(value)
            told(count)
        return count

    def _line(self, value: object) -> None:
        data = msgspec.json.encode(value) + b"\n"
        self._digest.update(data)
        self._write(self._pack.compress(data))

    def _parts(self, selection: Selection) -> Iterator[dict[str, Any]]:
        contents = Contents(self._db)
        with reading():
            for id_, kind, role, size, salt, commitment, erased_by, is_there in chosen_parts(self._db, selection):
                about = {"id": id_, "kind": kind, "role": role, "bytes": size, "commitment": commitment.hex()}
                if is_there and salt is not None:
                    yield {"part": about | {"salt": salt.hex(), **_content(contents.get(id_))}}
                elif erased_by is not None:
                    self.erased += 1
                    yield {"part": about | {"erased_by": erased_by}}
                else:
                    raise StoreError(f"part {id_} is not there; `recorder verify` says what is wrong")


def _head(session: str) -> dict[str, Any]:
    made_utc = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    made_by = f"llm-audit-recorder {__version__}"
    return {"bundle": {"format": FORMAT, "version": VERSION, "session": session, "made_utc": made_utc, "by": made_by}}


def _content(content: bytes) -> dict[str, str]:
    try:
        return {"text": content.decode()}
    except UnicodeDecodeError:
        return {"base64": b64encode(content).decode()}


def _lists(db: Database, selection: Selection) -> Iterator[dict[str, Any]]:
    for digest, parent, part, lead in chosen_nodes(db, selection):
        hexed = {"digest": digest.hex(), "parent": parent.hex() if parent else None, "part": part.hex()}
        yield {"list": hexed | {"lead": None if lead is None else lead.hex()}}


def _records(db: Database) -> Iterator[dict[str, Any]]:
    for seq, kind, at_utc, body, erased_by in chosen_records(db):
        leaf = msgspec.Raw(leaf_text(seq, kind.encode(), at_utc.encode(), body))
        yield {"record": leaf, "erased_by": erased_by}
