"""What was spent of one budget by one value of its scope: exact sums, kept as long as its window can need them."""

from collections.abc import Iterator
from decimal import Context, Decimal

from recorder.policy.budget import Budget
from recorder.policy.spending import Spent, counted

EXACT = Context(prec=200)
"""Enough digits that no sum of amounts is ever rounded."""


class Tally:
    """A sum by step of time. A calendar's window is one step; a rolling one many; a session is one for ever."""

    def __init__(self, budget: Budget, since_us: int = 0) -> None:
        """`since_us`: what came before is not in it."""
        self.since_us = since_us
        self._budget = budget
        self._window = budget.window
        self._sums: dict[int, Decimal] = {}
        self._unknown: dict[int, int] = {}

    def add(self, spent: Spent) -> None:
        """Count a closed interaction."""
        step = self._step(spent.at_us)
        amounts = counted(spent)
        amount = self._budget.amount(amounts)
        if amount is None:
            self._unknown[step] = self._unknown.get(step, 0) + 1
        elif amount:
            self._sums[step] = EXACT.add(self._sums.get(step, Decimal(0)), amount)

    def spent(self, now_us: int) -> Decimal:
        """Return what counts now."""
        total = Decimal(0)
        for step in self._current(self._sums, now_us):
            total = EXACT.add(total, self._sums[step])
        return total

    def unknown(self, now_us: int) -> int:
        """Return how many interactions count now whose amount is not known."""
        return sum(self._unknown[step] for step in self._current(self._unknown, now_us))

    def resets_us(self, now_us: int, room: Decimal) -> int | None:
        """Return when not more than `room` will be spent, if nothing is added; None: never."""
        if self._window.kind != "rolling":
            return self._window.end_us(now_us)
        left = self.spent(now_us)
        for step in sorted(self._current(self._sums, now_us)):
            left = EXACT.subtract(left, self._sums[step])
            if left <= room:
                return step + self._window.step_us + self._window.length_us
        return None

    def _step(self, at_us: int) -> int:
        if self._window.kind == "rolling":
            return at_us // self._window.step_us * self._window.step_us
        return self._window.start_us(at_us)

    def _current(self, steps: dict[int, Decimal] | dict[int, int], now_us: int) -> Iterator[int]:
        start_us = self._window.start_us(now_us)
        return (step for step in list(steps) if step >= start_us)
