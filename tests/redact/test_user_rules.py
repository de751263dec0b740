import json

import pytest

from recorder.redact import Redactor, UserRule
from recorder.redact.user_rules import UserRules
from tests.support.redactors import fresh

TOKEN = "acme" + "_k2j4h5g6f7"


@pytest.fixture(scope="module")
def ruled() -> Redactor:
    rules = (
        UserRule("acme-token", r"\bacme_[a-z0-9]{10}\b", ("ACME",)),
        UserRule("badge", r"badge number ([0-9]+)"),
        UserRule("cafe", r"[éè]{2}[0-9]+"),
    )
    return fresh(rules=rules)


def test_a_users_rule_finds_its_kind_in_every_reading(ruled: Redactor) -> None:
    assert TOKEN not in ruled.text(f"x {TOKEN} y").value
    raw = json.dumps({"a": json.dumps({"b": TOKEN}), TOKEN: "".join(f"\\u{ord(c):04x}" for c in TOKEN)}).encode()
    redacted = ruled.json(raw)
    assert TOKEN.encode() not in redacted.value
    assert [(one.kind, one.count) for one in redacted.findings] == [("acme-token", 3)]


def test_the_first_group_is_the_secret(ruled: Redactor) -> None:
    assert ruled.text("badge number 4711!").value == "badge number [REDACTED:badge]!"


def test_patterns_are_about_characters(ruled: Redactor) -> None:
    assert ruled.text("the èé77 code").value == "the [REDACTED:cafe] code"


def test_without_its_keyword_a_rule_is_not_asked() -> None:
    rules = UserRules([UserRule("a", "x+", ("Word",))])
    assert rules.find(b"xxx") == []
    assert [span.value for span in rules.find(b"a wORD xxx")] == [b"xxx"]


def test_an_empty_match_is_no_secret() -> None:
    assert UserRules([UserRule("a", "x*")]).find(b"aaa") == []


@pytest.mark.parametrize(
    "rule",
    [
        UserRule("bad-pattern", "("),
        UserRule("bad-back", r"(a)\1"),
        UserRule("Bad Name", "a"),
        UserRule("", "a"),
        UserRule("bad-keyword", "a", ("",)),
    ],
)
def test_a_rule_that_cannot_be_used_is_named(rule: UserRule) -> None:
    with pytest.raises(ValueError, match=f"rule '{rule.name}'"):
        UserRules([rule])
