"""A file lock per run, held by the proxy's process, so that the next recorder can tell a crash from a neighbour.

Several recorders may write one database. The operating system releases a lock when its process dies, however it dies.
"""

from pathlib import Path

from filelock import FileLock, Timeout


def _path(db: Path, run_id: str) -> Path:
    return db.with_name(f"{db.name}-run-{run_id}.lock")


def hold(db: Path, run_id: str) -> FileLock:
    """Take the lock of a new run; keep the returned object as long as the run lasts."""
    lock = FileLock(_path(db, run_id), mode=0o600)
    lock.acquire(timeout=0)
    return lock


def let_go(lock: FileLock) -> None:
    """Release a run's lock and clear its file away."""
    lock.release()
    Path(lock.lock_file).unlink(missing_ok=True)


def is_alive(db: Path, run_id: str) -> bool:
    """Return whether the recorder of that run still holds its lock; clears away the file of one that does not."""
    path = _path(db, run_id)
    if not path.exists():
        return False
    lock = FileLock(path, mode=0o600)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    let_go(lock)
    return False
