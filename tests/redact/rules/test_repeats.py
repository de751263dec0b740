"""A text that is made to be judged all over costs by its length, and is found in what it is found in one by one."""

import random

import pytest

from recorder.redact.rules import own_detectors
from recorder.redact.rules.base import RuleSet
from recorder.redact.rules.repeats import Repeats
from recorder.redact.spans import Span

SETS = [one for one in own_detectors() if isinstance(one, RuleSet)]
LINES = [
    "password: ",
    'api_key="',
    "password=",
    "cookie: a=",
    "aws_secret_access_key ",
    "https://a:b@",
    "jwt.sign(a,'",
    '"name": "password", ',
    'if "aaaa" == password ',
    'password = "Tr0ub4dor!x9"\n',
    'form-data; name="password"\r\n\r\n',
    "AKIA" + "QYLPMN5HHHFPZAM2 ",
]
BYTES = 40_000


def _one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def onward(self: Repeats, start: int, position: int, spans: list[Span]) -> int:
        return position

    monkeypatch.setattr(Repeats, "onward", onward)


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("last", ['"', " x\n", "password = 'Tr0ub4dor!x9'\n"])
def test_finds_what_is_found_one_by_one(line: str, last: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = ("# a text\n" + line * (BYTES // len(line)) + last).encode()
    found = [one.find(text) for one in SETS]
    _one_by_one(monkeypatch)
    assert found == [one.find(text) for one in SETS]


def test_finds_what_is_found_one_by_one_where_rounds_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(4)
    lines = [rng.choice(LINES) * rng.choice((1, 2, 900)) + rng.choice(("", "x", "\n")) for _ in range(20)]
    text = "".join(lines).encode()
    found = [one.find(text) for one in SETS]
    _one_by_one(monkeypatch)
    assert found == [one.find(text) for one in SETS]


@pytest.mark.parametrize("line", LINES)
def test_judges_once_what_repeats(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    judged = 0
    for one in SETS:
        for rule, _ in one._rules:
            accepts = rule.accepts

            def counted(place: object, accepts: object = accepts) -> bool:
                nonlocal judged
                judged += 1
                return accepts(place)  # type: ignore[operator, no-any-return]

            monkeypatch.setattr(rule, "accepts", counted)

    def verdicts(rounds: int) -> int:
        nonlocal judged
        judged = 0
        for one in SETS:
            one.find((line * rounds).encode())
        return judged

    once = verdicts(BYTES // len(line))
    assert verdicts(2 * BYTES // len(line)) <= once + 50
    assert once > 0
