"""All limits of a configuration: `[[budget]]` and `[[rate]]`."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import msgspec

from recorder.policy.budget import Budget, parse_budgets
from recorder.policy.rate import Rate, parse_rates

TABLES = ("budget", "rate")
"""The tables of a configuration file that make limits."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What was configured; without anything, no request is touched."""

    budgets: tuple[Budget, ...] = ()
    rates: tuple[Rate, ...] = ()
    digest: str = ""
    """SHA-256 of what was configured, hex."""

    @property
    def is_active(self) -> bool:
        """Whether it may touch a request at all."""
        return bool(self.budgets or self.rates)


def parse_limits(tables: Mapping[str, Any]) -> Limits:
    """Make limits of the tables of a configuration file (those of `TABLES`). Raises PolicyError."""
    canonical = json.dumps({name: tables.get(name) for name in TABLES}, default=str)
    return Limits(
        budgets=parse_budgets(tables.get("budget", [])),
        rates=parse_rates(tables.get("rate", [])),
        digest=hashlib.sha256(canonical.encode()).hexdigest(),
    )


def with_budgets(limits: Limits, budgets: tuple[Budget, ...]) -> Limits:
    """Return limits with budgets that stand elsewhere than in the configuration file."""
    if not budgets:
        return limits
    digest = hashlib.sha256(limits.digest.encode() + msgspec.json.encode(budgets)).hexdigest()
    return msgspec.structs.replace(limits, budgets=(*limits.budgets, *budgets), digest=digest)


def limit_changes(old: Limits, new: Limits) -> list[str]:
    """Name what is different between two configurations."""
    return [
        f"{kind} {name}"
        for kind, before, after in (
            ("budget", {one.name: one for one in old.budgets}, {one.name: one for one in new.budgets}),
            ("rate", {one.name: one for one in old.rates}, {one.name: one for one in new.rates}),
        )
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    ]
