"""A private file that is there once it is whole, and never in the place of another."""

import contextlib
import hashlib
import os
from pathlib import Path
from typing import Self

from recorder.errors import ConfigError


class NewFile:
    """Write to `file`, then `finish`, then `keep`; without that nothing is left. Use it as a context manager."""

    def __init__(self, path: Path) -> None:
        """Raises ConfigError when there is such a file, or none can be made."""
        self._path = path
        if path.exists() or path.is_symlink():
            raise ConfigError(f"{path}: is there already; nothing is overwritten, name another file")
        self._part = path.with_name(f"{path.name}.part")
        try:
            descriptor = os.open(self._part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise ConfigError(f"{self._part}: {error.strerror}; name a file that can be made") from None
        self.file = os.fdopen(descriptor, "w+b")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):  # what could not be written before cannot be now
            self.file.close()
        self._part.unlink(missing_ok=True)

    def finish(self) -> str:
        """Bring what was written onto the disk; return its SHA-256 in hex."""
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.seek(0)
        return hashlib.file_digest(self.file, "sha256").hexdigest()

    def keep(self) -> None:
        """Give the file its name. Raises ConfigError when another came to be there meanwhile."""
        try:
            self._path.hardlink_to(self._part)
        except OSError as error:
            raise ConfigError(f"{self._path}: {error.strerror}; name another file") from None
