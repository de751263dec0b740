"""`recorder budget` over a record that keepers and a writer made."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from recorder.access.keys import create_key
from recorder.cli import main
from recorder.config import config_dir
from recorder.limits.overview import limits_key
from tests.limits.conftest import Office

TEXT = """
[[budget]]
name = "spend"
usd = 0.02
window = "session"
each = "user"
warn = [0.4]

[[budget]]
name = "calls"
requests = 1
window = "366 days"
block = false
"""


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("COLUMNS", "160")
    office = Office(tmp_path, limits_key())
    yield office
    office.close()


def run(folder: Path, *words: str):
    return CliRunner().invoke(main, ["--config", str(folder / "recorder.toml"), "budget", *words])


def test_what_is_spent_reserved_and_left(office: Office, tmp_path: Path) -> None:
    keeper = office.keeper(TEXT)
    first, _ = office.ask(keeper, user="ann", session="s1")
    office.answered(first, 2000)
    office.ask(keeper, user="ann", session="s1", output=500)
    result = run(tmp_path, "--db", str(tmp_path / "records.db"), "--json")
    assert result.exit_code == 1, result.output
    spend, calls = json.loads(result.output)
    assert spend == {
        "name": "spend",
        "value": {"session": "s1", "user": "ann"},
        "unit": "usd",
        "limit": "0.02",
        "spent": "0.01",
        "reserved": "0.0025",
        "left": "0.0075",
        "share": "0.5000",
        "under_way": 1,
        "unknown": 0,
        "blocks": True,
        "window": "session",
        "resets_utc": None,
    }
    assert (calls["spent"], calls["share"], calls["window"]) == ("1", "1.0000", "8784 hours")
    piped = run(tmp_path, "--db", str(tmp_path / "records.db")).output.splitlines()
    assert piped[1].startswith("spend\tsession s1, user ann\tusd\t0.02\t0.01\t0.0025\t0.0075\t1\t0\tsession")


def test_those_of_keys(office: Office, tmp_path: Path) -> None:
    made, _ = create_key(config_dir(), user="ann", project="shop", budget="1 request")
    create_key(config_dir(), user="bob", project="shop", budget="0.04/day")
    first, _ = office.ask(office.keeper(""), key=made.id)
    office.answered(first, 2000)
    result = run(tmp_path, "--db", str(tmp_path / "records.db"), "--json")
    assert result.exit_code == 1, result.output
    ann, bob = json.loads(result.output)
    assert (ann["name"], ann["unit"], ann["spent"], ann["left"]) == (f"key {made.id} of ann", "requests", "1", "0")
    assert (ann["window"], ann["resets_utc"], bob["spent"], bob["left"]) == ("total", None, "0", "0.04")


def test_without_budgets(office: Office, tmp_path: Path) -> None:
    office.keeper("")
    result = run(tmp_path, "--db", str(tmp_path / "records.db"))
    assert result.exit_code == 2
    assert "there is no [[budget]] in recorder.toml" in result.output
