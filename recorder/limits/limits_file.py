"""The limits in force: read from the configuration file, checked whole, with errors that name a line."""

import tomllib
from pathlib import Path
from typing import Any

from recorder.errors import ConfigError
from recorder.policy.limits import TABLES, Limits, parse_limits
from recorder.policy.lines import line_of
from recorder.policy.tables import PolicyError


def load_limits(config: Path | None) -> Limits:
    """Return the limits of a configuration file (None: there is none).

    Raises ConfigError with file, line and reason for whatever is wrong; nothing is half in force then.
    """
    text = _read(config) if config else ""
    try:
        return parse_limits(_tables(text, config))
    except PolicyError as error:
        line = line_of(text, error.place)
        raise ConfigError(f"{config}:{line}: {error}" if line else f"{config}: {error}") from None


def has_limits(config: Path | None) -> bool:
    """Say whether a configuration file has any limits in it. Raises ConfigError for an unreadable one."""
    return config is not None and bool(_tables(_read(config), config))


def _tables(text: str, config: Path | None) -> dict[str, Any]:
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{config}: {error}") from None
    return {name: values[name] for name in TABLES if name in values}


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}; name a readable file with --config") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: {error}") from None
