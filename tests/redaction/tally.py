"""Counts of what was found and what was not, and how they are written down."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from recorder.redact import Redactor
from tests.redaction.case import Case
from tests.redaction.negatives import Negative


@dataclass
class Tally:
    """How many of each label there were and how many of them leaked."""

    all: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)

    def add(self, case: Case, stored: str) -> None:
        labels = (f"group {case.group}", f"kind {case.kind}", f"way {case.way}", f"{case.kind}/{case.group}")
        self.all.update(labels)
        self.altered += [f"{case.kind}/{case.way}: {text}" for text in case.keep if text not in stored]
        if case.leaks(stored):
            self.missed.update(labels)
            self.examples.append(
                f"{case.kind}, {case.way}{': ' + case.header if case.header else ''}: {case.snippet!r}"
            )

    def recall(self, label: str) -> float:
        """Percent found."""
        return 100.0 * (1 - self.missed[label] / self.all[label]) if self.all[label] else 100.0

    def labels(self, prefix: str) -> list[str]:
        return [label.removeprefix(prefix) for label in self.all if label.startswith(prefix)]


def judge(redactor: Redactor, cases: Iterable[Case]) -> Tally:
    """Ask the redactor about every case."""
    tally = Tally()
    for case in cases:
        tally.add(case, case.stored(redactor))
    return tally


def altered(redactor: Redactor, negatives: Iterable[Negative]) -> list[Negative]:
    """Return what should have stayed and did not."""
    return [negative for negative in negatives if redactor.json(negative.given).value != negative.given]
