"""What the user says is no secret: `[redact] allow` of the configuration.

Each use is told: a finding of the kind `allowed` stands for a value that was found and left where it was. A value that
is known to be a credential goes all the same when a pattern allows it; only its exact spelling keeps it.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from recorder.redact.spans import Rank, Span
from recorder.redact.user_rules import UserRule, UserRules, compile_user

_AROUND = b" \t\"'`.,;:!?()[]{}<>"


class Allow(msgspec.Struct, frozen=True):
    """One of the two: a value as it is, or an RE2 pattern that matches the whole of a value."""

    exact: str | None = None
    pattern: str | None = None


def check_rules(rules: Iterable[UserRule], allow: Iterable[Allow]) -> None:
    """Raise ValueError, with the name of what is wrong, when a rule or an entry cannot be used."""
    UserRules(rules)
    Allowance(allow)


class Allowance:
    """Sorts found spans into those that go and those that stay. Raises ValueError when an entry cannot be used."""

    def __init__(self, entries: Iterable[Allow]) -> None:
        self._exact: set[bytes] = set()
        self._patterns: list[Any] = []
        for entry in entries:
            self._add(entry)

    def split(self, spans: Sequence[Span]) -> tuple[list[Span], list[Span]]:
        """Give what must go, and what is allowed to stay: one span for each place."""
        if not self._exact and not self._patterns:
            return list(spans), []
        allowed = [span for span in spans if self._allows(span)]
        exact = {span.value.strip(_AROUND) for span in allowed} & self._exact
        going = [
            span
            for span in spans
            if not self._allows(span) and not any(_is_part(span, one, exact=exact) for one in allowed)
        ]
        staying = {(span.start, span.end): span for span in allowed if not any(_overlap(span, one) for one in going)}
        return going, list(staying.values())

    def _add(self, entry: Allow) -> None:
        if (entry.exact is None) == (entry.pattern is None):
            raise ValueError("redact allow: an entry has either an exact value or a pattern, not both or none")
        if entry.exact is not None:
            if not entry.exact:
                raise ValueError("redact allow: an exact value is empty; leave the entry out")
            self._exact.add(entry.exact.encode("utf-8", "surrogateescape"))
        elif entry.pattern is not None:
            self._patterns.append(compile_user("redact allow", entry.pattern))

    def _allows(self, span: Span) -> bool:
        if span.mark:  # replaced for its size, not for being a secret
            return False
        if span.value in self._exact or span.value.strip(_AROUND) in self._exact:
            return True
        return span.rank != Rank.KNOWN and any(pattern.fullmatch(span.value) for pattern in self._patterns)


def _is_part(span: Span, allowed: Span, *, exact: set[bytes]) -> bool:
    """Say whether a span is a piece of an allowed one, of the value as well as of the place."""
    inside = allowed.start <= span.start and span.end <= allowed.end and span.value in allowed.value
    return inside and (span.rank != Rank.KNOWN or allowed.value.strip(_AROUND) in exact)


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end
