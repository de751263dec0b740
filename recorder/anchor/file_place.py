"""An anchor that is a file: on another disk, in a folder that is synced away, on a share that only takes appends."""

import os
from pathlib import Path

from recorder.anchor.place import AnchorError, Receipt
from recorder.ledger.checkpoint import is_of
from recorder.ledger.note import split_notes


class FilePlace:
    """Appends checkpoints, one after the other."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def put(self, note: str, origin: str, size: int) -> Receipt:  # noqa: ARG002 -- as for every place
        """Append a checkpoint and wait until it is on the disk."""
        if not self._path.parent.is_dir():
            raise AnchorError("its folder is not there; is the disk mounted?")
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        with os.fdopen(descriptor, "wb") as file:
            file.write(note.encode())
            file.flush()
            os.fsync(file.fileno())
        return {}

    def read(self, origin: str) -> list[str]:
        """Return the checkpoints of a record; the file may hold others'."""
        if not self._path.exists():
            raise AnchorError("the file is not there; is the disk mounted?")
        return [note for note in split_notes(self._path.read_text(encoding="utf-8")) if is_of(note, origin)]
