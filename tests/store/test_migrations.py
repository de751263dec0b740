import ast
import hashlib
import sys
from pathlib import Path

import pytest
import zstandard

from recorder.store import migrations
from recorder.store.blocks import Contents
from recorder.store.database import open_writer
from recorder.store.migrations import APPLICATION_ID, STEPS
from recorder.store.migrations import migrations as migrations_of_the_store
from recorder.store.queries import records, request_body
from recorder.store.record_bodies import BodyReader
from recorder.store.writer import Writer

FOLDER = Path(migrations.__file__).parent
FILES = sorted(FOLDER.glob("m[0-9]*.py"))

SCHEMA = {
    "m001_record": "e6358e45446817fa869bb76fb8f769e4c78e28f042dd4c344840496d64cd5254",
    "m002_secrets": "5f6414ad24b53eb94fd6cdc45cce519d403ba299460bd75336707dd378ce61a7",
    "m003_cleared": "a28fbfe4446593488abd6d9ae4a7e297d555d258e9a1e13b159cb26a8b51855e",
    "m004_checkpoints": "1cc32b6cb27a9258b1cc48c5604a00a296471a1786b4452c215e05bba8f0b570",
    "m005_fingerprint_links": "fcfe9aac9653cc5af7bbe5e0bcbc9149a63f5c11e72c0df1e6a0d6663e90ee0b",
    "m006_compact": "049c4895a714afd3cf6a78139faed4170e39145097f60321c2a624e44ba5ad23",
    "m007_routes": "d2a3806741adff0786d7389051055c4341a8c520355724954e3001981c63a96c",
    "m008_in_flight": "3b93f05b208dd41ff6ebc980de34142732e43a19755f342d82fff4f93049cc0e",
    "m010_keeping": "7c46f6537845b4c52d04db665ad9937c592bb91711f7120d91cfbc01d259babf",
    "m012_limits": "02f07254105d12d95e8b1f6956fe28108ec4665d928b30700ce6f2d259fab905",
    "m013_translated": "b655eb7ab79a7cc54cc62468d6f1ee4b168bfe788f721472a9413bef60b7069b",
    "m014_closed": "e16c5a76719fecc237cc82d35dc57a956c9ce7f4fd89d66f0886f182a7c32487",
    "m015_access_key": "c37f51f3d1c4fe9c7547772909a25773db3714abfef3cb44fab4b318403495f0",
    "m016_failed": "3bcd27934bacc03e77a4899586ae479a90096246112e0fbc9be0d3ff7b5c1a08",
}
"""SHA-256 of the schema that a step leads to. Never change a line of a step that was released: add a step."""


def imported(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            yield node.module


def test_every_step_is_listed():
    assert [file.stem for file in FILES] == list(STEPS) == list(SCHEMA)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_steps_import_no_live_code(path):
    assert {name.split(".")[0] for name in imported(path)} <= sys.stdlib_module_names | {"sqlite_utils"}


def test_schema_is_pinned(db):
    rows = db.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY type, name"
    )
    assert hashlib.sha256(repr(rows.fetchall()).encode()).hexdigest() == SCHEMA[list(STEPS)[-1]]


def test_application_id(db):
    assert db.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    assert APPLICATION_ID.to_bytes(4) == b"LAAR"


def test_opening_again_changes_nothing(path):
    with open_writer(path) as db:
        schema, applied = db.schema, list(db["_sqlite_migrations"].rows)
    with open_writer(path) as db:
        assert (db.schema, list(db["_sqlite_migrations"].rows)) == (schema, applied)


def test_every_table_is_strict_and_the_file_is_sound(db):
    assert {table.name for table in db.tables if not table.strict} == {"_sqlite_migrations"}
    assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_content_from_before_blocks_is_read_and_gone_on_from(path, tmp_path, make):
    """A database as m001 to m005 left it: parts that are a frame each, bodies that are text, longer digests."""
    first = make.cut("a", b'{"messages":["1","2"]}', headers=(("X-App", "cli"),))
    with open_writer(tmp_path / "new.db") as new, open_writer(path) as old:
        Writer(new).write([first, make.closed("a")])
        for name in (*old.view_names(), *old.table_names()):
            old.execute("PRAGMA foreign_keys = OFF")
            old.execute(f"DROP TABLE {name}")
        migrations_of_the_store.apply(old, stop_before="m006_compact")
        bodies, contents = BodyReader(new), Contents(new)
        for name in ("records", "parts", "chains", "interactions"):
            for row in new[name].rows:
                if name == "records":
                    row["body"] = bodies.text(row["body"], row.pop("base")).decode()
                if name == "parts":
                    row["content"] = zstandard.compress(contents.get(row["id"]))
                    row["digest"] = row["digest"] and row["digest"] + bytes(16)
                    del row["block"]
                there = old[name].columns_dict  # without what later steps added
                old[name].insert({column: value for column, value in row.items() if column in there})
        assert "base" not in old["records"].columns_dict
    with open_writer(path) as db:
        parts = db["parts"].count
        Writer(db).write([make.cut("b", b'{"messages":["1","2","3"]}')])
        assert [request_body(db, name) for name in "ab"] == [b'{"messages":["1","2"]}', b'{"messages":["1","2","3"]}']
        assert [record.body["id"] for record in records(db)] == ["a", "a", "b"]
        assert [row["kind"] for row in db["parts"].rows if row["id"] > parts] == ["layout", "message"]
        assert {row["block"] for row in db["parts"].rows if row["id"] <= parts} == {None}
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
