"""Looks through files for secrets: their bytes, what is compressed in them, what a database holds.

A file is looked at a window at a time, so that its size does not matter; windows overlap, so that what lies across a
border is found (what lies in an overlap counts twice).
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, NamedTuple

import msgspec

from recorder.errors import NotOursError, StoreError
from recorder.model import ALLOWED, Finding, SafeBytes
from recorder.redact import Redacted, Redactor
from recorder.redact.fingerprint import PLACEHOLDER
from recorder.store.contents import every_content
from recorder.store.database import open_reader
from recorder.store.migrations import APPLICATION_ID, IMPORTED_ID
from recorder.wire.coding import StreamDecoder
from recorder.wire.jsontext import parse_json

_WINDOW_BYTES = 16_000_000
_OVERLAP_BYTES = 256_000
_MOST_DECODED_BYTES = 20_000_000_000
_READ_BYTES = 1_000_000

_SQLITE = b"SQLite format 3\0"
_SQLITE_OWNER = slice(68, 72)
"""Where the `application_id` is: https://sqlite.org/fileformat.html, which also has the magic number of a WAL."""
_WAL = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")
_CODINGS = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
"""How a compressed file begins: https://www.rfc-editor.org/rfc/rfc1952, https://www.rfc-editor.org/rfc/rfc8878."""

_MUCH_TEXT = re.compile(rb"[\t\n\r -~]{12,}")
"""Sixteen random bytes hold such a run three times in a hundred thousand."""

_REST_OF_PLACEHOLDER = re.compile(rb":[0-9a-f]{32}(?![0-9a-f])")
"""What compression may leave of a placeholder as it is, when it takes its beginning from elsewhere."""

type _Key = tuple[str | None, str, str | None]
"""Where, kind, fingerprint."""


class Hit(msgspec.Struct, frozen=True):
    """A secret in a file, never its value. `where`: `line 3`, `byte 99` of a binary file, `part 12`, `record 7`."""

    file: str
    where: str | None
    kind: str
    fingerprint: str | None
    count: int


class _Place(NamedTuple):
    start: int
    kind: str
    fingerprint: str | None
    raw: bytes


