"""What parts contain against what was committed to, a range of parts at a time: nothing else has to be known."""

import hashlib
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import msgspec
import zstandard
from sqlite_utils import Database

from recorder.store.database import reading
from recorder.store.parts import MARK

if TYPE_CHECKING:
    from zstandard import ZstdDecompressionObj as _Stream  # a name that only the type checker knows

_PARTS = (
    "SELECT id, coalesce(block, id), bytes, content, salt, commitment FROM parts WHERE id BETWEEN ? AND ? ORDER BY id"
)
_BEFORE = "SELECT content FROM parts WHERE id >= ?1 AND id < ?2 AND (id = ?1 OR block = ?1) ORDER BY id"
_OPEN_STREAMS = 8
"""Blocks that are read at the same time: one for each recorder that wrote."""


class Read(msgspec.Struct):
    """What was found in a range of parts."""

    wrong: list[int] = []
    """Those whose content is not what was committed to, or cannot be read; without those that have none, or no salt."""
    marked: list[int] = []
    """Those that secrets may have been removed from."""


def read_contents(db: Database, first: int, last: int) -> Read:
    """Hash the contents of the parts from one number to another. Raises StoreError when SQLite cannot read them."""
    found, streams = Read(), _Streams(db)
    with reading():
        for id_, block, size, piece, salt, committed in db.execute(_PARTS, (first, last)):
            content = streams.read(block, id_, piece)
            if piece is None or salt is None:
                continue
            if content is None or len(content) != size or hashlib.sha256(salt + content).digest() != committed:
                found.wrong.append(id_)
            elif MARK in content:
                found.marked.append(id_)
    return found


class _Streams:
    """The blocks that the last parts were of, decompressed up to these."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._open: OrderedDict[int, _Stream | None] = OrderedDict()

    def read(self, block: int, part_id: int, piece: bytes | None) -> bytes | None:
        """Return what a piece adds to its block; None when it, or one before it, cannot be read."""
        stream = self._open.pop(block) if block in self._open else self._begun(block, part_id)
        content = None if stream is None or piece is None else _decompressed(stream, piece)
        self._open[block] = None if content is None else stream
        if len(self._open) > _OPEN_STREAMS:
            self._open.popitem(last=False)
        return content

    def _begun(self, block: int, part_id: int) -> "_Stream | None":
        stream = zstandard.ZstdDecompressor().decompressobj()
        rows: list[Any] = []
        if block != part_id:
            rows = self._db.execute(_BEFORE, (block, part_id)).fetchall()
        return stream if all(one is not None and _decompressed(stream, one) is not None for (one,) in rows) else None


def _decompressed(stream: "_Stream", piece: bytes) -> bytes | None:
    try:
        return stream.decompress(piece) if piece else b""
    except (zstandard.ZstdError, MemoryError):
        return None
