"""The secret keys: random files beside the configuration, apart from the database.

From `store.key` come the key of the placeholders' fingerprints, of the parts' digests and of the bodies' keyed hashes:
whoever has the database alone can test no guess. `signing.key` signs checkpoints: whoever has the database alone can
rewrite nothing unnoticed.
"""

import contextlib
import os
import secrets
from pathlib import Path

from recorder.errors import ConfigError
from recorder.ledger.note import SigningKey

KEY_BYTES = 32
STORE_KEY = "store.key"
SIGNING_KEY = "signing.key"


def ensure_signing_key(folder: Path) -> SigningKey:
    """Return the key that signs checkpoints; made, refused and raising as by `ensure_key`."""
    return SigningKey(ensure_key(folder, SIGNING_KEY))


def ensure_key(folder: Path, name: str = STORE_KEY) -> bytes:
    """Return the key in `folder`, made at the first call (mode 0600). Raises ConfigError when it cannot be had."""
    path = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.suppress(FileExistsError):
            _create(path)
        key = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}; the recorder needs this file to write its record") from None
    if len(key) != KEY_BYTES:
        raise ConfigError(
            f"{path}: {len(key)} bytes, it must have {KEY_BYTES}; restore it from a backup or move it away"
        )
    return key


def _create(path: Path) -> None:
    # Written whole beside it and then linked: another recorder that starts now sees all of it or nothing.
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(draft)
    finally:
        draft.unlink()
