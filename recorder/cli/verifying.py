"""What verification is done with: public keys and checkpoints, from files or from where the recorder keeps its own."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from recorder.capture.head_memory import HeadMemory
from recorder.capture.signing_keys import read_signing_keys
from recorder.config import AnchorSettings, config_dir, state_dir
from recorder.errors import ConfigError, RecorderError
from recorder.ledger.checkpoint import claimed_checkpoint
from recorder.ledger.note import VerifierKey, parse_key, split_notes
from recorder.store.database import Database, is_imported
from recorder.store.ledger_rows import stored_notes

LAST = "last"
"""In the place of a file with checkpoints: the one up to which this machine found everything in order."""


def refuse_imported(db: Database, path: Path) -> None:
    """Raise ConfigError for what was imported: some records of a ledger, of which none is signed."""
    if is_imported(db):
        raise ConfigError(
            f"{path}: holds an imported session. It fit its bundle when it was imported, and there is nothing more"
            " to verify; whoever needs proof asks its sender for an evidence pack (`recorder evidence`)"
        )


def read_keys(path: Path) -> list[VerifierKey]:
    """Return the public keys in a file, one a line. Raises ConfigError."""
    lines = [line for line in _read(path).splitlines() if line.strip() and not line.startswith("#")]
    try:
        keys = [parse_key(line) for line in lines]
    except ValueError as error:
        raise ConfigError(f"{path}: {error}; `recorder checkpoint --public-key` prints one") from None
    if not keys:
        raise ConfigError(f"{path}: holds no public key; `recorder checkpoint --public-key` prints one")
    return keys


def own_keys(db: Database, path: Path) -> list[VerifierKey]:
    """Return this machine's own public keys, the one in use and those before it.

    They are named after the record that is, or should be, at `path`.

    Raises ConfigError when this machine has no signing key.
    """
    signing = read_signing_keys(config_dir())
    if signing is None:
        raise ConfigError("this machine has no signing key; name the recorder's public key with --public-key FILE")
    name = maybe_origin(db, path)
    publics = (signing.key.public, *signing.lineage.former)
    return [VerifierKey(name, public) for public in publics] if name else []


def read_notes(path: Path) -> list[tuple[str, str]]:
    """Return the checkpoints in a file, one after the other, each with its place. Raises ConfigError."""
    notes = split_notes(_read(path))
    if not notes:
        raise ConfigError(f"{path}: holds no checkpoint; `recorder checkpoint` prints one")
    return [(f"checkpoint {number} of {path.name}", note) for number, note in enumerate(notes, 1)]


def own_notes(db: Path) -> list[tuple[str, str]]:
    """Return the checkpoint that this machine remembers of a database, if there is one."""
    note = HeadMemory(state_dir(), db).read()
    return [("the checkpoint remembered here", note)] if note else []


def since_notes(since: str | None, db: Path) -> list[tuple[str, str]]:
    """Return the checkpoints to go on from: those in a file, or with `last` where this machine found all in order.

    Raises ConfigError when there is none.
    """
    if since is None:
        return []
    if since != LAST:
        return read_notes(Path(since))
    note = _verified(db).read()
    if note is None:
        raise ConfigError(f"{db}: was never verified here, or not in order; verify without --since first")
    return [("the checkpoint of the last verification here", note)]


def remember_verified(db: Path, note: str) -> None:
    """Remember that all of a database was found in order up to a checkpoint."""
    _verified(db).write(note)


def _verified(db: Path) -> HeadMemory:
    return HeadMemory(state_dir() / "verified", db)


def maybe_origin(db: Database, path: Path) -> str | None:
    """Return the name of the record that is, or should be, at `path`; None when nothing in it is signed."""
    notes = [note for _, note in [*own_notes(path), *reversed(list(stored_notes(db)))]]
    return next(_origins(notes), None)


def anchored_notes(
    anchors: Sequence[AnchorSettings], name: str | None
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return the checkpoints that the anchors hold of a record, with their places; and which could not be read, why."""
    found: list[tuple[str, str]] = []
    problems: list[tuple[str, str]] = []
    for anchor in anchors if name else ():
        try:
            notes = anchor_notes(anchor, name or "")
        except RecorderError as error:
            problems.append((anchor.name, str(error)))
            continue
        found += [(f"checkpoint {number} of anchor {anchor.name}", note) for number, note in enumerate(notes, 1)]
    return found, problems


def anchor_notes(anchor: AnchorSettings, name: str) -> list[str]:
    """Return the checkpoints that one anchor holds of a record. Raises RecorderError with the reason why not."""
    from recorder.anchor.anchoring import read_anchor  # noqa: PLC0415 -- not needed where there is none

    return read_anchor(anchor, name)


def _origins(notes: list[str]) -> Iterator[str]:
    for note in notes:
        try:
            yield claimed_checkpoint(note).origin
        except ValueError:
            continue


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}; name a readable file") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is no text") from None
