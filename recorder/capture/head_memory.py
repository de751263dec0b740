"""The newest checkpoint of a database, kept a second time in the state folder, apart from it.

With it the next start and `recorder verify` notice that the database was put back to an older copy, cut or replaced:
a database that was cut together with its checkpoints looks whole to itself. It is written in place and not synced:
an older checkpoint that is left after a power cut is as true as the newest, only less sharp.
"""

import contextlib
import hashlib
import os
from pathlib import Path

_MOST_BYTES = 65536


class HeadMemory:
    """Remembers one database's head, by the database's path."""

    def __init__(self, folder: Path, db: Path) -> None:
        name = hashlib.sha256(os.fsencode(db.absolute())).hexdigest()[:32]
        self.path = folder / "heads" / f"{name}.note"
        self._file: int | None = None
        self._size = -1

    def read(self) -> str | None:
        """Return the signed note; None when there is none or it cannot be read."""
        try:
            with self.path.open("rb") as file:
                return file.read(_MOST_BYTES).decode() or None
        except (OSError, UnicodeDecodeError):
            return None

    def write(self, note: str) -> None:
        """Keep a note in the place of the one before. A folder that cannot be written is no reason to fail."""
        data = note.encode()
        with contextlib.suppress(OSError):
            if self._file is None:
                self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            os.pwrite(self._file, data, 0)
            if len(data) != self._size:
                os.ftruncate(self._file, len(data))
                self._size = len(data)
