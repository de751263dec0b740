"""Whatever value is changed in whatever column of whatever table: it is found, but for a few that are no evidence."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from recorder.errors import StoreError
from recorder.ledger.note import VerifierKey
from recorder.ledger.verdict import Verdict
from tests.tampering.base import KEY, NO_EVIDENCE, NO_EVIDENCE_COLUMNS, origin, ours, unguarded
from tests.tampering.everything import fill_all

WHOLE = (Verdict.OK, Verdict.GAP, Verdict.ERASED)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("base") / "records.db"
    fill_all(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture(scope="module")
def keys(base: Path) -> tuple[VerifierKey, ...]:
    return (KEY.verifier(origin(base)),)


def tables() -> dict[str, list[str]]:
    """All tables of the schema and their columns."""
    from recorder.store.verify_file import pristine  # noqa: PLC0415 -- when tests are collected, not imported

    with closing(pristine()) as db:
        return {name: [column.name for column in db[name].columns] for name in db.table_names()}


TABLES = {name: columns for name, columns in tables().items() if name not in NO_EVIDENCE}


def keys_of(db: sqlite3.Connection, table: str) -> str:
    described = db.execute(f"PRAGMA table_info({table})").fetchall()
    return ", ".join(f'"{row[1]}"' for row in sorted(described, key=lambda row: row[5]) if row[5]) or "rowid"


def rows(path: Path, table: str, column: str) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Some rows: the first, one in the middle and the last that have a value, and one that has none."""
    with closing(sqlite3.connect(path)) as db:
        named = keys_of(db, table)
        found = db.execute(f'SELECT "{column}", {named} FROM {table} ORDER BY {named}').fetchall()
    full, bare = ([row for row in found if (row[0] is None) is is_bare] for is_bare in (False, True))
    assert full, f"nothing to change in {table}.{column}"
    for row in dict.fromkeys([full[0], full[len(full) // 2], full[-1], *bare[len(bare) // 2 :][:1]]):
        yield row[1:], row[0]


def others(value: Any) -> list[Any]:
    if value is None:
        return [1, "x"]
    if isinstance(value, int):
        return [value + 1000, None]
    if isinstance(value, str):
        return [value + "x", None]
    return [bytes([value[0] ^ 0x40]) + value[1:] if value else b"x", None]


def changed(base: Path, copy: Path, statement: str, values: tuple[Any, ...]) -> bool:
    """Change a copy; False when SQLite does not take it even without triggers."""
    shutil.copy(base, copy)
    for side in ("-wal", "-shm"):
        copy.with_name(copy.name + side).unlink(missing_ok=True)
    with closing(unguarded(copy)) as db:
        try:
            return db.execute(statement, values).rowcount == 1
        except sqlite3.IntegrityError:
            return False


def is_found(path: Path, keys: tuple[VerifierKey, ...]) -> bool:
    try:
        return ours(path, keys).verdict not in WHOLE
    except StoreError:
        return True  # not a record of this program


def test_the_record_as_it_is(base: Path, keys: tuple[VerifierKey, ...]) -> None:
    assert ours(base, keys).counts.keys() == {Verdict.GAP, Verdict.ERASED}
    assert NO_EVIDENCE.keys() < tables().keys()


@pytest.mark.parametrize("table", TABLES)
def test_every_column(base: Path, keys: tuple[VerifierKey, ...], tmp_path: Path, table: str) -> None:
    missed, made = [], 0
    with closing(sqlite3.connect(base)) as db:
        where = " AND ".join(f"{name} IS ?" for name in keys_of(db, table).split(", "))
    for column in TABLES[table]:
        if (table, column) in NO_EVIDENCE_COLUMNS:
            continue
        for key, value in rows(base, table, column):
            for other in others(value):
                statement = f'UPDATE {table} SET "{column}" = ? WHERE {where}'
                if not changed(base, tmp_path / "copy.db", statement, (other, *key)):
                    continue
                made += 1
                if not is_found(tmp_path / "copy.db", keys):
                    missed.append((column, key, value, other))
    assert missed == []
    assert made


@pytest.mark.parametrize("table", TABLES)
def test_every_row_that_is_taken_out(base: Path, keys: tuple[VerifierKey, ...], tmp_path: Path, table: str) -> None:
    if table == "checkpoints":
        pytest.skip("the last ones kept can go: the newest checkpoint covers what they covered")
    with closing(sqlite3.connect(base)) as db:
        where = " AND ".join(f"{name} IS ?" for name in keys_of(db, table).split(", "))
    for key, _ in rows(base, table, TABLES[table][0]):
        assert changed(base, tmp_path / "copy.db", f"DELETE FROM {table} WHERE {where}", key)
        assert is_found(tmp_path / "copy.db", keys), key


NEW_ROWS = {
    "chains": "SELECT id + 1000, parent, part, lead, position, randomblob(32) FROM chains",
    "findings": "SELECT secret, part, record, source, tool, place || 'x', count FROM findings",
    "fingerprint_links": "SELECT randomblob(16), randomblob(16), record FROM fingerprint_links",
    "runs": "SELECT 'other', started_utc, stopped_utc, stopped_by, host, pid, version FROM runs",
    "secrets": "SELECT max(id) + 1, 'other', NULL FROM secrets",
    "tool_calls": "SELECT interaction, block + 99, 'other', name, NULL, NULL, NULL, NULL FROM tool_calls",
    "holds": "SELECT 'other', seq, placed_utc, by, reason, choice, NULL, NULL FROM holds",
    "erasures": "SELECT 1, kind, at_utc, by, reason, days, interactions, parts, bytes FROM erasures",
}


@pytest.mark.parametrize("table", NEW_ROWS)
def test_a_row_that_is_put_in(base: Path, keys: tuple[VerifierKey, ...], tmp_path: Path, table: str) -> None:
    names = ", ".join(f'"{name}"' for name in TABLES[table])
    statement = f"INSERT INTO {table} ({names}) {NEW_ROWS[table]} LIMIT 1"
    assert changed(base, tmp_path / "copy.db", statement, ())
    assert is_found(tmp_path / "copy.db", keys)
