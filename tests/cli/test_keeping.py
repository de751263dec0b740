"""`recorder erase`, `hold` and `retain`, as a person uses them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from recorder.cli import main
from scripts.sample import SHOWN, fill

SESSION = "5f0c9a42"


def run(*args: str | Path, **given: str) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args], **given)


@pytest.fixture
def db(tmp_path: Path, clean_env: Path) -> Path:
    path = tmp_path / "records.db"
    fill(path)
    return path


def test_erase(db: Path) -> None:
    result = run("erase", "--session", SESSION, "--reason", "asked", "--yes", "--db", db)
    assert result.exit_code == 0, result.output
    first, shared, still_open = result.stdout.splitlines()
    assert first.startswith("erased: ")
    assert first.endswith(" of 9 interactions")
    assert shared.endswith("that interactions which stay need as well")
    assert still_open == "kept: 1 interaction still open; erase again when over"
    assert run("verify", "--db", db).exit_code in {0, 12}  # what was there before is signed by nobody
    shown = run("show", SHOWN, "--db", db)
    assert (shown.exit_code, "says when, why and by whom" in shown.stderr) == (1, True)


def test_without_a_terminal_it_wants_to_be_sure(db: Path) -> None:
    before = db.read_bytes()
    result = run("erase", "--session", SESSION, "--reason", "asked", "--db", db)
    assert (result.exit_code, "say --yes" in result.stderr) == (2, True)
    assert db.read_bytes() == before


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (["--reason", "x", "--yes"], "say what is meant: --session, --interaction, --user, --match, --pattern"),
        (["--session", SESSION, "--yes"], "say why with --reason"),
        (["--session", "nobody", "--reason", "x", "--yes"], "nobody"),
        (["--pattern", "(", "--reason", "x", "--yes"], "no regular expression"),
        (["--match", "", "--reason", "x", "--yes"], "stands everywhere"),
    ],
)
def test_what_is_refused(db: Path, args: list[str], text: str) -> None:
    before = db.read_bytes()
    result = run("erase", *args, "--db", db)
    assert result.exit_code in {1, 2}
    assert text in result.stderr
    assert "Traceback" not in result.output
    assert db.read_bytes() == before


def test_a_dry_run_as_json(db: Path) -> None:
    result = run("erase", "--match", "voucher", "--dry-run", "--db", db, "--json")
    plan = json.loads(result.stdout)
    assert plan["parts"] > 3
    assert plan["bytes"] > 100
    assert run("erase", "--match", "voucher", "--dry-run", "--db", db, "--json").stdout == result.stdout


def test_records_that_name_it_themselves_are_told_of(db: Path) -> None:
    result = run("erase", "--match", "webshop", "--reason", "asked", "--yes", "--db", db)
    assert result.exit_code == 0
    assert "records name it themselves" in result.stderr


def test_a_hold(db: Path) -> None:
    id_ = run("hold", "add", "--user", "grace", "--reason", "lawsuit", "--by", "counsel", "--db", db).stdout.strip()
    listed = run("hold", "list", "--db", db).stdout
    for word in (id_, "users: grace", "lawsuit", "counsel"):
        assert word in listed
    result = run("erase", "--user", "grace", "--reason", "asked", "--yes", "--db", db)
    assert f"kept: 3 interactions under hold {id_} (`recorder hold list`)" in result.stdout
    assert run("hold", "release", id_, "--reason", "over", "--db", db).exit_code == 0
    assert json.loads(run("hold", "list", "--db", db, "--json").stdout) == []
    (hold,) = json.loads(run("hold", "list", "--all", "--db", db, "--json").stdout)
    assert (hold["id"], hold["choice"]) == (id_, {"users": ["grace"]})
    assert run("hold", "release", id_, "--reason", "over", "--db", db).exit_code == 1


def test_retain(db: Path, clean_env: Path) -> None:
    assert "say how long" in run("retain", "--db", db).stderr
    refused = run("retain", "--days", "30", "--yes", "--db", db)
    assert (refused.exit_code, "--below-minimum" in refused.stderr) == (2, True)
    assert run("retain", "--days", "36500", "--yes", "--db", db).stdout.startswith("erased: 0 parts")
    config = clean_env / "recorder.toml"
    config.write_text("[retention]\ndays = 36500\n")
    assert run("--config", config, "retain", "--yes", "--db", db).exit_code == 0
    config.write_text("[retention]\ndayz = 3\n")
    assert "dayz" in run("--config", config, "retain", "--yes", "--db", db).stderr


def test_what_was_derived_beside_the_database_goes_with_it(db: Path) -> None:
    assert run("search", "vouchers", "--db", db).exit_code == 0
    assert run("usage", "--db", db).exit_code == 0
    beside = [db.with_name(f"{db.name}.{suffix}") for suffix in ("search", "totals")]
    assert all(path.exists() for path in beside)
    assert run("erase", "--session", SESSION, "--reason", "asked", "--yes", "--db", db).exit_code == 0
    assert not any(path.exists() for path in beside)
