"""The judge is judged: without redaction every case leaks, with everything taken away none does."""

import pytest

from tests.redaction.case import Case, Door, Group
from tests.redaction.corpus import positives
from tests.redaction.negatives import negatives


def test_every_case_leaks_when_nothing_is_redacted() -> None:
    assert [(case.kind, case.way, case.snippet) for case in positives(7, 1) if not case.leaks(case.given)] == []


def test_no_case_leaks_when_the_secret_is_gone() -> None:
    for case in positives(8, 1):
        assert case.leaks("[REDACTED:kind:0123456789abcdef]") == []


@pytest.mark.parametrize(
    ("stored", "leaks"),
    [
        ("a [REDACTED:x] b", False),
        ("a CORRECT b", False),
        ("a CORRECTH b", True),
        ("a Ttery-STAPLE-77 b", True),
        ("a T\u200bERY-STAP b", True),
        ("a \uff34\uff25\uff32\uff39\uff0d\uff33\uff34\uff21 b", True),
        ("a T\x1b[31mERY-STAP b", True),
        ("a [REDACTED:CORRECTH] b", False),
    ],
)
def test_a_leak_is_a_run_of_eight(stored: str, *, leaks: bool) -> None:
    case = Case(
        "k", "w", Group.CORE, Door.TEXT, "a CORRECTHORSEBATTERY-STAPLE-77 b", ("CORRECTHORSEBATTERY-STAPLE-77",)
    )
    assert bool(case.leaks(stored)) is leaks


def test_the_same_seed_makes_the_same_corpus() -> None:
    assert list(positives(9, 1)) == list(positives(9, 1))
    assert list(negatives(9, 1)) == list(negatives(9, 1))
    assert list(positives(9, 1)) != list(positives(10, 1))
