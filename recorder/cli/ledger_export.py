"""Writes the ledger for `scripts/verify_ledger.py`: the leaves' own bytes, one a line, then the checkpoints."""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from recorder.capture.noting import Exported
from recorder.errors import ConfigError
from recorder.ledger.leaf import leaf_text
from recorder.store.database import Database
from recorder.store.ledger_rows import raw_records, stored_notes


def write_export(db: Database, path: Path) -> Exported:
    """Write a private file; return what is in it. Raises ConfigError when it is there already or cannot be made."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}; name a file that can be made") from None
    digest, lines = hashlib.sha256(), 0
    with os.fdopen(descriptor, "wb") as file:
        for line in _lines(db):
            file.write(line)
            digest.update(line)
            lines += 1
    return Exported(format="ledger", count=lines, sha256=digest.hexdigest(), file=path.name)


def _lines(db: Database) -> Iterator[bytes]:
    for seq, kind, at_utc, body, _ in raw_records(db):
        yield leaf_text(seq, kind, at_utc, body) + b"\n"
    for place, note in stored_notes(db):
        yield json.dumps({"checkpoint": note, "place": place}).encode() + b"\n"
