"""The switch of `recorder route use`: a small file beside the database, which recorders on that database watch."""

import contextlib
import os
import tempfile
from pathlib import Path

import msgspec

from recorder.errors import ConfigError


class _Switch(msgspec.Struct, forbid_unknown_fields=True):
    use: str


def switch_path(db: Path) -> Path:
    """Return where the switch of a database is; the file is there only while something is switched."""
    return db.with_name(f"{db.name}.route.json")


def read_switch(path: Path) -> str | None:
    """Return the upstream that was chosen; None when none was. Raises ConfigError for a file that is something else."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Switch).use
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}; make it readable, or remove it") from None
    except msgspec.MsgspecError:
        raise ConfigError(f"{path}: is not what `recorder route use` writes; remove it") from None


def write_switch(path: Path, upstream: str | None) -> None:
    """Choose an upstream, or (None) none any more; whoever reads sees the old choice or the new one, nothing else."""
    if upstream is None:
        path.unlink(missing_ok=True)
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        number, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise ConfigError(f"{path.parent}: {error.strerror}; name another database with --db") from None
    try:
        with os.fdopen(number, "wb") as file:
            file.write(msgspec.json.encode(_Switch(upstream)))
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
