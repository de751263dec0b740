"""What an interaction counts in a budget: by what was used, and where that is not known, by what was expected.

| how it ended | counts |
|---|---|
| complete | its usage and cost |
| refused before it was sent; the provider not reached | nothing |
| an error without usage | one request |
| broken off, lost, withheld | its usage as far as known, and at least what was expected of it |
| with a cost that is not known | what was expected; without that, `unpriced` |
"""

from decimal import Decimal

import msgspec

from recorder.model import State
from recorder.policy.subject import Subject

UNITS = ("usd", "tokens", "input_tokens", "output_tokens", "requests")
"""What budgets are in. Input tokens are all of the prompt's, cached ones among them."""

_UNSENT = frozenset({"outbound_secret", "connect_failed"})
_BROKEN = frozenset({State.ABORTED, State.LOST, State.BLOCKED})


class Amounts(msgspec.Struct, frozen=True, kw_only=True):
    """So much of each unit; `usd` None: not known."""

    usd: Decimal | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    requests: int = 1

    @property
    def tokens(self) -> int:
        """All tokens."""
        return self.input_tokens + self.output_tokens

    def of(self, unit: str) -> Decimal | None:
        """Return the amount in a unit."""
        return self.usd if unit == "usd" else Decimal(getattr(self, unit))


NOTHING = Amounts(usd=Decimal(0), requests=0)
UNSENT = Amounts(usd=Decimal(0))
"""What a request is let in with that will not be sent: its client left while it waited."""


class Spent(msgspec.Struct, frozen=True, kw_only=True):
    """A closed interaction, as far as budgets are concerned."""

    at_us: int
    """When its request arrived: the window that it counts in."""
    subject: Subject
    state: str
    reason: str | None = None
    usd: Decimal | None = None
    prompt_tokens: int | None = None
    """All of the prompt's, cached ones among them; None: the provider did not say."""
    output_tokens: int | None = None
    expected: Amounts | None = None
    """What it was let through with; None: no budget was asked."""
    host: str = ""
    request_bytes: int = 0


def counted(spent: Spent) -> Amounts:
    """Return what an interaction counts."""
    if spent.reason in _UNSENT or (spent.state == State.BLOCKED and spent.expected is None):
        return NOTHING
    if spent.state in _BROKEN and spent.expected == UNSENT:
        return NOTHING
    if spent.state in _BROKEN:
        return _at_least(spent, spent.expected or Amounts(usd=None))
    if spent.state == State.FAILED and spent.usd is None and not spent.prompt_tokens:
        return Amounts(usd=Decimal(0))
    expected = spent.expected or Amounts()
    return Amounts(
        usd=expected.usd if spent.usd is None else spent.usd,
        input_tokens=expected.input_tokens if spent.prompt_tokens is None else spent.prompt_tokens,
        output_tokens=expected.output_tokens if spent.output_tokens is None else spent.output_tokens,
    )


def _at_least(spent: Spent, expected: Amounts) -> Amounts:
    known = [usd for usd in (spent.usd, expected.usd) if usd is not None]
    return Amounts(
        usd=max(known) if known else None,
        input_tokens=max(spent.prompt_tokens or 0, expected.input_tokens),
        output_tokens=max(spent.output_tokens or 0, expected.output_tokens),
    )
