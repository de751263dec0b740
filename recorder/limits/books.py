"""What was spent of each budget, and what past answers tell: in memory, brought up to date by record numbers.

A budget, or a value of its scope, that was not met before is summed up from all interactions of its window once; from
then on only interactions that were closed since are added. So the sums are what the record says, at any moment.
"""

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from recorder.limits.counter import budget_counter
from recorder.model import Provider
from recorder.policy.budget import Budget
from recorder.policy.estimate import Asking, Estimate, Learned
from recorder.policy.limits import Limits
from recorder.policy.spending import Spent
from recorder.policy.subject import Value
from recorder.policy.tally import EXACT, Tally
from recorder.policy.verdict import Standing
from recorder.store.reservations import Reservations

LEARNED_RECORDS = 4000
"""How many of the last records are looked at, at the start, for what answers are like."""
_MOST_TALLIES = 10_000
_MOST_SIZES = 4096


class Books:
    """The sums of one recorder over one database; for use by one thread."""

    def __init__(self, store: Reservations, key: bytes, names: Mapping[str, str]) -> None:
        """`key` names counters; `names` are the user's model names, for prices."""
        self._store = store
        self._key = key
        self._names = names
        self._limits = Limits()
        self._tallies: dict[tuple[str, Value], Tally] = {}
        self._learned = Learned()
        self._sizes: dict[str, int] = {}
        self._providers: dict[str, Provider] = {}
        self._upto = max(0, store.last_seq() - LEARNED_RECORDS)
        self.refresh()

    @property
    def limits(self) -> Limits:
        """Those in force."""
        return self._limits

    def configure(self, limits: Limits) -> None:
        """Put limits in force."""
        self._limits = limits
        self._tallies.clear()

    def refresh(self) -> None:
        """Count what was closed since the last time."""
        last = self._store.last_seq()
        if last == self._upto:
            return
        for interaction, spent in self._store.spent_after(self._upto, last):
            self._learn(interaction, spent)
            for budget in self._limits.budgets:
                value = budget.scope.value(spent.subject)
                if value is not None and (tally := self._tallies.get((budget.name, value))):
                    tally.add(spent)
        self._upto = last

    def provider(self, host: str, guess: Provider) -> Provider:
        """Return who answers at a host, by what it answered before."""
        return self._providers.get(host, guess)

    def estimate(self, asking: Asking) -> Estimate:
        """Return what a request will use."""
        return self._learned.estimate(asking, self._names)

    def remember(self, interaction: str, asking: Asking) -> None:
        """Keep the size of a request that was let through, as tokens go, until its answer says what it amounted to."""
        if len(self._sizes) < _MOST_SIZES:
            self._sizes[interaction] = asking.bytes

    def standing(self, budget: Budget, value: Value, at_us: int, expected: Decimal = Decimal(0)) -> Standing:
        """Return how a budget stands in the window of a time; `expected`: what room is asked for."""
        tally = self._tally(budget, value, at_us)
        start_us = budget.window.start_us(at_us)
        held = self._store.held(budget_counter(self._key, budget, value, at_us), start_us)
        return Standing(
            budget=budget,
            value=value,
            spent=EXACT.add(tally.spent(at_us), held.ended),
            reserved=held.most,
            under_way=held.under_way,
            unknown=tally.unknown(at_us),
            resets_us=tally.resets_us(at_us, max(Decimal(0), budget.limit - expected)),
        )

    def standings(self, now_us: int) -> list[Standing]:
        """Return how all budgets stand, those with `each` for every value that their window has seen."""
        return [
            self.standing(budget, value, now_us)
            for budget in self._limits.budgets
            for value in self._seen(budget, now_us)
        ]

    def _seen(self, budget: Budget, now_us: int) -> list[Value]:
        if not budget.scope.each:
            return [()]
        found = {value for name, value in self._tallies if name == budget.name}
        since_us = budget.window.start_us(now_us)
        for _, spent in self._store.spent_since(since_us, self._upto, {}):
            if (value := budget.scope.value(spent.subject)) is not None:
                found.add(value)
        return sorted(found)

    def _learn(self, interaction: str, spent: Spent) -> None:
        size = self._sizes.pop(interaction, None)
        self._learned.learn(spent if size is None else msgspec.structs.replace(spent, request_bytes=size))
        if spent.subject.provider and spent.prompt_tokens is not None:
            self._providers[spent.host] = Provider(spent.subject.provider)

    def _tally(self, budget: Budget, value: Value, at_us: int) -> Tally:
        since_us = budget.window.start_us(at_us)
        found = self._tallies.get((budget.name, value))
        # A request that came before a window's end may be decided about behind one that came after it.
        if found is not None and found.since_us <= since_us:
            return found
        if len(self._tallies) >= _MOST_TALLIES:
            self._tallies.clear()
        tally = self._tallies[budget.name, value] = Tally(budget, since_us)
        for _, spent in self._store.spent_since(since_us, self._upto, budget.scope.given(value)):
            if budget.scope.value(spent.subject) == value:
                tally.add(spent)
        return tally
