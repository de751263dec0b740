import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recorder.redact.members import MEMBER
from recorder.redact.pipeline import Pipeline
from recorder.redact.prefilter import Prefilter, spelled_out
from recorder.redact.rules import FORMAT_RULES, Rule, RuleSet, own_detectors
from recorder.redact.spans import Rank, Span
from tests.redaction.corpus import positives

SETS = [one for one in own_detectors() if isinstance(one, RuleSet)]
PIECES = [
    b"\x0b",
    b"\n",
    b" ",
    b"=",
    b'"',
    b"password",
    b"token",
    b": ",
    b"AKIA",
    b"://",
    b"\xff",
    b"\\n",
    b"-p ",
    b"curl ",
]


@pytest.mark.parametrize(
    ("pattern", "spelled"),
    [
        (r"a\sb", r"a[\t\n\f\r\x20]b"),
        (r"a\S+", r"a[^\t\n\f\r\x20]+"),
        (r"[^\s\"']{3,}", r"[^\t\n\f\r\x20\"']{3,}"),
        (r"[]\s]\s", r"[]\t\n\f\r\x20][\t\n\f\r\x20]"),
        (r"[^]\s]\\s", r"[^]\t\n\f\r\x20]\\s"),
        (r"[[\]\s]", r"[[\]\t\n\f\r\x20]"),
        (r"[\s\S]{0,3}?", r"[\x00-\xff]{0,3}?"),
    ],
)
def test_what_means_something_else_in_the_other_syntax_is_spelled_out(pattern: str, spelled: str) -> None:
    assert spelled_out(pattern) == spelled


def test_a_vertical_tab_is_no_space_as_in_re2() -> None:
    assert set(Prefilter({"value": [r"key=[^\s]{4}"]}).possible(b"key=ab\x0bcd")) == {"value"}
    assert set(Prefilter({"space": [r"a\sb"]}).possible(b"a\x0bb")) == set()


def test_names_without_a_usable_pattern_are_always_possible() -> None:
    prefilter = Prefilter({"none": (), "behind": [r"(?<=a)b"], "class": [r"[\S]x"], "word": ["secret"]})
    assert set(prefilter.possible(b"nothing")) == {"none", "behind", "class"}
    assert set(prefilter.possible(b"a secret")) == {"none", "behind", "class", "word"}
    assert set(Prefilter({"none": ()}).possible(b"x")) == {"none"}


def test_every_rule_of_ours_is_in_its_language() -> None:
    prefilter = Prefilter({**{one.name: one.patterns for one in SETS}, "member": [MEMBER]})
    assert set(prefilter.possible(b"")) == set()


def test_what_re2_finds_is_always_called_possible_and_found_where_it_is_told_to_be() -> None:
    rng = random.Random(8)
    prefilter = Prefilter({one.name: one.patterns for one in SETS}, placed=[one.name for one in SETS])
    found = placed = 0
    for case in positives(8, 1):
        text = case.given.encode("utf-8", "surrogatepass")
        for _ in range(3):
            possible = prefilter.possible(text)
            for one in SETS:
                assert one.name in possible or one._sweep.search(text) is None, (one.name, text)
                if ends := possible.get(one.name):
                    placed += 1
                    spans = one.find(text)
                    assert one.find_at(text, ends) == spans, (one.name, text)
                    found += len(spans)
            at = rng.randrange(len(text))
            text = text[:at] + rng.choice(PIECES) + text[at + rng.randrange(4) :]
    assert found > 1000
    assert placed > 2000


def test_of_a_text_that_matches_all_over_only_that_is_told() -> None:
    prefilter = Prefilter({"all": ["a"], "once": ["a"], "none": ["b"]}, placed=["all", "none"])
    assert prefilter.possible(b"xaa") == {"all": [(0, 2), (0, 3)], "once": None}
    assert prefilter.possible(b"a" * 2000) == {"all": None, "once": None, "none": None}


@pytest.mark.parametrize("rule", [one for one in FORMAT_RULES if one.prefilter], ids=lambda rule: rule.kind)
@given(data=st.data())
@settings(max_examples=100)
def test_what_is_looked_for_in_a_rules_place_is_in_all_that_it_matches(rule: Rule, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(rule.pattern.encode()))
    assert set(Prefilter({"rule": [rule.pattern]}).possible(text)) == {"rule"}
    assert set(Prefilter({"rule": rule.prefilter}).possible(text)) == {"rule"}


class Recording:
    def __init__(self, name: str, *patterns: str) -> None:
        self.name, self.patterns, self.asked = name, patterns, list[bytes]()

    def find(self, text: bytes) -> list[Span]:
        self.asked.append(text)
        return [Span(m.start(), m.end(), "k", m.group(), Rank.FORMAT) for m in re.finditer(b"SECRET", text)]


def test_detectors_are_asked_about_what_may_match_alone_in_views_too() -> None:
    plain, word, other = Recording("plain"), Recording("word", "SECRE[T]"), Recording("other", "nothing")
    pipeline = Pipeline([plain, word, other], {"mark": ["a b"]})
    assert {(span.start, span.end) for span in pipeline.scan(b"a b\n%53ECRET")} == {(4, 12)}
    assert plain.asked == [b"a b\n%53ECRET", b"SECRET"]
    assert word.asked == [b"SECRET"]
    assert other.asked == []
    assert "mark" in pipeline.possible(b"a b")
    assert "mark" not in pipeline.possible(b"b a")
