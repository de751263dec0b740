"""The promises of redaction, on a part of the corpus: `make redaction-report` asks about all of it."""

import pytest

from recorder.redact import Redactor
from tests.redaction.case import Group
from tests.redaction.corpus import KINDS, WAYS, positives
from tests.redaction.negatives import negatives
from tests.redaction.places import PLACES
from tests.redaction.report import SEED
from tests.redaction.tally import Tally, altered, judge
from tests.support.redactors import fresh

FLOORS = {Group.CORE: 99.5, Group.ENCODED: 97.0, Group.HOSTILE: 99.5, Group.PLACE: 99.5}
"""Percent of the cases of a group that must be found; never lowered."""


@pytest.fixture(scope="module")
def redactor() -> Redactor:
    return fresh(key=b"r" * 32)


@pytest.fixture(scope="module")
def tally(redactor: Redactor) -> Tally:
    return judge(redactor, positives(SEED, 3))


@pytest.mark.parametrize("group", FLOORS)
def test_secrets_are_found(tally: Tally, group: Group) -> None:
    missed = [example for example in tally.examples if tally.recall(f"group {group}") < FLOORS[group]]
    assert missed == []


def test_every_kind_is_asked_about_in_every_way(tally: Tally) -> None:
    assert {f"kind {kind.name}" for kind in KINDS} <= tally.all.keys()
    assert {f"way {way}" for way in (*WAYS, *PLACES)} <= tally.all.keys()


def test_ids_beside_a_secret_stay(tally: Tally) -> None:
    assert tally.altered == []


def test_ids_and_signatures_are_never_altered(redactor: Redactor) -> None:
    assert [one.given for one in altered(redactor, negatives(SEED, 20)) if one.exact] == []


def test_what_is_no_secret_stays(redactor: Redactor) -> None:
    texts = [one for one in negatives(SEED, 60) if not one.exact]
    wrong = altered(redactor, texts)
    assert len(wrong) <= 0.005 * len(texts), [one.given for one in wrong]
