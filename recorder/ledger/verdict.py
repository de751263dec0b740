"""What verification can come to, and the collection of what it found."""

from collections import Counter
from enum import StrEnum

import msgspec

_MOST_SHOWN = 20
"""Findings of one verdict that are kept with their text; one edit can put a million records into disagreement."""


class Verdict(StrEnum):
    """How verification ended; the gravest first, which is the one that counts."""

    WRONG_KEY = "wrong key"
    """Signed by nobody whose public key was given."""
    FORKED = "forked"
    """Two histories were signed, or another record stands in this one's place."""
    MISSING = "missing"
    """Records were taken out; what refers to them looks modified as well."""
    MODIFIED = "modified"
    """Something is not what was recorded."""
    TRUNCATED = "truncated"
    """A checkpoint knows more records than there are."""
    UNSIGNED = "unsigned"
    """Records that no checkpoint covers, or that came in without one."""
    CONTENT_MISSING = "content missing without a record"
    """A part that a record commits to is gone."""
    GAP = "gap"
    """Nothing was touched, but something was not recorded, and the record says so."""
    ERASED = "content erased as recorded"
    """Nothing is wrong; content is gone, and the record says when, why and by whom."""
    OK = "ok"
    """All is there, unchanged, signed, and whole."""

    @property
    def exit_code(self) -> int:
        """What the command gives back; a number is never given another meaning."""
        return _EXIT_CODES[self]


_EXIT_CODES = {
    Verdict.OK: 0,
    Verdict.ERASED: 0,
    Verdict.GAP: 10,
    Verdict.CONTENT_MISSING: 11,
    Verdict.UNSIGNED: 12,
    Verdict.TRUNCATED: 13,
    Verdict.MODIFIED: 14,
    Verdict.MISSING: 15,
    Verdict.FORKED: 16,
    Verdict.WRONG_KEY: 17,
}


class Finding(msgspec.Struct, frozen=True):
    """One thing that is not as it should be."""

    verdict: Verdict
    text: str


class Findings:
    """Everything that was found, counted; the first of each verdict with their text."""

    def __init__(self) -> None:
        self.shown: list[Finding] = []
        self.counts: Counter[Verdict] = Counter()

    def add(self, verdict: Verdict, text: str) -> None:
        """Note one thing."""
        self.counts[verdict] += 1
        if self.counts[verdict] <= _MOST_SHOWN:
            self.shown.append(Finding(verdict, text))

    def take(self, others: "Findings") -> None:
        """Take in what was found elsewhere."""
        shown = Counter(finding.verdict for finding in self.shown)
        for finding in others.shown:
            shown[finding.verdict] += 1
            if shown[finding.verdict] <= _MOST_SHOWN:
                self.shown.append(finding)
        self.counts += others.counts

    @property
    def verdict(self) -> Verdict:
        """The gravest of all."""
        return next((verdict for verdict in Verdict if self.counts[verdict]), Verdict.OK)
