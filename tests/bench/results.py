"""The form of a run's figures, as JSON."""

import msgspec

from tests.bench.durable import Durable
from tests.bench.growth import Growth
from tests.bench.rounds import Samples
from tests.bench.starts import Fresh
from tests.bench.work import Work


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
