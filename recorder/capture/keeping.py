"""Erasing, retaining and holding in a database, whether or not recorders write it meanwhile.

Whoever does it opens the database as one more writer: its lock keeps the others out for as long as it takes, and they
notice what was erased with their next transaction (`recorder.store.memory`).
"""

import getpass
import platform
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from recorder.capture.head_memory import HeadMemory
from recorder.capture.least_days import check_days
from recorder.capture.rotation import running_recorders
from recorder.capture.signing_keys import ensure_signing_keys
from recorder.config import config_dir, state_dir
from recorder.errors import StoreError
from recorder.ledger.kinds import RecordKind
from recorder.store.choice import Choice
from recorder.store.database import open_writer
from recorder.store.erasing import Plan
from recorder.store.keeping import Order, get_hold, list_erasures
from recorder.store.rows import Event
from recorder.store.scrub import LARGE_BYTES, scrub
from recorder.store.writer import Writer

_AGAIN = timedelta(days=1) - timedelta(minutes=5)


def erase(db: Path, choice: Choice, *, by: str, reason: str | None, dry_run: bool = False) -> Plan:
    """Erase what was chosen, record it, and leave no byte of it in the file. Raises StoreError, ConfigError."""
    order = Order(kind=RecordKind.ERASURE, choice=choice, at_utc=now_utc(), by=by, reason=reason)
    return _carry_out(db, order, dry_run=dry_run)


def retain(db: Path, days: int, *, by: str, below_minimum: bool = False, dry_run: bool = False) -> Plan:
    """Erase the content of what began more than `days` days ago. Raises StoreError, and ConfigError for too few."""
    check_days(days, below_minimum=below_minimum)
    now = _now()
    choice = Choice(before_utc=utc(now - timedelta(days=days)))
    order = Order(kind=RecordKind.RETENTION, choice=choice, at_utc=utc(now), by=by, days=days)
    return _carry_out(db, order, dry_run=dry_run)


def retain_daily(db: Path, days: int, *, below_minimum: bool) -> Plan | None:
    """Do so unless it was done within a day; None: it was. Raises as `retain`."""
    with _open(db) as store:
        last = max((one.at_utc for one in list_erasures(store.db) if one.kind == RecordKind.RETENTION), default="")
    if last > utc(_now() - _AGAIN):
        return None
    return retain(db, days, by="recorder.toml", below_minimum=below_minimum)


def clean(db: Path) -> None:
    """Write the database anew, so that no byte of what was erased is in it. Raises StoreError."""
    with _open(db) as store:
        scrub(store.db, db)


def place_hold(db: Path, choice: Choice, *, by: str, reason: str) -> str:
    """Record that what is chosen must be kept, from now on; return the hold's id."""
    id_ = secrets.token_hex(4)
    said = {name: list(value) for name, value in _given(choice)}
    _note(db, {"event": "placed", "id": id_, "by": by, "reason": reason, "choice": said})
    return id_


def release_hold(db: Path, id_: str, *, by: str, reason: str) -> None:
    """Record that a hold is over. Raises StoreError when there is none of that id."""
    with _open(db) as store:
        get_hold(store.db, id_)
    _note(db, {"event": "released", "id": id_, "by": by, "reason": reason})


def whoever() -> str:
    """Return who runs this program, and where."""
    try:
        return f"{getpass.getuser()}@{platform.node()}"
    except OSError:
        return f"unknown@{platform.node()}"


def now_utc() -> str:
    """Return the time as records have it."""
    return utc(_now())


def utc(at: datetime) -> str:
    """Return a time as records have it."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _now() -> datetime:
    return datetime.now(UTC)


def _given(choice: Choice) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name in ("sessions", "interactions", "users", "projects", "texts", "patterns"):
        if value := getattr(choice, name):
            yield name, value


def _carry_out(db: Path, order: Order, *, dry_run: bool) -> Plan:
    with _open(db) as store:
        plan = store.erase(order, dry_run=dry_run)
        if plan.parts and not dry_run:
            # With recorders at work a large file would keep them waiting: what was deleted is overwritten either way.
            anew = db.stat().st_size <= LARGE_BYTES or not running_recorders(db)
            scrub(store.db, db, anew=anew)
    return plan


def _note(db: Path, body: dict[str, object]) -> None:
    with _open(db) as store:
        store.write([Event(kind=RecordKind.HOLD, at_utc=now_utc(), body=body)])


@contextmanager
def _open(db: Path) -> Iterator[Writer]:
    if not db.exists():
        raise StoreError(f"{db}: there is no such database; name another with --db")
    store = Writer(open_writer(db), key=ensure_signing_keys(config_dir()).lineage)
    try:
        yield store
        if note := store.checkpoint:
            HeadMemory(state_dir(), db).write(note)
    finally:
        store.close()
