"""Decides about requests, with what the database says at that moment; for use by one thread.

A decision and the reservation that follows from it are one transaction in which nobody else writes, so that of fifty
requests that come at once, to however many recorders, each sees what those before it hold.
"""

from collections.abc import Callable, Mapping

from recorder.limits.books import Books
from recorder.limits.decision import Admitted, Decision, Verdict, Waiting
from recorder.limits.request import Incoming, Request, read_request
from recorder.model import Provider
from recorder.policy.estimate import Asking
from recorder.policy.limits import Limits
from recorder.policy.verdict import Standing
from recorder.store.reservations import Reservations

_KEPT_US = 400 * 86_400 * 1_000_000
"""Longer than any window reaches back."""


class Keeper:
    """The limits of one recorder on one database."""

    def __init__(
        self,
        store: Reservations,
        *,
        key: bytes,
        run_id: str,
        names: Mapping[str, str],
        is_alive: Callable[[str], bool],
    ) -> None:
        """`key` names counters; `names` are the user's model names, for prices; `is_alive` knows other runs."""
        self._store = store
        self._key = key
        self._run_id = run_id
        self._is_alive = is_alive
        self._books = Books(store, key, names)

    def configure(self, limits: Limits) -> None:
        """Put limits in force."""
        self._books.configure(limits)

    def read(self, incoming: Incoming) -> Request:
        """Read a request that came in."""
        return read_request(incoming, self._books.provider(incoming.host, incoming.provider))

    def admit(self, request: Request, now_us: int, waited_seconds: float = 0.0) -> Verdict:
        """Decide; what is admitted holds its reservations from now on. Raises StoreError."""
        # What takes long is done before others have to wait for it: sums that were not needed before.
        self._books.refresh()
        for budget in self._books.limits.budgets:
            if (value := budget.scope.value(request.subject)) is not None:
                self._books.standing(budget, value, request.asking.at_us)
        verdict = self._decide(request, now_us, waited_seconds)
        if isinstance(verdict, Waiting) and self._bury():
            verdict = self._decide(request, now_us, waited_seconds)
        return verdict

    def release(self, interaction: str) -> None:
        """Give back what a request holds that was not sent. Raises StoreError."""
        with self._store.at_once():
            self._store.release(interaction)

    def end(self, interaction: str) -> None:
        """See to a request that has ended: without a record, what was expected of it stays spent. Raises StoreError."""
        if self._store.holds(interaction):
            with self._store.at_once():
                self._store.end(interaction)

    def standings(self, now_us: int) -> list[Standing]:
        """Return how all budgets stand, for each value that is known to this keeper or on the record."""
        self._books.refresh()
        return self._books.standings(now_us)

    def tidy(self, now_us: int) -> None:
        """Let go of what no window reaches back to. Raises StoreError."""
        with self._store.at_once():
            self._store.forget_before(now_us - _KEPT_US)

    def warm_up(self, now_us: int) -> None:
        """Load what the first estimate would wait for: the price table takes a second."""
        self._books.estimate(
            Asking(
                at_us=now_us,
                session=None,
                agent_id=None,
                model=None,
                priced_as="-",
                provider=Provider.ANTHROPIC,
                bytes=0,
            )
        )

    def close(self) -> None:
        """Close the database."""
        self._store.close()

    def _decide(self, request: Request, now_us: int, waited_seconds: float) -> Verdict:
        with self._store.at_once():
            self._books.refresh()
            decision = Decision(self._books, self._store, self._key, request, now_us)
            verdict = decision.verdict(waited_seconds)
            if isinstance(verdict, Admitted):
                self._store.reserve(request.id, self._run_id, request.asking.at_us, decision.reservations)
                for counter, bucket in decision.buckets.items():
                    self._store.put(counter, bucket)
                self._books.remember(request.id, request.asking)
        return verdict

    def _bury(self) -> bool:
        """End what runs hold that are gone; return whether there were any."""
        gone = [run for run in self._store.runs() if run != self._run_id and not self._is_alive(run)]
        if gone:
            with self._store.at_once():
                for run in gone:
                    self._store.give_up(run)
        return bool(gone)
