"""A record with a bit of everything, packs of it, and the auditor's way to look at them."""

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

from recorder.evidence.pack import FOLDER, Made, Order, write_pack
from recorder.ledger.note import SigningKey
from recorder.store.database import open_reader
from tests.tampering.base import KEY, fill, origin

MADE_UTC = "2026-11-24T00:00:00.000Z"


def make_pack(db: Path, target: Path, key: SigningKey = KEY, **order: Any) -> Made:
    """Make a pack; `filters` and all else of an `Order` may be given."""
    public = key.verifier(origin(db))
    given = {"filters": {}, "made_utc": MADE_UTC, "key": key, "keys": [public], **order}
    with open_reader(db) as reader, target.open("w+b") as file:
        return write_pack(reader, file, Order(**given))


def unpacked(pack: Path, folder: Path) -> Path:
    with zipfile.ZipFile(pack) as archive:
        archive.extractall(folder)
    return folder / FOLDER


def audited(folder: Path, *options: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the verifier of the pack as an auditor does: no site-packages, no environment, elsewhere."""
    command = [sys.executable, "-I", "-S", str(folder / "verify.py"), *map(str, options)]
    return subprocess.run(command, env={}, cwd="/", capture_output=True, text=True, check=False, timeout=120)


def recorded(path: Path, key: SigningKey = KEY, interactions: int = 24) -> Path:
    fill(path, key, interactions)
    return path
