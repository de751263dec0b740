"""What becomes of one request, by all limits that hold for it, and what it holds when it may go."""

from decimal import Decimal

import msgspec

from recorder.limits.books import Books
from recorder.limits.counter import budget_counter, rate_counter
from recorder.limits.request import Request
from recorder.policy.bucket import Bucket, refilled, retry_after, taken, wait_seconds
from recorder.policy.budget import Budget
from recorder.policy.estimate import Estimate
from recorder.policy.rate import Rate
from recorder.policy.spending import Amounts
from recorder.policy.subject import Value
from recorder.policy.verdict import Answer, judge, refusal, shared, warning
from recorder.store.reservations import RATE, STREAMS, Reservation, Reservations

STREAM_RETRY_SECONDS = 5
"""What a client is told to wait for a stream to end: when one will, nobody knows."""


class Admitted(msgspec.Struct, frozen=True, kw_only=True):
    """The request may go."""

    expected: Amounts
    delay_seconds: float = 0.0
    """After so long: it holds its place already."""
    delayed_by: str = ""
    notes: tuple[str, ...] = ()


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """The request may not go."""

    reason: str
    retry_seconds: int | None = None
    """When to try again; None: not soon."""


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """The request holds nothing, and may ask again when another one has ended."""

    reason: str
    patience_seconds: float
    refused: Refused
    """What becomes of it when it has waited for so long."""


type Verdict = Admitted | Refused | Waiting


class Decision:
    """One decision; `verdict`, then what it holds."""

    def __init__(self, books: Books, store: Reservations, key: bytes, request: Request, now_us: int) -> None:
        self._books = books
        self._store = store
        self._key = key
        self._request = request
        self._at_us = request.asking.at_us
        self._now_us = now_us
        self._estimate: Estimate = books.estimate(request.asking)
        self._delays: list[tuple[float, str]] = []
        self._notes: list[str] = []
        self._held: dict[tuple[bytes, str], Reservation] = {}
        self.buckets: dict[bytes, Bucket] = {}

    @property
    def reservations(self) -> tuple[Reservation, ...]:
        """What the request holds when it is admitted."""
        return tuple(self._held.values())

    def verdict(self, waited_seconds: float) -> Verdict:
        """Decide; a refusal goes before a wait, whichever limit says so."""
        limits, subject = self._books.limits, self._request.subject
        found = [
            self._budget(budget, value)
            for budget in limits.budgets
            if (value := budget.scope.value(subject)) is not None
        ]
        found += [
            self._rate(rate, value, waited_seconds)
            for rate in limits.rates
            if (value := rate.scope.value(subject)) is not None
        ]
        for kind in (Refused, Waiting):
            if (first := next((one for one in found if isinstance(one, kind)), None)) is not None:
                return first
        delay, delayed_by = max(self._delays, default=(0.0, ""))
        return Admitted(
            expected=self._estimate.expected, delay_seconds=delay, delayed_by=delayed_by, notes=tuple(self._notes)
        )

    def _budget(self, budget: Budget, value: Value) -> Refused | Waiting | None:
        most, expected = budget.amount(self._estimate.most), budget.amount(self._estimate.expected)
        if most is None or expected is None:
            if budget.unpriced == "block" and budget.block:
                return Refused(reason=_unpriced(budget, self._request.asking.priced_as))
            self._notes.append(f"budget {budget.name}: its model has no known price, and is not counted")
            most = expected = Decimal(0)
        standing = self._books.standing(budget, value, self._at_us, expected)
        self._notes += filter(None, (warning(standing), shared(standing)))
        answer = judge(standing, most, expected)
        if answer is Answer.FITS:
            counter = budget_counter(self._key, budget, value, self._at_us)
            self._hold(counter, budget.unit, most, expected)
            return None
        refused = Refused(reason=refusal(standing, expected))
        if answer is Answer.EXHAUSTED:
            return refused
        return Waiting(reason=f"budget {budget.name}", patience_seconds=budget.wait_seconds, refused=refused)

    def _rate(self, rate: Rate, value: Value, waited_seconds: float) -> Refused | Waiting | None:
        for unit, per_minute in rate.per_minute:
            counter = rate_counter(self._key, rate, unit, value)
            amount = rate.amount(unit, self._estimate.expected)
            bucket = refilled(self._store.bucket(counter), per_minute, self._now_us)
            seconds = wait_seconds(bucket, amount, per_minute)
            if waited_seconds + seconds > rate.wait_seconds and seconds:
                return _too_fast(rate, rate.said(unit), retry_after(seconds))
            self._delays.append((seconds, rate.name))
            self.buckets[counter] = taken(bucket, amount)
            self._hold(counter, f"{RATE}{unit}", Decimal(amount), Decimal(amount))
        if rate.streams is None:
            return None
        counter = rate_counter(self._key, rate, STREAMS, value)
        if self._store.held(counter, 0).under_way >= rate.streams:
            refused = _too_fast(rate, f"{rate.streams:,} at once", STREAM_RETRY_SECONDS)
            return Waiting(reason=f"rate {rate.name}", patience_seconds=rate.wait_seconds, refused=refused)
        self._hold(counter, STREAMS, Decimal(1), Decimal(1))
        return None

    def _hold(self, counter: bytes, unit: str, most: Decimal, expected: Decimal) -> None:
        # Budgets that count the same have one counter: it is held once.
        if (other := self._held.get((counter, unit))) is not None:
            most, expected = max(most, other.most), max(expected, other.expected)
        self._held[counter, unit] = Reservation(counter=counter, unit=unit, most=most, expected=expected)


def _too_fast(rate: Rate, limit: str, seconds: int) -> Refused:
    reason = f"Rate '{rate.name}' allows {limit}; try again in {seconds} s."
    return Refused(reason=reason, retry_seconds=seconds)


def _unpriced(budget: Budget, model: str | None) -> str:
    return (
        f"Budget '{budget.name}' cannot count model {model or '(none named)'}, whose price is not known. Name what it "
        "stands for in [model_names] of recorder.toml, or set `unpriced` of the budget."
    )
