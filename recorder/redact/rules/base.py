"""A rule is a class: a kind, a pattern, and a guard that turns near misses away.

A pattern is RE2 over bytes. The secret is the first group that took part in the match; without groups, the whole match.
Rules are swept together in one pass over the text; only where the sweep stops is each tried by itself.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, ClassVar

import msgspec

from recorder.redact.guards import is_filler
from recorder.redact.prefilter import Ends
from recorder.redact.reach import brief, reach_of
from recorder.redact.regex import compile_bytes, compile_set
from recorder.redact.rules.pattern import Pattern
from recorder.redact.rules.repeats import Repeats
from recorder.redact.spans import Rank, Span

# Rejected matches are tried again one byte later. A text made to be rejected over and over is given up on: what it
# matches goes, after this many times its own length.
_PATIENCE = 8
_JUDGED_BYTES = 1024
_EXCERPT_BYTES = 4096


class Place(msgspec.Struct, frozen=True):
    """Where a rule matched: the match begins at `at`, the secret is `text[start:end]`."""

    text: bytes
    at: int
    start: int
    end: int

    @property
    def value(self) -> bytes:
        """The value that may be a secret, as far as it takes to judge it."""
        return self.text[self.start : min(self.end, self.start + _JUDGED_BYTES)]


class Rule:
    """One kind of secret."""

    kind: ClassVar[str]
    pattern: ClassVar[str]
    rank: ClassVar[Rank] = Rank.FORMAT
    prefilter: ClassVar[tuple[str, ...]] = ()
    """Patterns of which one matches wherever `pattern` does; for one that makes the search for all of them slow.

    Hyperscan has an engine of its own for a run of one class (`[a-z]{52}`) and for what follows some fixed characters.
    A word boundary or a class before such a run puts the whole of it into an automaton that is as slow as all others.
    """

    def accepts(self, place: Place) -> bool:
        """Say whether a value that matched is a secret."""
        return not is_filler(place.value)

    def kind_of(self, place: Place) -> str:  # noqa: ARG002 - for rules that cover several kinds
        """Name the kind of an accepted value."""
        return self.kind


class RuleSet:
    """Several rules as one detector."""

    def __init__(self, name: str, rules: Sequence[Rule]) -> None:
        self.name = name
        self._rules = [(rule, Pattern(rule.pattern)) for rule in rules]
        plain = [pattern.uncaptured for _, pattern in self._rules]
        searched = [
            (index, one)
            for index, (rule, pattern) in enumerate(zip(rules, plain, strict=True))
            for one in rule.prefilter or [brief(pattern)]
        ]
        self.patterns = tuple(pattern for _, pattern in searched)
        self._rule_of = [index for index, _ in searched]

    @cached_property
    def _together(self) -> Any:
        return compile_set([rule.pattern for rule, _ in self._rules])

    @cached_property
    def _sweep(self) -> Any:
        return compile_bytes("|".join(f"(?:{pattern.uncaptured})" for _, pattern in self._rules))

    def find(self, text: bytes) -> list[Span]:
        """Find the secrets of these rules in UTF-8 text; offsets are bytes."""
        return self._swept(text)

    def find_at(self, text: bytes, ends: Ends) -> list[Span]:
        """Find what `find` does, told where each of `patterns` may match: by its number and the end of the match."""
        by_rule: dict[int, list[int]] = {}
        for number, end in ends:
            by_rule.setdefault(self._rule_of[number], []).append(end)
        return self._sought([self._seeker(text, index, sorted(by_rule[index])) for index in sorted(by_rule)], text)

    def _seeker(self, text: bytes, index: int, ends: list[int]) -> "_Seeker":
        rule, pattern = self._rules[index]
        reach = reach_of(pattern.uncaptured)
        around = [(0, len(text))] if reach is None else reach.around(text, ends, are_last=not rule.prefilter)
        return _Seeker(rule, pattern, iter(around))

    def _swept(self, text: bytes) -> list[Span]:
        position, patience, repeats = 0, _patience(text), Repeats(text)
        spans: list[Span] = []
        while (match := self._sweep.search(text, position)) is not None:
            start, end = match.span()
            found = [(rule, pattern.match(text, start)) for rule, pattern in self._candidates(text, start, end)]
            span = _longest(text, start, found, trust=patience < 0)
            if span is not None:
                spans.append(span)
            patience -= end - start
            position = repeats.onward(start, span.end if span else start + 1, spans)
        return spans

    def _sought(self, seekers: "list[_Seeker]", text: bytes) -> list[Span]:
        """Do as `_swept` does, with each rule in its own stretches: small automata, of which few states are built."""
        position, patience, repeats = 0, _patience(text), Repeats(text)
        spans: list[Span] = []
        while seekers := [one for one in seekers if one.seeks(text, position)]:
            start = min(one.start for one in seekers)
            found = [(one.rule, one.pattern.match(text, start)) for one in seekers if one.start == start]
            span = _longest(text, start, found, trust=patience < 0)
            if span is not None:
                spans.append(span)
            patience -= found[0][1][2] - start if found[0][1] else 1
            position = repeats.onward(start, span.end if span else start + 1, spans)
        return spans

    def _candidates(self, text: bytes, start: int, end: int) -> Sequence[tuple[Rule, Pattern]]:
        """Give the rules that may match at a place: one question to all of them is cheaper than one to each.

        At the edges of the excerpt more may match than in the text, never less, as long as matches are short.
        """
        if end - start > _EXCERPT_BYTES // 2:
            return self._rules
        indices = self._together.Match(text[start : start + _EXCERPT_BYTES])
        return [self._rules[index] for index in sorted(indices)] if indices else self._rules


class _Seeker:
    """One rule on its way through the stretches in which it may match; `start`: where it matches next."""

    def __init__(self, rule: Rule, pattern: Pattern, stretches: Iterator[tuple[int, int]]) -> None:
        self.rule = rule
        self.pattern = pattern
        self.start = -1
        self._stretches = stretches
        self._low = self._high = 0

    def seeks(self, text: bytes, position: int) -> bool:
        """Go on to the first match that begins at `position` or behind it; False when there is none."""
        while self.start < position:
            start = self.pattern.search(text, max(position, self._low), self._high) if position < self._high else -1
            if start >= 0:
                self.start = start
            elif (stretch := next(self._stretches, None)) is None:
                return False
            else:
                self._low, self._high = stretch
        return True


def _longest(
    text: bytes, start: int, found: Sequence[tuple[Rule, tuple[int, int, int] | None]], *, trust: bool
) -> Span | None:
    """Ask each rule about its match at a place; the longest secret counts, of equal ones the first rule's."""
    best: Span | None = None
    for rule, match in found:
        if match is None:
            continue
        begin, end, _ = match
        value = text[begin:end]
        place = Place(text, start, begin, end)
        if value and (trust or rule.accepts(place)):
            span = Span(begin, end, rule.kind_of(place), value, rule.rank)
            best = span if best is None or len(value) > len(best.value) else best
    return best


def _patience(text: bytes) -> int:
    return _PATIENCE * len(text) + 100_000


def secret_of(match: Any) -> tuple[int, int]:
    """Give the place of the first group that took part, else of the whole match."""
    for group in range(1, match.re.groups + 1):
        start, end = match.span(group)
        if start >= 0:
            return start, end
    start, end = match.span()
    return start, end
