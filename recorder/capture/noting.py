"""Records from outside of a running recorder: a command that looked at content, wrote an export, rotated a key.

They go the one way in that there is, and are signed with this user's key. A record that another machine's key signs is
left alone: what is written here would look like somebody else's work there.
"""

import getpass
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from recorder.capture.head_memory import HeadMemory
from recorder.capture.signing_keys import ensure_signing_keys, maybe_lineage, read_signing_keys
from recorder.config import config_dir, state_dir
from recorder.errors import RecorderError
from recorder.ledger.kinds import RecordKind
from recorder.store.database import open_writer
from recorder.store.ledger_rows import stored_notes
from recorder.store.rows import Event
from recorder.store.writer import Writer


def note(
    db: Path, kind: RecordKind, body: Mapping[str, Any], at: datetime | None = None, folder: Path | None = None
) -> str | None:
    """Append one record; return why it could not be, or None.

    `body` holds nothing that came off the wire; `folder` is that of the keys (None: the usual one).
    """
    at = at or datetime.now(UTC)
    at_utc = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    try:
        return _append(db, Event(kind=kind, at_utc=at_utc, body=dict(body)), folder or config_dir())
    except RecorderError as error:
        return str(error)


def sign_anew(db: Path, at: datetime) -> str | None:
    """Let a key that was put in use sign the record, which notes it; return why it could not, or None."""
    try:
        return _append(db, at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"), config_dir())
    except RecorderError as error:
        return str(error)


def note_view(db: Path, command: str, *interactions: str, **about: str | int | None) -> str | None:
    """Record that this user looked at content with a command; return why it could not be recorded, or None."""
    body = {"command": command, "interactions": list(interactions), "by": _user(), **about}
    return note(db, RecordKind.VIEW, body)


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """Records or content that left a database."""

    format: str
    filters: dict[str, str | int | None] = {}
    """What was asked for; by what was left out."""
    count: int
    sha256: str
    """Of what was written, in hex."""
    file: str | None = None
    """The file's name, without its folder; None: standard output, or an endpoint."""
    endpoint: str | None = None
    """Where it was sent."""
    interrupted: bool | None = None
    """True when it was broken off; what had been written by then left all the same."""


def note_export(db: Path, exported: Exported) -> str | None:
    """Record an export; return why it could not be recorded, or None."""
    return note(db, RecordKind.EXPORT, msgspec.structs.asdict(exported) | {"by": _user()})


def _append(db: Path, what: Event | str, folder: Path) -> str | None:
    if not db.exists():
        return f"{db}: there is no such database"
    opened = open_writer(db)
    try:
        is_signed = any(stored_notes(opened))
        keys = read_signing_keys(folder) if is_signed else ensure_signing_keys(folder)
        writer = Writer(opened, key=keys.lineage if keys else None, reload=lambda: maybe_lineage(folder))
        if is_signed and not writer.is_ours():
            return f"{db}: is not signed by this machine's key"
        writer.sign(what) if isinstance(what, str) else writer.write([what])
        if checkpoint := writer.checkpoint:
            HeadMemory(state_dir(), db).write(checkpoint)
            return None
        return f"{db}: could not be signed"
    finally:
        opened.close()


def _user() -> str:
    try:
        return getpass.getuser()
    except OSError:  # an account without a name
        return "unknown"
