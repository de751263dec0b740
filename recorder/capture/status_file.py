"""What a running recorder says of itself, in a small file of the state folder, where `recorder status` reads it.

It lies apart from the database, whose disk may be the trouble, and is made at its full size, so that it can be written
in its place when that disk is full. A lock on it tells a recorder that runs from one that is gone, however it went.
"""

import contextlib
import fcntl
import hashlib
import os
from pathlib import Path

import msgspec

_BYTES = 4096
_MOST_REASON = 500
_TRIES = 5


class RunStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One recorder. Times are UTC, microseconds since the epoch; None: not yet."""

    run_id: str
    pid: int
    db: str
    version: str
    on_failure: str
    started_us: int
    updated_us: int
    healthy: bool
    reason: str | None = None
    """Why it is not healthy."""
    since_us: int
    """Since when it is as healthy as it is."""
    writer_pid: int | None = None
    open_interactions: int = 0
    pending_bytes: int = 0
    """What waits for the writer."""
    last_commit_us: int | None = None
    last_checkpoint_us: int | None = None
    """When something of an answer under way was kept last."""
    gaps: int = 0
    """What this run could not record, in whole or in part."""


class StatusFile:
    """The file of one run; `close` takes it away. A folder that cannot be written is no reason to fail."""

    def __init__(self, folder: Path, db: Path, run_id: str) -> None:
        self._path = _folder(folder) / f"{_name(db)}-{run_id}.json"
        self._file: int | None = None
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def write(self, status: RunStatus) -> None:
        """Say how it stands."""
        if status.reason is not None:
            status = msgspec.structs.replace(status, reason=status.reason[:_MOST_REASON])
        if self._file is not None:
            with contextlib.suppress(OSError):
                os.pwrite(self._file, msgspec.json.encode(status).ljust(_BYTES), 0)

    def close(self) -> None:
        """Say no more."""
        if self._file is not None:
            self._path.unlink(missing_ok=True)
            os.close(self._file)
            self._file = None


def read_statuses(folder: Path, db: Path | None = None) -> list[RunStatus]:
    """Return what the recorders say that run on a database (None: on any), the oldest first.

    Files of recorders that are gone are cleared away.
    """
    pattern = f"{_name(db)}-*.json" if db else "*.json"
    found = [status for path in _folder(folder).glob(pattern) if (status := _read(path))]
    return sorted(found, key=lambda status: status.started_us)


def _read(path: Path) -> RunStatus | None:
    try:
        with path.open("rb") as file:
            if _is_free(file.fileno()):
                path.unlink(missing_ok=True)
                return None
            return _parsed(file.fileno())
    except OSError:
        return None


def _is_free(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _parsed(file: int) -> RunStatus | None:
    for _ in range(_TRIES):  # it may be in the middle of being written
        with contextlib.suppress(msgspec.MsgspecError):
            return msgspec.json.decode(os.pread(file, _BYTES, 0), type=RunStatus)
    return None


def _folder(folder: Path) -> Path:
    return folder / "runs"


def _name(db: Path) -> str:
    return hashlib.sha256(os.fsencode(db.absolute())).hexdigest()[:32]
