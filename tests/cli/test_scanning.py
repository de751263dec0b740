"""`recorder scan`: finds what is there however it is stored, says where, and says what it could not look at."""

import gzip
import json
import os
import random
import sqlite3
import struct
from pathlib import Path

import pytest
import zstandard
from click.testing import CliRunner

from recorder.cli import main, scanning
from recorder.store.database import Database, open_writer
from recorder.store.migrations import STEPS
from recorder.store.writer import Writer
from tests.cli.test_scan_redact import TOKEN, WORD, _home, db

__all__ = ["_home", "db"]

OTHER = "ghp_" + "Qm7w" * 9


def scan(*words: object, expect: int) -> list[tuple[str, str | None, str, int]]:
    """Scan; gives file name, place, kind and count of what was found."""
    result = CliRunner().invoke(main, ["scan", "--json", *map(str, words)])
    assert result.exit_code == expect, result.output
    assert not any(secret in result.output for secret in (TOKEN, OTHER, WORD))
    hits = json.loads(result.stdout)["hits"]
    return [(Path(hit["file"]).name, hit["where"], hit["kind"], hit["count"]) for hit in hits]


def problems(*words: object) -> list[str]:
    found: list[str] = json.loads(CliRunner().invoke(main, ["scan", "--json", *map(str, words)]).stdout)["problems"]
    return found


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a.log"


def test_the_line_is_named(file: Path) -> None:
    file.write_text(f"one\ntwo\n\tTOKEN {TOKEN}\nfour {TOKEN} and {OTHER}, {TOKEN}\n")
    assert scan(file, expect=1) == [
        ("a.log", "line 3", "github-pat", 1),
        ("a.log", "line 4", "github-pat", 2),
        ("a.log", "line 4", "github-pat", 1),
    ]


def test_of_a_binary_file_the_byte_is_named(file: Path) -> None:
    file.write_bytes(b"\0\n\n\x01 " + TOKEN.encode() + b" \xff")
    assert scan(file, expect=1) == [("a.log", "byte 5", "github-pat", 1)]


@pytest.mark.parametrize(
    ("secret", "is_found"),
    [
        (b"hunter2-77", True),
        ("päß-wörd-77".encode(), True),
        (b"Zk3vQ8mW1xR5tY7u\xf0\x9f", True),
        (bytes(range(0xC0, 0xD0)), False),
    ],
)
def test_bytes_behind_a_telling_word_are_no_secret(file: Path, secret: bytes, *, is_found: bool) -> None:
    """As a fingerprint behind its kind, in the recorder's own database."""
    file.write_bytes(b"\0\0anthropic-api-key: " + secret + b"\0\0db_password=" + secret + b"\0")
    assert bool(scan(file, expect=int(is_found))) is is_found


def test_a_record_of_many_secrets_holds_none(tmp_path: Path) -> None:
    path, dice = tmp_path / "many.db", random.Random(7)
    with open_writer(path) as writer:
        rows = [
            (kind, dice.randbytes(16)) for kind in ("api-key", "github-pat", "password", "jwt") for _ in range(1000)
        ]
        writer.conn.executemany("INSERT INTO secrets (kind, fingerprint) VALUES (?, ?)", rows)
    assert scan(path, expect=0) == []


def test_a_placeholder_that_compression_cut_is_no_secret(tmp_path: Path) -> None:
    """`TOKEN=` and the end of a placeholder, whose beginning is a copy of another one's: seen in a record."""
    path, rest = tmp_path / "cut.db", random.Random(7).randbytes(16).hex()
    with open_writer(path) as writer:
        writer.conn.execute("CREATE TABLE t (b)")
        writer.conn.execute("INSERT INTO t VALUES (?)", (f'\0TOKEN=gpat:{rest}]"error":false'.encode() + b"\0",))
    assert scan(path, expect=0) == []
    with open_writer(path) as writer:
        writer.conn.execute("UPDATE t SET b = ?", (f"\0TOKEN={TOKEN}".encode() + b"\0",))
    assert len(scan(path, expect=1)) == 1


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.ZstdCompressor().compress])
def test_a_compressed_file(file: Path, compress) -> None:
    file.write_bytes(compress(f"one\nTOKEN {TOKEN}\n".encode() + b"and so on\n" * 500))
    assert scan(file, expect=1) == [("a.log", "line 2 decompressed", "github-pat", 1)]
    assert problems(file) == []


def test_a_compressed_file_that_is_cut_is_looked_at_as_far_as_it_goes(file: Path) -> None:
    text = f"TOKEN {TOKEN}\n".encode() + os.urandom(100_000).hex().encode()
    file.write_bytes(gzip.compress(text)[:-5000])
    assert scan(file, expect=1) == [("a.log", "line 1 decompressed", "github-pat", 1)]
    (problem,) = problems(file)
    assert "not all of it could be decompressed" in problem
    file.write_bytes(gzip.compress(text[100:])[:-5000])
    assert scan(file, expect=2) == []


