"""A zip archive that is written piece by piece, the same bytes for the same content, and its files' hashes."""

import contextlib
import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Self
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import msgspec

_WHEN = (1980, 1, 1, 0, 0, 0)
"""The first time that a zip archive can name: when it was made is said inside."""
_UNIX = 3
_PRIVATE = 0o100600 << 16

type Write = Callable[[bytes], None]


class Member(msgspec.Struct, frozen=True):
    """A file of the archive."""

    name: str
    bytes: int
    sha256: str
    """In hex."""


class Archive:
    """Writes files into one folder of a zip archive; use it as a context manager."""

    def __init__(self, file: IO[bytes], folder: str) -> None:
        self.members: list[Member] = []
        self._zip = ZipFile(file, "w", ZIP_DEFLATED)
        self._folder = folder

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    @contextlib.contextmanager
    def writing(self, name: str) -> Iterator[Write]:
        """Open the next file; gives the function that appends to it."""
        info = ZipInfo(f"{self._folder}/{name}", _WHEN)
        info.compress_type, info.create_system, info.external_attr = ZIP_DEFLATED, _UNIX, _PRIVATE
        seen, size = hashlib.sha256(), 0
        with self._zip.open(info, "w", force_zip64=True) as out:

            def write(data: bytes) -> None:
                nonlocal size
                seen.update(data)
                size += len(data)
                out.write(data)

            yield write
        self.members.append(Member(name, size, seen.hexdigest()))

    def add(self, name: str, content: bytes) -> None:
        """Write a whole file."""
        with self.writing(name) as write:
            write(content)

    def add_json(self, name: str, value: object) -> None:
        """Write a file of indented JSON."""
        self.add(name, msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")

    def add_lines(self, name: str, values: Iterable[object]) -> None:
        """Write a file of JSON, one value a line."""
        with self.writing(name) as write:
            for value in values:
                write(msgspec.json.encode(value) + b"\n")
