"""Content, compressed as blocks: parts that were stored one after the other share one zstd stream.

Strategy. Most parts are small and like those before them: answers, timings, a file that is read again. Compressed each
by itself they take twice the space. So a stream is kept open and flushed at the end of each part: a part's `content` is
the piece of the stream that it added, its `block` the id of the part that the stream began with. To read a part, the
pieces of its block are decompressed from the first on. What a part costs the writer depends on its own size alone.

A stream ends after `BLOCK_BYTES`, with its process, and with a transaction that failed: its pieces are not all there
then. Before the content of parts is erased, `release` stores the later ones of their blocks anew.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator

import zstandard
from sqlite_utils import Database

from recorder.errors import StoreError

BLOCK_BYTES = 2_000_000
"""Of content. Also what must be decompressed at most to read a part, and what a damaged piece takes with it."""
_OPEN_BLOCKS = 4
"""How many blocks a reader keeps decompressed: conversations that went on at the same time alternate."""
_PARAMETERS = zstandard.ZstdCompressionParameters.from_level(5, window_log=21)
"""7 ms for 1 MB; the window holds a whole block."""

_IS_LAST = "SELECT 1 FROM parts WHERE id = ? AND coalesce(block, id) = ? AND content IS NOT NULL"
_WHERE = "SELECT coalesce(block, id), erased_by FROM parts WHERE id = ?"
_PIECES = "SELECT id, bytes, content FROM parts WHERE id > ? AND id <= ? AND (id = ? OR block = ?) ORDER BY id"


class BlockWriter:
    """The stream of one writer: in each transaction `resume`, then `add` what is inserted and `added` with its id."""

    def __init__(self) -> None:
        self._stream: zstandard.ZstdCompressionObj | None = None
        self._block: int | None = None
        self._size = 0
        self._last = 0

    def resume(self, db: Database) -> None:
        """Begin another block when the last part of this one is not where it was: erased, released, another file."""
        if self._block and not db.execute(_IS_LAST, (self._last, self._block)).fetchone():
            self.end()

    def add(self, content: bytes) -> tuple[int | None, bytes]:
        """Return the block of a part (None: it begins one) and its piece of the stream."""
        if self._stream is None or self._size + len(content) > BLOCK_BYTES:
            self.end()
            self._stream = zstandard.ZstdCompressor(compression_params=_PARAMETERS).compressobj()
        self._size += len(content)
        piece = self._stream.compress(content) + self._stream.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
        return self._block, piece

    def added(self, part_id: int) -> None:
        """Say which id the part was given that was added last."""
        self._last = part_id
        if self._block is None:
            self._block = part_id

    def end(self) -> None:
        """Begin another block with the next part."""
        self._stream, self._block, self._size = None, None, 0


class _Block:
    def __init__(self, first: int) -> None:
        self._first = first
        self._last = 0
        self._stream = zstandard.ZstdDecompressor().decompressobj()
        self._contents: dict[int, bytes] = {}

    def read(self, db: Database, part_id: int, ahead: int = 0) -> bytes:
        if part_id > self._last:
            self._go_on(db, part_id, part_id + ahead)
        if part_id not in self._contents:
            raise StoreError(f"part {part_id}: an erasure moved it while it was read; try again")
        return self._contents[part_id]

    def _go_on(self, db: Database, wanted: int, to: int) -> None:
        after = max(self._last, self._first - 1)
        for id_, size, piece in db.execute(_PIECES, (after, to, self._first, self._first)):
            try:
                self._contents[id_] = self._unpack(id_, size, piece)
            except StoreError:
                if id_ <= wanted:
                    raise
                return  # whoever wants that one is told
            self._last = id_

    def _unpack(self, part_id: int, size: int, piece: bytes | None) -> bytes:
        if piece is None:
            raise StoreError(f"part {part_id}: the content was erased")
        try:
            content = self._stream.decompress(piece) if piece else b""
        except zstandard.ZstdError:
            content = None
        if content is None or len(content) != size:
            raise StoreError(f"part {part_id}: the content is damaged")
        return content


class Contents:
    """Reads the contents of parts from one database; keeps the last few blocks.

    `ahead`: how many parts after one that is asked for are decompressed with it, for whoever reads many in order.
    """

    def __init__(self, db: Database, ahead: int = 0) -> None:
        self._db = db
        self._ahead = ahead
        self._blocks: OrderedDict[int, _Block] = OrderedDict()

    def get(self, part_id: int) -> bytes:
        """Return a part's content. Raises StoreError when it was erased or is damaged."""
        first, erased_by = self._db.execute(_WHERE, (part_id,)).fetchone()
        if erased_by:
            raise StoreError(f"part {part_id}: the content was erased; record {erased_by} says when, why and by whom")
        block = self._blocks.pop(first, None) or _Block(first)
        content = block.read(self._db, part_id, self._ahead)
        self._blocks[first] = block  # not one that is damaged: its stream has stopped in the middle
        if len(self._blocks) > _OPEN_BLOCKS:
            self._blocks.popitem(last=False)
        return content

    def every(self) -> Iterator[tuple[int, bytes]]:
        """Yield id and content of every part that was not erased, in order."""
        for (part_id,) in self._db.execute("SELECT id FROM parts WHERE content IS NOT NULL ORDER BY id").fetchall():
            yield part_id, self.get(part_id)


def release(db: Database, parts: Iterable[int]) -> None:
    """Store those parts anew that could not be read without these, so that these can go; inside of a transaction."""
    blocks: defaultdict[int, set[int]] = defaultdict(set)
    for part_id in parts:
        (first,) = db.execute("SELECT coalesce(block, id) FROM parts WHERE id = ?", (part_id,)).fetchone()
        blocks[first].add(part_id)
    for first, going in blocks.items():
        _release_in_block(db, first, going)


def _release_in_block(db: Database, first: int, going: set[int]) -> None:
    contents, writer = Contents(db), BlockWriter()
    later = db.execute(
        "SELECT id FROM parts WHERE (id = ? OR block = ?) AND id > ? AND content IS NOT NULL ORDER BY id",
        (first, first, min(going)),
    ).fetchall()
    for part_id in (one for (one,) in later if one not in going):
        content = contents.get(part_id)
        block, piece = writer.add(content)
        db.execute("UPDATE parts SET block = ?, content = ? WHERE id = ?", (block, piece, part_id))
        writer.added(part_id)