def test_json_is_read_as_json(file: Path) -> None:
    """As text, the value would end at the quote in it, and be too short for a password."""
    word = 'a"b7Zk-99-Qw'
    file.write_text(f'{{"n": 1}}\nno json\n{json.dumps({"password": word})}\n')
    assert scan(file, expect=1) == [("a.log", "line 3", "password", 1)]
    file.write_text(json.dumps({"api": [{"n": 1, "password": word}]}, indent=1))
    assert scan(file, expect=1) == [("a.log", "line 5", "password", 1)]


@pytest.mark.parametrize("before", [0, 1000, 3990, 3999, 4000, 7000])
def test_a_secret_anywhere_in_a_file_larger_than_a_window(
    file: Path, before: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "_WINDOW_BYTES", 4000)
    monkeypatch.setattr(scanning, "_OVERLAP_BYTES", 500)
    monkeypatch.setattr(scanning, "_READ_BYTES", 1000)
    lines = b"".join(b"%06d\n" % number for number in range(2000))
    file.write_bytes(lines[: before // 7 * 7] + TOKEN.encode() + b"\n" + lines)
    assert {hit[:3] for hit in scan(file, expect=1)} == {("a.log", f"line {before // 7 + 1}", "github-pat")}


def insert_part(writer: Database, content: bytes) -> None:
    row = len(content), zstandard.ZstdCompressor().compress(content)
    writer.execute("INSERT INTO parts (kind, bytes, content, commitment) VALUES ('body', ?, ?, x'00')", row)


def test_a_database_brings_its_side_files(db: Path) -> None:
    db.with_name(f"{db.name}-wal").write_bytes(f"left behind: {TOKEN}".encode())
    assert scan(db, expect=1) == [("records.db-wal", "line 1", "github-pat", 1)]


def test_what_is_in_the_wal_alone(db: Path) -> None:
    """A record that was not copied into the database yet, as while a recorder runs."""
    with open_writer(db) as writer:
        writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        store = Writer(writer)
        insert_part(writer, f"left {TOKEN} here".encode())
        assert TOKEN.encode() not in db.read_bytes()
        (hit,) = scan(db, expect=1)
        assert hit[1].startswith("part ")
        assert hit[2] == "github-pat"
        store.close()


def test_a_canary_that_is_a_number(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBER", "90210314159")
    with open_writer(db) as writer:
        insert_part(writer, b'{"n":90210314159}')
    hits = scan(db, "--known", "env:NUMBER", expect=1)
    assert [hit[2:] for hit in hits if hit[1].startswith("part ")] == [("known", 1)]


def test_a_database_that_cannot_be_looked_into_is_named(db: Path, file: Path) -> None:
    with open_writer(db) as writer:
        writer.execute("UPDATE parts SET content = x'00112233' WHERE id = 1")
    assert scan(db, expect=2) == []
    (problem,) = problems(db)
    assert "the content is damaged; what is compressed in it was not looked at" in problem
    file.write_text(TOKEN)
    assert [hit[0] for hit in scan(db, file, expect=1)] == ["a.log"]


@pytest.mark.parametrize("step", [f"DELETE FROM _sqlite_migrations WHERE name = '{list(STEPS)[-1]}'", "newer"])
def test_a_database_of_another_version_is_named(db: Path, step: str) -> None:
    with open_writer(db) as writer:
        if step == "newer":
            step = "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('recorder', 'm999', 'x')"
        writer.execute(step)
    assert scan(db, expect=2) == []
    assert "recorder made it" in problems(db)[0]


def test_a_database_of_another_program_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE t (x)")
        other.execute("INSERT INTO t VALUES (?)", (f"left {TOKEN} here",))
    other.close()
    (hit,) = scan(path, expect=1)
    assert hit[1].startswith("byte ")
    assert problems(path) == []


def test_a_file_that_cannot_be_read_does_not_end_the_scan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "a").write_text("nothing")
    (folder / "b").write_text(TOKEN)
    opened = Path.open

    def refuse(path: Path, *words, **named):
        if path.name == "a":
            raise PermissionError(13, "Permission denied")
        return opened(path, *words, **named)

    monkeypatch.setattr(Path, "open", refuse)
    assert [hit[0] for hit in scan(folder, expect=1)] == ["b"]
    (problem,) = problems(folder)
    assert problem.endswith("a: Permission denied; nothing can be said about it")


def test_an_empty_file_and_a_bare_header(file: Path) -> None:
    file.write_bytes(b"")
    assert scan(file, expect=0) == []
    file.write_bytes(b"SQLite format 3\0" + struct.pack(">H", 4096))
    assert scan(file, expect=2) == []
