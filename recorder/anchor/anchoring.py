"""Puts the newest checkpoint into the places of the configuration, and records what came of it."""

from pathlib import Path
from typing import Any

import msgspec

from recorder.anchor.place import AnchorError, Receipt
from recorder.anchor.places import make_place
from recorder.capture.noting import note
from recorder.capture.signing_keys import read_signing_keys
from recorder.config import AnchorSettings, config_dir, state_dir
from recorder.errors import RecorderError
from recorder.ledger.checkpoint import Checkpoint, claimed_checkpoint, open_checkpoint
from recorder.ledger.kinds import RecordKind
from recorder.ledger.note import VerifierKey
from recorder.store.database import open_reader
from recorder.store.ledger_rows import newest_note
from recorder.store.records import events


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one anchor."""

    name: str
    size: int | None = None
    """How many records the checkpoint covers; None: there was none to put."""
    failure: str | None = None
    unrecorded: str | None = None
    """Why this could not be recorded."""


def anchor_now(db: Path, anchors: tuple[AnchorSettings, ...]) -> list[Outcome]:
    """Put the newest checkpoint of a database into all the places. Raises StoreError when the database has none."""
    text, checkpoint = _newest(db)
    before = {name: body for name, body in last_outcomes(db).items() if body.get("event") == "failed"}
    return [_anchor(db, one, text, checkpoint, before.get(one.name)) for one in anchors]


def last_outcomes(db: Path) -> dict[str, dict[str, Any]]:
    """Return the body of the last `anchor` record of each anchor, with `at_utc`."""
    with open_reader(db) as reader:
        return {
            row.body.get("anchor", ""): row.body | {"at_utc": row.at_utc} for row in events(reader, RecordKind.ANCHOR)
        }


def last_anchored(db: Path) -> dict[str, dict[str, Any]]:
    """Return the same of the last time that each anchor took a checkpoint."""
    with open_reader(db) as reader:
        return {
            row.body.get("anchor", ""): row.body | {"at_utc": row.at_utc}
            for row in events(reader, RecordKind.ANCHOR)
            if row.body.get("event") == "anchored"
        }


def _anchor(
    db: Path, settings: AnchorSettings, text: str, checkpoint: Checkpoint, failed: dict[str, Any] | None
) -> Outcome:
    body: dict[str, Any] = {"anchor": settings.name, "type": settings.type}
    try:
        receipt = _put(settings, text, checkpoint)
    except RecorderError as error:
        reason = str(error)
        # Said once: an anchor that stays away for a week is one record, not a thousand.
        is_known = failed is not None and failed.get("reason") == reason
        why_not = None if is_known else note(db, RecordKind.ANCHOR, body | {"event": "failed", "reason": reason})
        return Outcome(name=settings.name, failure=reason, unrecorded=why_not)
    said = {"event": "anchored", "size": checkpoint.size, "root": checkpoint.root.hex(), **receipt}
    return Outcome(name=settings.name, size=checkpoint.size, unrecorded=note(db, RecordKind.ANCHOR, body | said))


def _put(settings: AnchorSettings, text: str, checkpoint: Checkpoint) -> Receipt:
    try:
        return make_place(settings, state_dir()).put(text, checkpoint.origin, checkpoint.size)
    except (OSError, UnicodeDecodeError) as error:
        raise AnchorError(getattr(error, "strerror", None) or type(error).__name__) from None


def read_anchor(settings: AnchorSettings, origin: str) -> list[str]:
    """Return the checkpoints of a record that a place holds. Raises RecorderError with the reason why not."""
    try:
        return make_place(settings, state_dir()).read(origin)
    except (OSError, UnicodeDecodeError) as error:
        raise AnchorError(getattr(error, "strerror", None) or type(error).__name__) from None


def _newest(db: Path) -> tuple[str, Checkpoint]:
    """Return the newest checkpoint, which must be our own: an anchor is no place for somebody else's."""
    with open_reader(db) as reader:
        text = newest_note(reader)
    if text is None:
        raise AnchorError(f"{db}: nothing in it is signed yet; record something first")
    keys = read_signing_keys(config_dir())
    try:
        claimed = claimed_checkpoint(text)
        publics = (keys.key.public, *keys.lineage.former) if keys else ()
        return text, open_checkpoint(text, [VerifierKey(claimed.origin, public) for public in publics])
    except ValueError:
        raise AnchorError(f"{db}: its newest checkpoint is not by this machine's key") from None
