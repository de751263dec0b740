"""Looks for a secret in all that a database holds: the files' bytes, and what is compressed in them."""

import contextlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from recorder.errors import StoreError
from recorder.store.database import open_reader
from recorder.store.queries import answer_body, list_interactions, records, request_body


def find_leaks(db: Path, secrets: Iterable[str]) -> bool:
    """Say whether one of `secrets` is anywhere in the database or its side files; StoreError when it cannot be read."""
    wanted = [secret.encode() for secret in secrets]
    return any(secret in stored for stored in _everything(db) for secret in wanted)


def _everything(db: Path) -> Iterator[bytes]:
    for name in (db.name, f"{db.name}-wal", f"{db.name}-shm"):
        if (path := db.with_name(name)).exists():
            yield path.read_bytes()
    reader = open_reader(db)
    try:
        for record in records(reader):
            yield json.dumps(record.body, ensure_ascii=False).encode()
        for row in list_interactions(reader):
            yield request_body(reader, row.id)
            with contextlib.suppress(StoreError):  # it has no answer
                yield answer_body(reader, row.id)
    finally:
        reader.close()
