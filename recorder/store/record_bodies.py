"""Bodies of records as they are stored: canonical JSON, or compressed with the body of an earlier record.

Opened and closed records of one recorder differ in some hashes, times and counts. So one of each kind is stored as
text, a base, and the ones after it as zstd with that text as dictionary. The first of a run are unlike the later ones:
a base serves for ten, the next for a hundred, then for a thousand. Records are never changed or erased, so a base stays
what it is. The leaf hash is over the text in either form.
"""

import zstandard
from sqlite_utils import Database

from recorder.errors import StoreError
from recorder.ledger.kinds import RecordKind

_FIRST_SERVES = 10
_MOST_SERVED = 1000
_OPEN_BASES = 32
_LEVEL = 1
"""3 µs for a body. What is new in one is hashes, in which no level finds anything: 9 takes thrice as long, for more."""
_ALIKE = frozenset({RecordKind.OPENED, RecordKind.CLOSED})
_BASE = "SELECT body FROM records WHERE seq = ?"

type Body = str | bytes


class _Base:
    def __init__(self, seq: int, text: bytes, serves: int) -> None:
        self.seq = seq
        self.serves = serves
        self.served = 0
        self.compress = zstandard.ZstdCompressor(level=_LEVEL, dict_data=_dictionary(text)).compress


class BodyWriter:
    """Packs the bodies that one writer appends; `forget` when what it packed was not committed."""

    def __init__(self) -> None:
        self._bases: dict[RecordKind, _Base] = {}

    def pack(self, seq: int, kind: RecordKind, text: bytes) -> tuple[Body, int | None]:
        """Return what is stored for a body, and the number of the record that it needs to be read."""
        if kind not in _ALIKE:
            return text.decode(), None
        base = self._bases.get(kind)
        if base is None or base.served == base.serves:
            serves = min(base.serves * 10, _MOST_SERVED) if base else _FIRST_SERVES
            self._bases[kind] = _Base(seq, text, serves)
            return text.decode(), None
        base.served += 1
        return base.compress(text), base.seq

    def forget(self) -> None:
        """Begin with new bases."""
        self._bases.clear()


class BodyReader:
    """Reads bodies of one database; keeps the bases that were read last."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._bases: dict[int | None, zstandard.ZstdDecompressor] = {}

    def text(self, body: Body, base: int | None) -> bytes:
        """Return the canonical JSON of a record from its columns. Raises StoreError when it is damaged."""
        if isinstance(body, str):
            return body.encode()
        try:
            return (self._bases.get(base) or self._decompressor(base)).decompress(body)
        except zstandard.ZstdError:
            raise StoreError("the body of a record is damaged") from None

    def _decompressor(self, base: int | None) -> zstandard.ZstdDecompressor:
        assert base is not None, "a compressed body names its base"
        (text,) = self._db.execute(_BASE, (base,)).fetchone()
        found = zstandard.ZstdDecompressor(dict_data=_dictionary(text.encode()))
        if len(self._bases) == _OPEN_BASES:
            del self._bases[next(iter(self._bases))]
        self._bases[base] = found
        return found


def _dictionary(text: bytes) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(text, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