class Scanner:
    """Looks through one file after the other; `problems` says what could not be looked at, and why."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self.problems: list[str] = []

    def scan(self, path: Path) -> Iterator[Hit]:
        """Yield what is in a file, and in what is compressed in it."""
        found: Counter[_Key] = Counter()
        try:
            with path.open("rb") as file:
                begin = file.read(len(_SQLITE))
                file.seek(0)
                self._scan_stream(_chunks(file), found)
                coding = next((name for magic, name in _CODINGS.items() if begin.startswith(magic)), None)
                if coding:
                    file.seek(0)
                    self._scan_decoded(path, coding, file, found)
            if begin == _SQLITE:
                self._scan_database(path, found)
        except OSError as error:
            self.problems.append(f"{path}: {error.strerror}; nothing can be said about it")
        for (where, kind, fingerprint), count in found.items():
            yield Hit(str(path), where, kind, fingerprint, count)

    def _scan_stream(self, chunks: Iterable[bytes], found: Counter[_Key]) -> None:
        line = at = 0
        is_binary, is_record = None, False
        for window, is_last in _windows(chunks):
            if is_binary is None:
                is_binary = b"\0" in window[:_READ_BYTES]
                is_record = _is_record(window)
            places = [*_places(window, self._redactor.bytes_(window))]
            if is_binary:
                places = [place for place in places if self._is_text(place.raw, is_record=is_record)]
            if not is_binary and at == 0 and is_last:
                places += self._in_lines(window, {(place.kind, place.fingerprint) for place in places})
            for place in places:
                above = line + window.count(b"\n", 0, place.start)
                where = f"byte {at + place.start}" if is_binary else f"line {above + 1}"
                found[where, place.kind, place.fingerprint] += 1
            step = len(window) if is_last else len(window) - _OVERLAP_BYTES
            line, at = line + window.count(b"\n", 0, step), at + step

    def _is_text(self, raw: bytes, *, is_record: bool) -> bool:
        """Say whether what was found in a binary file is text, and not just bytes that stand behind a telling word.

        A database of ours is full of kinds with a fingerprint behind them, of which a few bytes may well be letters,
        and of compressed contents, which are looked through once more as what they are.
        """
        if self._redactor.holds_known(raw):
            return True
        if is_record:
            return _MUCH_TEXT.fullmatch(raw) is not None and not _REST_OF_PLACEHOLDER.search(raw)
        try:
            return _MUCH_TEXT.search(raw) is not None or raw.decode().isprintable()
        except UnicodeDecodeError:
            return False

    def _in_lines(self, text: bytes, known: set[tuple[str, str | None]]) -> Iterator[_Place]:
        """Read JSON as JSON, which tells what its names give away: a whole file's, or that of lines."""
        at = 0
        for piece in [text] if _is_json(text) else text.splitlines(keepends=True):
            if piece.lstrip()[:1] in (b"{", b"[") and _is_json(piece):
                for place in _places(piece, self._redactor.json(piece)):
                    if (place.kind, place.fingerprint) not in known:
                        yield place._replace(start=at + place.start)
            at += len(piece)

    def _scan_decoded(self, path: Path, coding: str, file: IO[bytes], found: Counter[_Key]) -> None:
        decoder = StreamDecoder(coding, _MOST_DECODED_BYTES)
        inner: Counter[_Key] = Counter()
        self._scan_stream(_decoded(decoder, file), inner)
        for (where, kind, fingerprint), count in inner.items():
            found[f"{where} decompressed", kind, fingerprint] += count
        if decoder.anomaly:
            self.problems.append(f"{path}: {decoder.anomaly.kind}; not all of it could be decompressed")

    def _scan_database(self, path: Path, found: Counter[_Key]) -> None:
        try:
            with open_reader(path) as db:
                for where, content in every_content(db):
                    for finding in self._look(content):
                        found[where, finding.kind, finding.fingerprint] += finding.count
        except NotOursError:
            return  # some other program's: its bytes have been looked at
        except StoreError as error:
            self.problems.append(f"{error}; what is compressed in it was not looked at")

    def _look(self, content: bytes) -> tuple[Finding, ...]:
        # As text, the punctuation of JSON would be taken for what stands around a secret. A known value is always one.
        if not _is_json(content):
            return self._redactor.bytes_(content).findings
        found = self._redactor.json(content).findings
        if not found and self._redactor.holds_known(content):
            found = self._redactor.bytes_(content).findings
        return tuple(finding for finding in found if finding.kind != ALLOWED)


def _places(raw: bytes, redacted: Redacted[SafeBytes]) -> Iterator[_Place]:
    """Yield where a secret stood, with its kind and fingerprint, which stand in the placeholder there."""
    moved = 0
    for edit in redacted.edits:
        match = PLACEHOLDER.match(redacted.value, edit.start + moved)
        if match:
            kind, _, name = match[0].decode().removeprefix("[REDACTED:").removesuffix("]").partition(":")
            yield _Place(edit.start, kind, name or None, raw[edit.start : edit.end])
        moved += edit.size - (edit.end - edit.start)


def _is_record(begin: bytes) -> bool:
    """Say whether a file is a database of ours, or a WAL."""
    owner = int.from_bytes(begin[_SQLITE_OWNER])
    return owner in {APPLICATION_ID, IMPORTED_ID} or begin.startswith(_WAL)


def _is_json(content: bytes) -> bool:
    try:
        parse_json(content)
    except ValueError:
        return False
    return True


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(_READ_BYTES):
        yield chunk


def _decoded(decoder: StreamDecoder, file: IO[bytes]) -> Iterator[bytes]:
    for chunk in _chunks(file):
        yield decoder.feed(chunk)
    yield decoder.finish()


def _windows(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Put chunks together to windows that overlap, each with whether it is the last."""
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) > _WINDOW_BYTES:
            yield bytes(held[:_WINDOW_BYTES]), False
            del held[: _WINDOW_BYTES - _OVERLAP_BYTES]
    yield bytes(held), True
