"""Secret keys: random files beside the configuration, apart from the database.

`store.key` is read by `recorder.capture.key_ring`, `signing.key` by `recorder.capture.signing_keys`.
"""

import secrets
from pathlib import Path

from recorder.capture.private_file import create_private, read_private
from recorder.errors import ConfigError

KEY_BYTES = 32
STORE_KEY = "store.key"


def ensure_key(folder: Path, name: str = STORE_KEY) -> bytes:
    """Return the key in `folder`, made at the first call (mode 0600). Raises ConfigError when it cannot be had."""
    key = ensure_file(folder, name)
    if len(key) != KEY_BYTES:
        raise wrong_size(folder / name, key)
    return key


def ensure_file(folder: Path, name: str) -> bytes:
    """Return the content of a key file, a new key when there is none. Raises ConfigError when it cannot be had."""
    path = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.is_symlink() and not path.exists():
            create_private(path, secrets.token_bytes(KEY_BYTES))
        return read_private(path)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}; the recorder needs this file to write its record") from None


def wrong_size(path: Path, content: bytes) -> ConfigError:
    """Say that a key file is damaged."""
    return ConfigError(
        f"{path}: {len(content)} bytes, it must have {KEY_BYTES}; restore it from a backup or move it away"
    )
