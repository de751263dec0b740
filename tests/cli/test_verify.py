"""`recorder verify` and `recorder checkpoint`, as a person uses them, and the stand-alone verifier beside them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from recorder.capture.head_memory import HeadMemory
from recorder.capture.signing_keys import ensure_signing_keys
from recorder.cli import main
from recorder.config import config_dir, state_dir
from recorder.ledger.kinds import RecordKind
from recorder.store.database import open_writer
from recorder.store.writer import Writer
from tests.store.conftest import Make
from tests.tampering.base import add_interaction, fill, head, unguarded

STANDALONE = Path(__file__).parents[2] / "scripts" / "verify_ledger.py"


def run(*args: str | Path) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args])


@pytest.fixture
def db(tmp_path: Path, clean_env: Path) -> Path:
    """A record that this machine's own key signed, which remembers it."""
    path = tmp_path / "records.db"
    fill(path, ensure_signing_keys(config_dir()).key)
    HeadMemory(state_dir(), path).write(head(path))
    return path


def edited(db: Path, statement: str) -> None:
    with unguarded(db) as connection:
        connection.execute(statement)
    connection.close()


def test_a_whole_record(db: Path) -> None:
    result = run("verify", "--db", db)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("ok: 50 records, ")


@pytest.mark.parametrize(
    ("statement", "exit_code", "text"),
    [
        (
            "UPDATE records SET body = '{}' WHERE seq = 7",
            14,
            "modified: record 7 is not what its leaf hash was made of",
        ),
        ("DELETE FROM records WHERE seq = 7", 15, "missing: records 7 to 7"),
        ("DELETE FROM records WHERE seq > 40", 13, "truncated: the newest checkpoint knows 50 records, there are 40"),
        ("DELETE FROM tree_head", 12, "unsigned: no checkpoint covers records 50 to 50"),
        ("UPDATE parts SET content = NULL WHERE id = 3", 11, "content missing without a record: part 3 has no content"),
        ("UPDATE interactions SET cost_usd = '0' WHERE seq = 4", 14, "cost_usd differ from the records"),
        ("UPDATE runs SET host = 'elsewhere'", 14, "not as recorded"),
        ("UPDATE runs SET pid = 99", 14, "not as recorded"),
    ],
)
def test_each_verdict_has_its_exit_code_and_its_text(db: Path, statement: str, exit_code: int, text: str) -> None:
    edited(db, statement)
    if "tree_head" in statement:
        HeadMemory(state_dir(), db).path.unlink()
    result = run("verify", "--db", db)
    assert result.exit_code == exit_code
    assert text in result.stdout


def test_json(db: Path) -> None:
    edited(db, "DELETE FROM records WHERE seq = 7")
    result = run("verify", "--db", db, "--json")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["exit_code"], report["verdict"]) == (15, 15, "missing")
    assert {"verdict": "missing", "text": "records 7 to 7"} in report["findings"]
    assert report["counts"]["missing"] == 1


def test_what_was_printed_verifies_elsewhere(db: Path, tmp_path: Path) -> None:
    kept, key = tmp_path / "kept", tmp_path / "key"
    kept.write_text(run("checkpoint", "--db", db).stdout * 2 + "\n" + run("checkpoint", "--db", db).stdout)
    key.write_text("# the recorder of box\n\n" + run("checkpoint", "--db", db, "--public-key").stdout)
    for path in (config_dir(), state_dir()):
        path.rename(tmp_path / f"away-{path.parent.name}")
    result = run("verify", "--db", db, "--public-key", key, "--checkpoint", kept)
    assert (result.exit_code, result.stdout.split(", ")[-1]) == (0, "7 signed checkpoints\n")
    result = run("verify", "--db", db)
    assert result.exit_code == 2
    assert "--public-key FILE" in result.stderr


def test_an_older_copy_is_noticed_without_being_told(db: Path, tmp_path: Path) -> None:
    longer = tmp_path / "longer.db"
    fill(longer, ensure_signing_keys(config_dir()).key, interactions=30)
    HeadMemory(state_dir(), db).write(head(longer))
    result = run("verify", "--db", db)
    # The longer record has another stop record, so it is a fork of this one; cut is what can be seen.
    assert result.exit_code == 13
    assert "the checkpoint remembered here knows 62 records, there are 50" in result.stdout


