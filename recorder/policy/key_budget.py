"""The budget of one of the recorder's own keys, as the command line takes it: `50/month`, `2000000 tokens/day`."""

import re
from typing import Any

import msgspec

from recorder.policy.budget import Budget, parse_budgets
from recorder.policy.spending import UNITS
from recorder.policy.subject import Scope
from recorder.policy.tables import PolicyError

WARN = 0.8
"""The share of it from which on interactions are noted."""
_FORM = re.compile(r"([0-9][0-9_]*(?:\.[0-9]+)?) *([a-z_]+(?: tokens)?)? *(?:/ *([0-9]* *[a-z]+))?", re.ASCII)
_GIVE = f"give an amount, of USD or with {', '.join(UNITS[1:])}, and in which window: 50/month, 2000000 tokens/24 hours"


def parse_key_budget(text: str, key: str = "", user: str = "") -> Budget:
    """Return the budget of a key with this id and user; without a window it is for all that the key is ever used for.

    Raises ValueError with what to give.
    """
    match = _FORM.fullmatch(text.strip().lower())
    if match is None:
        raise ValueError(_GIVE)
    unit = (match[2] or "usd").replace(" ", "_")
    unit = unit if unit in UNITS else f"{unit}s"
    if unit not in UNITS:
        raise ValueError(_GIVE)
    amount: Any = match[1] if unit == "usd" or "." in match[1] else int(match[1])
    table = {"name": "-", unit: amount, "window": match[3] or "total", "warn": WARN}
    try:
        (budget,) = parse_budgets([table])
    except PolicyError as error:
        raise ValueError(error.reason) from None
    scope = Scope(when=(("key", (key,)),), each=budget.scope.each)
    return msgspec.structs.replace(budget, name=f"key {key} of {user}", scope=scope)
