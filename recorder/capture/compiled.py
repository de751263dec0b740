"""Compiled patterns between two starts: a file each in the cache folder, for its owner alone.

They are what compiling takes seconds for; whoever deletes them loses these. The patterns of old versions go, but for
the newest few.
"""

import contextlib
import os
import tempfile
from pathlib import Path

import msgspec

_MOST = 8
_PRIVATE = 0o700


class CompiledFolder(msgspec.Struct, frozen=True):
    """A `recorder.redact.Kept`."""

    folder: Path

    def get(self, name: str) -> bytes | None:
        """Return what lies there under a name; None when nothing does, or it cannot be read."""
        try:
            return (self.folder / name).read_bytes()
        except OSError:
            return None

    def put(self, name: str, data: bytes) -> None:
        """Let it lie there, whole or not at all; where it cannot, the next start compiles again."""
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True, mode=_PRIVATE)
            handle, written = tempfile.mkstemp(dir=self.folder)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(written).replace(self.folder / name)
            self._forget_old()

    def _forget_old(self) -> None:
        newest = sorted(self.folder.iterdir(), key=lambda path: path.stat().st_mtime_ns, reverse=True)
        for path in newest[_MOST:]:
            path.unlink(missing_ok=True)
