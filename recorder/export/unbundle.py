"""Reads a bundle. It may come from anyone: nothing in it names a file, and what it can make this program hold is bound.

Decompression is asked for a piece at a time, a line has a greatest length, and so has the whole. What the lines say is
checked where they go in (`recorder.store.importing`).
"""

import contextlib
import hashlib
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import zstandard

from recorder.errors import RecorderError, StoreError
from recorder.export.bundle import FORMAT, VERSION
from recorder.ledger.kinds import RecordKind
from recorder.ledger.leaf import LEAF_VERSION
from recorder.store.importing import Imported, ImportedList, ImportedPart, ImportedRecord

_MOST_LINE_BYTES = 256_000_000
"""A request of 64 MB, the most that a recorder takes in by default, in the longest escapes of JSON."""
_MOST_BYTES = 16_000_000_000
_WINDOW_BYTES = 1 << 27
_CHUNK = 1 << 18


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What a bundle says of itself."""

    format: str
    version: int
    session: str
    made_utc: str
    by: str


class _Part(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    id: int
    kind: str
    role: str | None
    bytes: int
    commitment: str
    salt: str | None = None
    text: str | None = None
    base64: str | None = None
    erased_by: int | None = None


class _List(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    digest: str
    parent: str | None
    part: str
    lead: str | None


class _Record(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    at_utc: str
    body: msgspec.Raw
    kind: RecordKind
    seq: int
    v: int


class _End(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    parts: int
    lists: int
    records: int
    sha256: str


class _Line(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    bundle: Head | None = None
    part: _Part | None = None
    list: _List | None = None
    record: _Record | None = None
    erased_by: int | None = None
    end: _End | None = None


_decode = msgspec.json.Decoder(_Line).decode


@contextlib.contextmanager
def read_bundle(path: Path) -> Iterator["Bundle"]:
    """Open a bundle. Raises RecorderError when it cannot be read, or is none."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise RecorderError(f"{path}: {error.strerror}; name a file that `recorder export` made") from None
    with file:
        yield Bundle(file, path)


class Bundle:
    """A bundle that is read once. Raises RecorderError for one that is damaged, as soon as that shows."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._path = path
        self._digest = hashlib.sha256()
        self._lines = _lines(file, path)
        self.head = self._read_head()

    def rows(self) -> Iterator[Imported]:
        """Yield parts, lists and records; at the end of them the digest was checked."""
        counts = {"parts": 0, "lists": 0, "records": 0}
        for data in self._lines:
            line = self._line(data)
            if line.end is not None:
                self._check_end(line.end, counts)
                return
            name, row = _row(line)
            if name is None or any(counts[later] for later in list(counts)[list(counts).index(name) + 1 :]):
                raise StoreError(f"{self._path}: holds a line that belongs there not; the bundle is damaged")
            self._digest.update(data)
            counts[name] += 1
            yield row
        raise StoreError(f"{self._path}: ends too soon; the bundle was cut off, have it sent again")

    def _read_head(self) -> Head:
        data = next(self._lines, b"")
        head = self._line(data).bundle if data.startswith(b'{"bundle":') else None
        if head is None or head.format != FORMAT:
            raise RecorderError(f"{self._path}: is no bundle; `recorder export --format bundle` makes one")
        if head.version != VERSION:
            raise RecorderError(f"{self._path}: is a bundle of version {head.version}, made by a newer recorder")
        self._digest.update(data)
        return head

    def _line(self, data: bytes) -> _Line:
        try:
            return _decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise StoreError(f"{self._path}: holds a line that is none of a bundle's ({error})") from None

    def _check_end(self, end: _End, counts: dict[str, int]) -> None:
        if end.sha256 != self._digest.hexdigest() or {name: getattr(end, name) for name in counts} != counts:
            raise StoreError(f"{self._path}: is not what was written (SHA-256 differs); have it sent again")
        if next(self._lines, None) is not None:
            raise StoreError(f"{self._path}: holds something behind its end; the bundle is damaged")


def _row(line: _Line) -> tuple[str | None, Any]:
    try:
        if line.part is not None:
            return "parts", _part(line.part)
        if line.list is not None:
            return "lists", _list(line.list)
        if line.record is not None:
            return "records", _record(line.record, line.erased_by)
    except ValueError as error:
        raise StoreError(f"a line of the bundle cannot be read: {error}") from None
    return None, None


def _part(part: _Part) -> ImportedPart:
    content = b64decode(part.base64, validate=True) if part.base64 is not None else None
    return ImportedPart(
        id=part.id,
        kind=part.kind,
        role=part.role,
        size_bytes=part.bytes,
        commitment=bytes.fromhex(part.commitment),
        salt=None if part.salt is None else bytes.fromhex(part.salt),
        content=part.text.encode() if part.text is not None else content,
        erased_by=part.erased_by,
    )


def _list(one: _List) -> ImportedList:
    return ImportedList(
        digest=bytes.fromhex(one.digest),
        parent=None if one.parent is None else bytes.fromhex(one.parent),
        part=bytes.fromhex(one.part),
        lead=None if one.lead is None else bytes.fromhex(one.lead),
    )


def _record(record: _Record, erased_by: int | None) -> ImportedRecord:
    if record.v != LEAF_VERSION:
        raise ValueError(f"a record is of version {record.v}")
    return ImportedRecord(
        seq=record.seq, kind=record.kind, at_utc=record.at_utc, body=bytes(record.body), erased_by=erased_by
    )


def _lines(file: BinaryIO, path: Path) -> Iterator[bytes]:
    """Yield lines with their ends."""
    unpack = zstandard.ZstdDecompressor(max_window_size=_WINDOW_BYTES).stream_reader(file)
    begun: list[bytes] = []
    held = total = 0
    while chunk := _read(unpack, path):
        total += len(chunk)
        *ended, rest = chunk.split(b"\n")
        for piece in ended:
            yield b"".join((*begun, piece, b"\n"))
            begun, held = [], 0
        begun.append(rest)
        held += len(rest)
        if held > _MOST_LINE_BYTES or total > _MOST_BYTES:
            raise StoreError(f"{path}: holds more than a session can ({_MOST_BYTES // 10**9} GB); it is not read")
    if held:
        yield b"".join(begun)


def _read(unpack: zstandard.ZstdDecompressionReader, path: Path) -> bytes:
    try:
        return unpack.read(_CHUNK)
    except zstandard.ZstdError:
        raise RecorderError(f"{path}: is no bundle, or is damaged; have it sent again") from None
