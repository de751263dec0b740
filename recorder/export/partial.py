"""A file while it is written, beside the one that it is to become: `PATH.partial`, and how far it is.

What was written so far survives the end of the process: `PATH.partial.state` says up to which byte the file is good and
which interaction is the last in it. It is written after the file has reached the disk, so it never says too much.
"""

import hashlib
import os
from pathlib import Path
from typing import BinaryIO

import msgspec

from recorder.errors import RecorderError
from recorder.export.asked import Asked

_CHUNK = 1_000_000
_PRIVATE = 0o600


class State(msgspec.Struct, frozen=True, kw_only=True):
    """How far an export is."""

    asked: Asked
    origin: str
    """Leaf hash of the record's first record, in hex: which record it is taken from."""
    to: int
    """Number of the last interaction that is wanted."""
    seq: int
    """Number of the last one written."""
    count: int
    size: int
    """So many bytes of the file are good."""


class Partial:
    """The file of an export that is not complete."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file_path = path.with_name(f"{path.name}.partial")
        self._state_path = path.with_name(f"{path.name}.partial.state")
        self._file: BinaryIO | None = None
        self._hash = hashlib.sha256()
        self.size = 0
        """Bytes written so far."""

    def begin(self, *, force: bool) -> None:
        """Make the file. Raises RecorderError when something is in the way and `force` does not say that it may go."""
        if not force:
            self._refuse_to_overwrite()
        self._state_path.unlink(missing_ok=True)
        self._file_path.unlink(missing_ok=True)
        self._open(os.O_CREAT | os.O_EXCL)

    def resume(self) -> State:
        """Open the file of an export that was broken off, as far as it is good. Raises RecorderError without one."""
        try:
            state = msgspec.json.decode(self._state_path.read_bytes(), type=State)
        except FileNotFoundError:
            raise RecorderError(f"{self._path}: no export was broken off here; leave --resume out") from None
        except (OSError, msgspec.DecodeError) as error:
            raise RecorderError(f"{self._state_path}: cannot be read ({error}); begin anew with --force") from None
        self._open(0)
        assert self._file is not None
        while self.size < state.size and (chunk := self._file.read(min(_CHUNK, state.size - self.size))):
            self._hash.update(chunk)
            self.size += len(chunk)
        if self.size < state.size:
            raise RecorderError(f"{self._file_path}: is shorter than it was; begin anew with --force")
        self._file.truncate()
        return state

    def write(self, data: bytes) -> None:
        """Add bytes."""
        assert self._file is not None
        self._file.write(data)
        self._hash.update(data)
        self.size += len(data)

    def save(self, state: State) -> None:
        """Note how far the file is."""
        assert self._file is not None
        self._file.flush()
        os.fdatasync(self._file.fileno())
        fresh = self._state_path.with_name(f"{self._state_path.name}.new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, _PRIVATE), "wb") as file:
            file.write(msgspec.json.encode(state))
        fresh.replace(self._state_path)

    def digest(self) -> str:
        """Return the SHA-256 of what was written so far, in hex."""
        return self._hash.hexdigest()

    def finish(self) -> None:
        """Make the file what it was to become."""
        assert self._file is not None
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._file_path.replace(self._path)
        self._state_path.unlink(missing_ok=True)

    def close(self) -> None:
        """Leave the file as it is."""
        if self._file is not None:
            self._file.close()

    def _refuse_to_overwrite(self) -> None:
        if self._path.exists():
            raise RecorderError(f"{self._path}: is there already; name another with -o, or overwrite it with --force")
        if self._state_path.exists():
            raise RecorderError(f"{self._path}: an export was broken off here; go on with --resume, or --force anew")

    def _open(self, flags: int) -> None:
        try:
            descriptor = os.open(self._file_path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | flags, _PRIVATE)
        except OSError as error:
            raise RecorderError(f"{self._file_path}: {error.strerror}; name another file with -o") from None
        os.fchmod(descriptor, _PRIVATE)
        self._file = os.fdopen(descriptor, "r+b")
