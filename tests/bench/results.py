"""The form of a run's figures, as JSON."""

import msgspec

from tests.bench.contestants import DIRECT
from tests.bench.durable import Durable
from tests.bench.figures import Ratio, paired
from tests.bench.growth import Growth
from tests.bench.rounds import Samples
from tests.bench.starts import Fresh
from tests.bench.work import Work

ADDED = "first_ms"
"""Figures of this name are compared less the direct way's."""


class Results(msgspec.Struct, frozen=True):
    """Everything that one run has measured."""

    machine: dict[str, str]
    contestants: list[str]
    rounds: int
    """How many are done."""
    samples: Samples = {}
    fresh: dict[str, Fresh] = {}
    growth: dict[str, Growth] = {}
    durable: Durable | None = None
    work: list[Work] = []
    notes: list[str] = []
    """What was left out, and why."""

    def compared(self, scenario: str, figure: str, name: str, base: str) -> Ratio | None:
        """Compare two contestants round by round; None for what cannot be compared."""
        by_name = self.samples.get(scenario, {}).get(figure, {})
        values, bases, direct = (by_name.get(each, []) for each in (name, base, DIRECT.name))
        if not any(values) or not any(bases):
            return None
        return paired(values, bases, direct if figure.startswith(ADDED) and direct else None)
