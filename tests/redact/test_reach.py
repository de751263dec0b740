from functools import cache

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from recorder.redact.prefilter import Prefilter
from recorder.redact.reach import Reach, brief, reach_of
from recorder.redact.rules import Rule, RuleSet, own_detectors

RULES = [rule for one in own_detectors() if isinstance(one, RuleSet) for rule, _ in one._rules]
PIECES = (
    b"x",
    b" ",
    b"\n",
    b"\r\n\n",
    b"=",
    b"a1B2",
    b'"',
    b"'",
    b"-",
    b" " * 300,
    b"word " * 60,
    b"Z" * 600,
    b"\n\n\t",
)


@pytest.mark.parametrize(
    ("pattern", "reach"),
    [
        ("abc", Reach(3, 0)),
        (r"\bab{2,4}$", Reach(5, 0)),
        (r"a+b", Reach(1, 1)),
        (r"ab+", Reach(2, 0)),
        (r"a[^\n]*b", Reach(2, 1, loose=True)),
        (r"a.*b", Reach(2, 1, loose=True)),
        (r"a[^\s]*b", Reach(2, 1)),
        (r"a[ x]*b", Reach(2, 1, loose=True)),
        (r"\s+b", Reach(1, 1)),
        (r"a(?:\nb)*={0,2}", Reach(1, 0)),
        (r"a+\b", Reach(0, 1)),
        (r"(?i)x(?:a{3}|[bc]{2,}){2}", Reach(7, 1)),
        (r"x\[(?:\\n|\x41)?[]^-]{1,3}\{", Reach(8, 0)),
        (r"a(?:\nb)*c", None),
        (r"a[^x]*b", None),
        (r"(?:a|\s)+b", None),
        (r"(?s)a.*b", None),
        (r"(?<n>a)", None),
        (r"a(b", None),
        (r"a)b", None),
        (r"a**", None),
        (r"\pLa", None),
    ],
)
def test_the_reach_of_a_pattern(pattern: str, reach: Reach | None) -> None:
    assert reach_of(pattern) == reach


@pytest.mark.parametrize(
    ("pattern", "shorter"),
    [
        (r"k=(?:x([^\s]{3,}))", r"k=(?:x([^\s]{3}))"),
        (r"[a-z]{16,}={0,2}", "[a-z]{16}"),
        (r"a\{3,}", r"a\{3,}"),
        (r"a{3,}b", r"a{3,}b"),
        (r"a{3,}?", r"a{3,}?"),
        (r"(?:a{3,})?", r"(?:a{3,})?"),
    ],
)
def test_what_may_follow_at_a_patterns_end_is_left_out(pattern: str, shorter: str) -> None:
    assert brief(pattern) == shorter


def test_stretches_hold_what_ends_there_and_do_not_touch() -> None:
    text = b"0123456789\nabc   \n   xyz" + b"." * 50
    assert Reach(4, 0).around(text, [6, 8, 20, 60], are_last=True) == [(2, 8), (16, 20), (56, 60)]
    assert Reach(4, 0).around(text, [6], are_last=False) == [(2, 10)]
    loose = Reach(0, 1, loose=True)
    assert loose.around(text, [24], are_last=True) == [(18, 24)]
    assert loose.around(text, [21], are_last=True) == [(11, 21)]
    assert loose.around(text, [12], are_last=False) == [(11, 17)]
    assert Reach(3, 1, loose=True).around(text, [4, 70], are_last=False) == [(0, 13), (15, len(text))]


def test_without_a_space_in_it_a_stretch_ends_at_one() -> None:
    text = b"some words and key=abc behind it" + b" more" * 9
    assert Reach(0, 1).around(text, [20], are_last=True) == [(15, 20)]
    assert Reach(2, 1).around(text, [20], are_last=True) == [(13, 20)]
    assert Reach(0, 1).around(text, [20], are_last=False) == [(15, 22)]


def test_the_reach_of_every_rule_is_known() -> None:
    """A rule whose reach is not known is right as well, but the whole of a text is searched for it."""
    assert [rule.kind for rule in RULES if reach_of(rule.pattern) is None] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
@given(data=st.data())
@settings(max_examples=10)
def test_what_is_sought_around_the_ends_is_what_a_sweep_finds(rule: Rule, data: st.DataObject) -> None:
    rules, prefilter = together(rule)
    text = b"".join(data.draw(parts(rule)))
    ends = prefilter.possible(text).get("one", ())
    assume(ends is not None)  # so many that they are not told
    assert rules.find_at(text, ends) == rules.find(text)


@cache
def together(rule: Rule) -> tuple[RuleSet, Prefilter]:
    rules = RuleSet("one", [rule, *RULES[:2]])
    return rules, Prefilter({"one": rules.patterns}, placed=["one"])


@cache
def parts(rule: Rule) -> st.SearchStrategy[list[bytes]]:
    """Return matches of the rule, of which Python's `re` reads no flag in the middle, among other things."""
    matching = st.from_regex(rule.pattern.replace("(?i)", "").encode("latin-1"))
    return st.lists(matching | st.sampled_from(PIECES), max_size=8)
