"""What `recorder doctor` says about budgets, rates and keys."""

from pathlib import Path

import pytest

from recorder.access.keys import KEY_FILE, create_key
from recorder.cli.checks import Check, Verdict
from recorder.cli.limit_checks import limits
from recorder.config import Settings

GOOD = '[[budget]]\nname = "b"\nusd = 5\nwindow = "day"\n[[rate]]\nname = "r"\nstreams = 2\n'


def check(folder: Path, text: str = "", **settings: object) -> list[Check]:
    config = folder / "recorder.toml"
    config.write_text(text)
    return list(limits(config, Settings(**settings), folder))


def test_limits(tmp_path: Path) -> None:
    assert check(tmp_path) == []
    (good,) = check(tmp_path, GOOD)
    assert (good.verdict, good.found) == (Verdict.OK, "1 budget, 1 rate")
    (wrong,) = check(tmp_path, GOOD.replace("5", "0"))
    assert (wrong.verdict, ":3: [[budget]] number 1 usd: 0 is not" in wrong.found) == (Verdict.WRONG, True)


@pytest.mark.parametrize(
    ("settings", "verdict"),
    [
        ({}, Verdict.WARNING),
        ({"listen": "localhost:1"}, Verdict.WARNING),
        ({"listen": "[::1]:1"}, Verdict.WARNING),
        ({"require_key": True}, Verdict.OK),
        ({"listen": "0.0.0.0:1"}, Verdict.OK),
    ],
)
def test_keys(tmp_path: Path, settings: dict[str, object], verdict: Verdict) -> None:
    create_key(tmp_path, user="ann", project="shop")
    (bare,) = check(tmp_path, **settings)
    assert (bare.verdict, bare.found) == (Verdict.OK, "1 key in use, 0 with a budget")
    create_key(tmp_path, user="bob", project="shop", budget="5/month")
    create_key(tmp_path, user="eve", project="shop", budget="5", expires_utc="2020-01-01T00:00:00.000Z")
    (bound,) = check(tmp_path, **settings)
    assert (bound.verdict, bound.found.startswith("2 keys in use, 1 with a budget")) == (verdict, True)
    (tmp_path / KEY_FILE).write_text("[]x")
    (broken,) = check(tmp_path, **settings)
    assert (broken.verdict, "is not what `recorder keys` writes" in broken.found) == (Verdict.WRONG, True)
