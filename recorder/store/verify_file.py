"""The file itself: its pages, its schema, the steps that made it, and the numbers beside its checkpoints."""

from typing import Any

from sqlite_utils import Database

from recorder.ledger.checkpoint import claimed_checkpoint
from recorder.ledger.verdict import Findings, Verdict
from recorder.store import driver
from recorder.store.database import reading
from recorder.store.migrations import SET_NAME, STEPS, migrations

_OBJECTS = (
    "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name NOT LIKE '\\_%' ESCAPE '\\'"
)
_KEPT = "SELECT id, size, CAST(note AS BLOB) FROM checkpoints ORDER BY id"


def pristine() -> Database:
    """Return an empty database, in memory, with the schema that this program makes."""
    db = Database(driver.connect(":memory:"), execute_plugins=False)
    migrations.apply(db)
    return db


def verify_file(db: Database, found: Findings) -> None:
    """Check what SQLite itself can tell, and that tables, indexes and triggers are those of this program."""
    with reading():
        if db.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
            found.add(Verdict.MODIFIED, "SQLite finds the file damaged")
        _verify_schema(db, found)


def verify_beside(db: Database, found: Findings) -> None:
    """Check references between tables, and what stands beside checkpoints."""
    with reading():
        for table, _, other, _ in db.execute("PRAGMA foreign_key_check"):
            found.add(Verdict.MODIFIED, f"{table} refers to what is not in {other}")
        for at, (id_, size, note) in enumerate(db.execute(_KEPT), 1):
            if id_ != at:
                found.add(Verdict.MODIFIED, f"kept checkpoint {at} is gone")
                break
            if size != _claimed_size(note):
                found.add(Verdict.MODIFIED, f"kept checkpoint {id_} is not of {size} records")


def _verify_schema(db: Database, found: Findings) -> None:
    """A trigger or a constraint that somebody added or took away changes what is recorded from now on."""
    with pristine() as ours:
        wanted, have = _objects(ours), _objects(db)
    for made, sql in wanted.items():
        if have.get(made) != sql:
            found.add(Verdict.MODIFIED, f"the schema: {' '.join(made[:2])} is not as it was made")
    for kind, name, _ in have.keys() - wanted.keys():
        if kind == "trigger":
            found.add(Verdict.MODIFIED, f"the schema: trigger {name} is none of this program's")
    applied = db.execute("SELECT migration_set, name FROM _sqlite_migrations").fetchall()
    if sorted(applied, key=repr) != sorted(((SET_NAME, step) for step in STEPS), key=repr):
        found.add(Verdict.MODIFIED, "_sqlite_migrations: not the steps that made this schema")


def _objects(db: Database) -> dict[tuple[str, str, str], str]:
    rows: list[tuple[Any, ...]] = db.execute(_OBJECTS).fetchall()
    return {(kind, name, table): sql for kind, name, table, sql in rows}


def _claimed_size(note: bytes) -> int | None:
    try:
        return claimed_checkpoint(note.decode()).size
    except ValueError:
        return None  # whoever reads the checkpoints says so
