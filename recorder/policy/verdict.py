"""What a budget makes of one more request, and how it is said."""

from datetime import datetime
from decimal import Decimal
from enum import Enum, auto
from zoneinfo import ZoneInfo

import msgspec

from recorder.policy.budget import Budget
from recorder.policy.subject import NOBODY, Value
from recorder.policy.window import SECOND_US


class Answer(Enum):
    """Whether a request may go."""

    FITS = auto()
    WAIT = auto()
    """It may fit when it is known what others, which are under way, have used."""
    EXHAUSTED = auto()


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How one budget, of one value of its scope, stands."""

    budget: Budget
    value: Value
    spent: Decimal
    reserved: Decimal = Decimal(0)
    """What requests under way can use at most."""
    under_way: int = 0
    unknown: int = 0
    """Closed interactions whose amount is not known, and so not in `spent`."""
    resets_us: int | None = None
    """When it begins again, or, of a rolling one, has room again; None: never."""

    @property
    def share(self) -> Decimal:
        """What is spent of the limit, 1 for all."""
        return self.spent / self.budget.limit

    @property
    def names_no_session(self) -> bool:
        """Whether it is the one that requests share which name no session."""
        return ("session", NOBODY) in zip(self.budget.scope.each, self.value, strict=True)

    @property
    def left(self) -> Decimal:
        """What is neither spent nor reserved; never below 0."""
        return max(Decimal(0), self.budget.limit - self.spent - self.reserved)


def judge(standing: Standing, most: Decimal, expected: Decimal) -> Answer:
    """Say whether a request that uses `expected`, and `most` at most, may go.

    Beside others that are under way it goes only if all fit, whatever they turn out to use; alone, if it fits as
    expected. So what is spent exceeds the limit by no more than one request was expected wrongly.
    """
    budget = standing.budget
    if not budget.block:
        return Answer.FITS
    if standing.spent >= budget.limit or standing.spent + expected > budget.limit:
        return Answer.EXHAUSTED
    if standing.spent + standing.reserved + max(most, expected) <= budget.limit:
        return Answer.FITS
    return Answer.WAIT if standing.under_way else Answer.FITS


def warning(standing: Standing) -> str | None:
    """Return what the record notes when a threshold has been reached; None when none has."""
    budget = standing.budget
    reached = [share for share in (*budget.warn, Decimal(1)) if standing.share >= share]
    if not reached:
        return None
    what = "used up" if standing.share >= 1 else "spent"
    return f"budget {budget.name}: {standing.share:.0%} of {budget.said(budget.limit)} {what} {budget.window}"


def shared(standing: Standing) -> str | None:
    """Return what the record notes about a request that names no session, where each has a budget of its own."""
    if not standing.names_no_session:
        return None
    return f"budget {standing.budget.name}: it names no session, and shares one with all that name none"


def refusal(standing: Standing, expected: Decimal) -> str:
    """Return what a client's user is told about a budget that is used up."""
    budget = standing.budget
    said = f"{budget.said(standing.spent)} of {budget.said(budget.limit)} spent {budget.window}"
    if standing.spent >= budget.limit:
        text = f"Budget {_name(standing)} is used up: {said}"
    elif standing.under_way:
        text = f"Budget {_name(standing)} has no room beside {standing.under_way} requests under way: {said}"
    else:
        text = f"Budget {_name(standing)} has not enough left: {said}, and this request needs about "
        text += budget.said(expected)
    return f"{text}. {resets(standing)}"


def resets(standing: Standing) -> str:
    """Say when a budget begins again."""
    window = standing.budget.window
    if standing.resets_us is None and standing.names_no_session:
        return "Requests that name no session share it, and it does not begin again."
    if standing.resets_us is None:
        return "A new session has a budget of its own." if window.kind == "session" else "It does not begin again."
    moment = datetime.fromtimestamp(standing.resets_us // SECOND_US, ZoneInfo(window.zone)).strftime(
        "%Y-%m-%d %H:%M %Z"
    )
    return f"It has room again at {moment}." if window.kind == "rolling" else f"It starts again at {moment}."


def _name(standing: Standing) -> str:
    each = zip(standing.budget.scope.each, standing.value, strict=True)
    whose = ", ".join(f"{name} {value}" for name, value in each)
    return f"'{standing.budget.name}' ({whose})" if whose else f"'{standing.budget.name}'"