@pytest.mark.parametrize(
    ("option", "content", "text"),
    [
        ("--public-key", "", "holds no public key"),
        ("--public-key", "nonsense", "a public key looks like NAME+ID+BASE64"),
        ("--checkpoint", "\n", "holds no checkpoint"),
        ("--checkpoint", None, "No such file"),
    ],
)
def test_evidence_that_is_none(db: Path, tmp_path: Path, option: str, content: str | None, text: str) -> None:
    file = tmp_path / "evidence"
    if content is not None:
        file.write_text(content)
    result = run("verify", "--db", db, option, file)
    assert result.exit_code == 2
    assert text in result.stderr


def test_nothing_signed_has_no_checkpoint(sample_path: Path, clean_env: Path) -> None:
    result = run("checkpoint", "--db", sample_path)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "nothing in it is signed yet" in result.stderr


def test_a_file_that_sqlite_cannot_read_is_a_finding(db: Path) -> None:
    with unguarded(db) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'records'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    data = bytearray(db.read_bytes())
    data[size * (page - 1) : size * page] = bytes(size)
    db.write_bytes(data)
    result = run("verify", "--db", db)
    assert (result.exit_code, result.stdout.splitlines()[-1].split(":")[0]) == (14, "modified")


def standalone(*args: str | Path) -> tuple[int, str]:
    # -I: nothing of this environment, as on the auditor's machine; -S: no installed package either.
    done = subprocess.run(
        [sys.executable, "-I", "-S", STANDALONE, *args], capture_output=True, text=True, check=False, env={}
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_the_independent_verifier_on_a_database_and_on_an_export(db: Path, tmp_path: Path) -> None:
    key, kept, export = tmp_path / "key", tmp_path / "kept", tmp_path / "export.jsonl"
    key.write_text(run("checkpoint", "--db", db, "--public-key").stdout)
    kept.write_text(run("checkpoint", "--db", db).stdout)
    assert run("verify", "--db", db, "--export", export).exit_code == 0
    assert export.stat().st_mode & 0o777 == 0o600
    for records in (db, export) if sys.version_info >= (3, 14) else (export,):
        assert standalone(records, "--public-key", key, "--checkpoint", kept) == (0, "ok: 50 records\n")
    lines = export.read_bytes().splitlines(keepends=True)
    export.write_bytes(b"".join([*lines[:9], *lines[10:]]))
    code, text = standalone(export, "--public-key", key)
    assert (code, text.splitlines()[0]) == (15, "missing: records 10 to 10")
    export.write_bytes(b"".join([*lines[:9], lines[9].replace(b'"id":"call', b'"id":"cell'), *lines[10:]]))
    assert standalone(export, "--public-key", key)[0] == 14
    assert run("verify", "--db", db, "--export", export).exit_code == 2  # never in the place of another file


def test_both_verifiers_tell_how_many_calls_a_gap_names(tmp_path: Path, clean_env: Path) -> None:
    db, key, export = tmp_path / "gaps.db", tmp_path / "key", tmp_path / "gaps.jsonl"
    make = Make()
    with open_writer(db) as opened:
        store = Writer(opened, key=ensure_signing_keys(config_dir()).key)
        for others in ({}, {"b": 1, "c": 2}):
            store.write([make.event(RecordKind.GAP, interaction="a", reason="late", others=others)])
    key.write_text(run("checkpoint", "--db", db, "--public-key").stdout)
    told = run("verify", "--db", db)
    assert run("verify", "--db", db, "--export", export).exit_code == 0
    again = standalone(export, "--public-key", key)
    assert told.exit_code == again[0] == 10
    for text in (told.stdout, again[1]):
        assert "record 1 says that something was not recorded: late" in text
        assert "record 2 says that 3 calls were not recorded: late" in text


def test_a_schema_that_is_no_text_is_no_traceback(db: Path) -> None:
    with unguarded(db) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    data = db.read_bytes()
    assert b"CREATE TABLE findings" in data
    db.write_bytes(data.replace(b"CREATE TABLE findings", b"CREATE TABLE finding\xf1"))
    result = run("verify", "--db", db)
    assert result.exit_code == 1
    assert "damaged" in result.stderr or "malformed" in result.stderr


def test_where_the_stand_alone_verifier_is(clean_env: Path) -> None:
    result = run("verify", "--verifier")
    assert (result.exit_code, Path(result.stdout.strip()).read_bytes()) == (0, STANDALONE.read_bytes())


class TestSince:
    """What was verified before is held against the tree alone."""

    def grow(self, db: Path) -> None:
        with open_writer(db) as opened:
            store, make = Writer(opened, key=ensure_signing_keys(config_dir()).key), Make()
            for number in range(100, 104):
                add_interaction(store, make, number)

    def test_from_the_last_time(self, db: Path) -> None:
        assert run("verify", "--db", db, "--since", "last").exit_code == 2
        assert run("verify", "--db", db).exit_code == 0
        self.grow(db)
        result = run("verify", "--db", db, "--since", "last")
        lines = result.stdout.splitlines()
        assert (result.exit_code, lines[0]) == (0, "note: what is older than record 51 was held against the tree alone")
        assert lines[1].startswith("ok: 58 records, ")
        report = json.loads(run("verify", "--db", db, "--since", "last", "--json").stdout)
        assert (report["since"], report["verdict"]) == (58, "ok")  # nothing is new

    def test_what_came_since_brought_no_part(self, db: Path) -> None:
        assert run("verify", "--db", db).exit_code == 0
        with open_writer(db) as opened:
            store = Writer(opened, key=ensure_signing_keys(config_dir()).key)
            store.write([Make().event(RecordKind.HEARTBEAT, run_id="run1")])
        result = run("verify", "--db", db, "--since", "last")
        assert (result.exit_code, result.stdout.splitlines()[-1].split(",")[0]) == (0, "ok: 51 records")

    @pytest.mark.parametrize("grown", [False, True])
    def test_a_part_that_was_put_in(self, db: Path, grown: bool) -> None:
        assert run("verify", "--db", db).exit_code == 0
        copied = (
            "INSERT INTO parts (kind, role, bytes, salt, commitment, content, block)"
            " SELECT kind, role, 0, x'00', randomblob(32), x'', id FROM parts WHERE block IS NULL LIMIT 1"
        )
        edited(db, copied)
        if grown:
            self.grow(db)
        result = run("verify", "--db", db, "--since", "last")
        assert "is none that a record brought" in result.stdout
        assert result.exit_code == 14

    @pytest.mark.parametrize(
        ("statement", "exit_code"),
        [
            ("UPDATE records SET body = '{}', base = NULL WHERE seq = 52", 14),
            ("UPDATE records SET leaf_hash = randomblob(32) WHERE seq = 7", 14),
            ("DELETE FROM records WHERE seq = 7", 15),
            ("DELETE FROM records WHERE seq > 40", 13),
            ("UPDATE interactions SET cost_usd = '9' WHERE seq = (SELECT max(seq) FROM interactions)", 14),
            ("UPDATE parts SET salt = randomblob(32) WHERE id = (SELECT max(id) FROM parts)", 14),
            ("DELETE FROM parts WHERE id = (SELECT max(id) FROM parts)", 14),
            ("UPDATE runs SET pid = 99", 14),
            # What is older is not read again, and that is what is said.
            ("UPDATE interactions SET cost_usd = '9' WHERE seq = (SELECT min(seq) FROM interactions)", 0),
        ],
    )
    def test_what_came_since_is_looked_at_whole(self, db: Path, statement: str, exit_code: int) -> None:
        assert run("verify", "--db", db).exit_code == 0
        self.grow(db)
        edited(db, statement)
        assert run("verify", "--db", db, "--since", "last").exit_code == exit_code
        assert run("verify", "--db", db).exit_code != 0

    def test_a_checkpoint_in_a_file(self, db: Path, tmp_path: Path) -> None:
        kept = tmp_path / "kept"
        kept.write_text(run("checkpoint", "--db", db).stdout)
        self.grow(db)
        assert "older than record 51" in run("verify", "--db", db, "--since", kept).stdout
        assert run("verify", "--db", db, "--since", tmp_path / "none").exit_code == 2

    def test_nothing_is_remembered_of_a_record_that_is_not_in_order(self, db: Path) -> None:
        edited(db, "UPDATE runs SET pid = 99")
        assert run("verify", "--db", db).exit_code == 14
        result = run("verify", "--db", db, "--since", "last")
        assert (result.exit_code, "never verified here" in result.stderr) == (2, True)
