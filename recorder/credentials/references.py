"""Values that stand elsewhere: `env:NAME`, `file:PATH`, `keyring:NAME`, so that no secret is in the configuration."""

import os
from collections.abc import Mapping
from pathlib import Path

from recorder.config import APP
from recorder.errors import ConfigError

_MOST_BYTES = 4_000_000
"""No value of a header is longer, whatever else the file is."""


def read_reference(source: str, name: str, where: str, env: Mapping[str, str] = os.environ) -> str:
    """Return the value: one line of ASCII. Raises ConfigError that names the reference, never its value."""
    if source == "env":
        found = env.get(name, "").strip()
        if not found:
            raise ConfigError(f"{where}: {name} is not set in the recorder's environment; set it")
    elif source == "file":
        found = _read(Path(name).expanduser(), where).decode("latin-1").strip()
    else:
        found = _in_keyring(name, where).strip()
    return checked(found, f"{where}: what {source}:{name} holds")


def checked(value: str, what: str) -> str:
    """Return a value that a header can carry. Raises ConfigError for any other."""
    if not value or not value.isprintable() or not value.isascii():
        raise ConfigError(f"{what} is no value of a header: one line of ASCII, not empty")
    return value


def need_keyring(where: str) -> None:
    """Raise ConfigError when there is no library for keyrings."""
    try:
        import keyring  # noqa: F401, PLC0415 -- an extra
    except ImportError:
        raise ConfigError(f"{where}: needs the package keyring; install {APP}[keyring]") from None


def _in_keyring(name: str, where: str) -> str:
    """Look up `SERVICE/NAME`, or NAME among our own: `keyring set llm-audit-recorder NAME` puts it there."""
    need_keyring(where)
    import keyring  # noqa: PLC0415 -- an extra
    import keyring.errors  # noqa: PLC0415

    service, slash, user = name.rpartition("/")
    service = service if slash else APP
    try:
        found: str | None = keyring.get_password(service, user)
    except keyring.errors.KeyringError as error:
        raise ConfigError(
            f"{where}: the keyring cannot be asked for {name} ({type(error).__name__}); unlock it, or keep the value "
            "in a file of mode 0600 and name it with file:PATH"
        ) from None
    if found is None:
        raise ConfigError(f"{where}: the keyring holds no {name}; put it there: keyring set {service} {user}")
    return found


def _read(path: Path, where: str) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{where}: {path}: {error.strerror}; name a readable file") from None
    if len(data) > _MOST_BYTES:
        raise ConfigError(f"{where}: {path} holds more than {_MOST_BYTES} bytes")
    return data
