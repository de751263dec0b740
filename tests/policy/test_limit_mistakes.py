"""A table of mistakes: what is wrong with budgets and rates, on which line, and what is said about it."""

from pathlib import Path

import pytest

from recorder.errors import ConfigError
from recorder.limits.limits_file import has_limits, load_limits

GOOD = '[[budget]]\nname = "b"\nusd = 5\nwindow = "day"\n'
RATE = '[[rate]]\nname = "r"\nstreams = 2\n'

MISTAKES = [
    ('[budget]\nname = "b"\n', 1, "write [[budget]], with two brackets"),
    ('[[budget]]\nusd = 5\nwindow = "day"\n', 1, "[[budget]] number 1: has no name; give one"),
    ('[[budget]]\nname = "b"\nwindow = "day"\n', 1, "has no limit; give one of `usd = ...`, `tokens = ...`"),
    (f"{GOOD}tokens = 9\n", 1, "has several limits; give one of"),
    ('[[budget]]\nname = "b"\nusd = 0\nwindow = "day"\n', 3, "0 is not a number, or a text that is one, above 0"),
    ('[[budget]]\nname = "b"\nusd = "five"\nwindow = "day"\n', 3, "'five' is not a number"),
    ('[[budget]]\nname = "b"\nusd = nan\nwindow = "day"\n', 3, "nan is not a number"),
    ('[[budget]]\nname = "b"\nusd = true\nwindow = "day"\n', 3, "True is not a number"),
    ('[[budget]]\nname = "b"\ntokens = 1.5\nwindow = "day"\n', 3, "1.5 is not a whole number above 0"),
    ('[[budget]]\nname = "b"\nusd = 5\n', 1, "window: is not there; give hour, day, week, month, session"),
    ('[[budget]]\nname = "b"\nusd = 5\nwindow = "year"\n', 4, "'year' is no window; give hour"),
    ('[[budget]]\nname = "b"\nusd = 5\nwindow = "400 days"\n', 4, "at most 366 days"),
    ('[[budget]]\nname = "b"\nusd = 5\nwindow = "0 hours"\n', 4, "'0 hours' is no window"),
    (f'{GOOD}zone = "Berlin"\n', 5, "'Berlin' is no time zone; give one as Europe/Berlin"),
    (f'{GOOD}zone = "../etc/passwd"\n', 5, "is no time zone"),
    (f"{GOOD}warn = [80]\n", 5, "[80] is no list of shares between 0 and 1"),
    (f"{GOOD}warn = []\n", 5, "is no list of shares"),
    (f'{GOOD}block = "yes"\n', 5, "'yes' is neither true nor false"),
    (f'{GOOD}unpriced = "warn"\n', 5, "'warn' is neither block nor ignore nor an amount"),
    ('[[budget]]\nname = "b"\ntokens = 5\nwindow = "day"\nunpriced = 1\n', 5, "and so for a budget in usd"),
    (f'{GOOD}each = "usr"\n', 5, "'usr' is nothing that requests are told apart by; did you mean user?"),
    (f'{GOOD}each = ["user", "user"]\n', 5, "names the same twice"),
    (f'{GOOD}when = {{ modle = "x" }}\n', 5, "when.modle: unknown setting; did you mean model?"),
    (f"{GOOD}when = {{ model = 3 }}\n", 5, "3 is neither a text nor a list of texts"),
    (f"{GOOD}wait_seconds = -1\n", 5, "is not a number of seconds"),
    (f"{GOOD}limit = 5\n", 5, "[[budget]] number 1 limit: unknown setting"),
    (f"{GOOD}{GOOD}", 6, "[[budget]] number 2 name: 'b' is the name of an earlier budget as well"),
    ('[[rate]]\nname = "r"\n', 1, "limits nothing; give one of requests_per_minute, input_tokens_per_minute"),
    (f"{RATE}requests_per_minute = 0\n", 4, "0 is not a whole number above 0"),
    (f"{RATE}{RATE}", 5, "'r' is the name of an earlier rate as well"),
    (f"{RATE}wait_seconds = 'long'\n", 4, "'long' is not a number of seconds"),
    ("[[budget]\n", None, "line 1"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "said"), MISTAKES)
def test_mistakes(tmp_path: Path, text: str, line: int | None, said: str) -> None:
    path = tmp_path / "recorder.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_limits(path)
    assert said in str(caught.value)
    assert str(caught.value).startswith(f"{path}:{line}: " if line else f"{path}: ")


def test_good_ones(tmp_path: Path) -> None:
    path = tmp_path / "recorder.toml"
    path.write_text(f'{GOOD}warn = [0.8, 0.5]\neach = "user"\n{RATE}wait_seconds = 0\n')
    limits = load_limits(path)
    assert has_limits(path)
    assert [str(share) for share in limits.budgets[0].warn] == ["0.5", "0.8"]
    assert limits.rates[0].wait_seconds == 0
    assert not has_limits(None)
    assert not load_limits(None).is_active
