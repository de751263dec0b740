"""Looks for a secret in all that a database holds: the files' bytes, and what is compressed in them."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from recorder.store.contents import every_content
from recorder.store.database import open_reader


def find_leaks(db: Path, secrets: Iterable[str]) -> bool:
    """Say whether one of `secrets` is anywhere in the database or its side files; StoreError when it cannot be read."""
    wanted = [secret.encode() for secret in secrets]
    return any(secret in stored for stored in _everything(db) for secret in wanted)


def _everything(db: Path) -> Iterator[bytes]:
    for name in (db.name, f"{db.name}-wal", f"{db.name}-shm"):
        if (path := db.with_name(name)).exists():
            yield path.read_bytes()
    with open_reader(db) as reader:
        for _, content in every_content(reader):
            yield content
