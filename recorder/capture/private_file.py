"""Files that their owner alone may read: made so, and refused when they are not so any more."""

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from recorder.errors import ConfigError

_OTHERS = 0o077
_MOST_BYTES = 1_000_000
"""A key file has less by far; whatever else is there is not read into memory."""


def read_private(path: Path) -> bytes:
    """Return a file's content. Raises FileNotFoundError, and ConfigError when others could read or have put it there.

    A symbolic link is refused because where it points to is somebody else's to say.
    """
    try:
        # Not blocking: a pipe in the file's place would never give anything.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except OSError as error:
        if path.is_symlink():
            raise ConfigError(f"{path}: is a symbolic link; put the file itself there") from None
        raise ConfigError(f"{path}: {error.strerror}; the recorder needs this file to write its record") from None
    try:
        _check(path, os.fstat(descriptor))
        return os.read(descriptor, _MOST_BYTES)
    finally:
        os.close(descriptor)


def create_private(path: Path, content: bytes) -> None:
    """Make a file, unless there is one: another program that starts now sees all of it or nothing. Raises OSError."""
    with _draft(path, content) as draft, contextlib.suppress(FileExistsError):
        path.hardlink_to(draft)


def replace_private(path: Path, content: bytes) -> None:
    """Put a file in the place of the one there, durably: whoever reads sees the old one or the new. Raises OSError."""
    with _draft(path, content) as draft:
        draft.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextlib.contextmanager
def _draft(path: Path, content: bytes) -> Iterator[Path]:
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def _check(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise ConfigError(f"{path}: is no regular file; move it away")
    # The superuser may read what is its user's, as in `sudo recorder scan`.
    if found.st_uid != os.geteuid() and os.geteuid() != 0:
        raise ConfigError(f"{path}: belongs to another user (uid {found.st_uid}); restore your own from a backup")
    mode = stat.S_IMODE(found.st_mode)
    if mode & _OTHERS:
        raise ConfigError(
            f"{path}: mode {mode:04o}, so that others can use it; chmod 600 '{path}', and `recorder key rotate` "
            "if somebody may have read it"
        )
