"""How budgets stand: a bar each, of what is spent, with what requests under way hold behind it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from recorder.policy.verdict import Standing
from recorder.policy.window import SECOND_US
from recorder.view import figures
from recorder.view.columns import Column, make_table, tab_lines

if TYPE_CHECKING:
    from rich.console import RenderableType

_BAR_LEAST, _BAR_MOST = 8, 30
_FIGURES_WIDTH = 96
"""What the columns beside the bar take on a wide terminal."""
_PIPED = ("name", "value", "unit", "limit", "spent", "reserved", "left", "under_way", "unknown", "window", "resets_utc")


def budget_table(standings: Sequence[Standing], width: int) -> "RenderableType":
    """Lay budgets out for a terminal of `width` columns."""
    bar_width = max(_BAR_LEAST, min(_BAR_MOST, width - _FIGURES_WIDTH))
    has_values = any(standing.value for standing in standings)
    has_unknown = any(standing.unknown for standing in standings)
    columns = [
        Column[Standing](title="Budget", cell=lambda one: one.budget.name, flexible=True),
        *([Column[Standing](title="Of", cell=_value, flexible=True)] if has_values else []),
        Column[Standing](title="Spent", cell=lambda one: one.budget.said(one.spent), style=_style, right=True),
        Column[Standing](title="Reserved", cell=_reserved, right=True, drop=2),
        Column[Standing](title="Left", cell=lambda one: one.budget.said(one.left), right=True),
        Column[Standing](title="Limit", cell=lambda one: one.budget.said(one.budget.limit), right=True),
        *([_UNKNOWN] if has_unknown else []),
        Column[Standing](title="", cell=lambda one: f"{one.share:.0%}", style=_style, right=True),
        Column[Standing](title="", cell=lambda one: _bar(one, bar_width), style=_style, drop=1),
        Column[Standing](title="Again", cell=_again, drop=3),
    ]
    return make_table(columns, standings, width)


_UNKNOWN = Column[Standing](
    title="Unknown",
    cell=lambda one: str(one.unknown or figures.NOTHING),
    style=lambda one: "yellow" if one.unknown else "",
    right=True,
)
"""Shown where there are interactions whose cost is not known."""


def budget_figures(standing: Standing) -> dict[str, Any]:
    """Give what a page shows of a budget: texts, and the lengths of its bar of 100."""
    spent = min(float(standing.share), 1.0) * 100
    held = min(float(standing.reserved / standing.budget.limit) * 100, 100 - spent)
    state = {"bold red": "bad", "yellow": "mark", "green": "good"}[_style(standing)]
    return {
        "of": _value(standing),
        "spent": standing.budget.said(standing.spent),
        "reserved": _reserved(standing),
        "left": standing.budget.said(standing.left),
        "limit": standing.budget.said(standing.budget.limit),
        "share": f"{standing.share:.0%}",
        "again": _again(standing),
        "state": state,
        "bar": (round(spent, 2), round(held, 2)),
    }


def budget_lines(standings: Iterable[Standing]) -> Iterable[str]:
    """Give budgets as tab-separated lines, exact."""
    rows = (budget_json(standing) for standing in standings)
    return tab_lines(_PIPED, ([_piped(row[name]) for name in _PIPED] for row in rows))


def budget_json(standing: Standing) -> dict[str, Any]:
    """Give a budget's members; amounts are exact decimals in text, `value` is what of `each` it is of."""
    budget = standing.budget
    return {
        "name": budget.name,
        "value": dict(zip(budget.scope.each, standing.value, strict=True)),
        "unit": budget.unit,
        "limit": format(budget.limit, "f"),
        "spent": format(standing.spent, "f"),
        "reserved": format(standing.reserved, "f"),
        "left": format(standing.left, "f"),
        "share": format(standing.share.quantize(Decimal("0.0001")), "f"),
        "under_way": standing.under_way,
        "unknown": standing.unknown,
        "blocks": budget.block,
        "window": budget.window.kind if budget.window.kind != "rolling" else f"{budget.window.hours} hours",
        "resets_utc": _resets_utc(standing),
    }


def _piped(value: Any) -> Any:
    return ", ".join(f"{name} {text}" for name, text in value.items()) if isinstance(value, dict) else value


def _value(standing: Standing) -> str:
    return ", ".join(standing.value) or figures.NOTHING


def _reserved(standing: Standing) -> str:
    return standing.budget.said(standing.reserved) if standing.under_way else figures.NOTHING


def _bar(standing: Standing, width: int) -> str:
    spent = figures.bar(float(standing.share), width)
    held = round(float(standing.reserved / standing.budget.limit) * width)
    return spent + "░" * max(0, min(held, width - len(spent)))


def _style(standing: Standing) -> str:
    if standing.share >= 1:
        return "bold red"
    return "yellow" if any(standing.share >= share for share in standing.budget.warn) else "green"


def _again(standing: Standing) -> str:
    if standing.resets_us is None:
        return "with a new session" if standing.budget.window.kind == "session" else figures.NOTHING
    zone = ZoneInfo(standing.budget.window.zone)
    return datetime.fromtimestamp(standing.resets_us // SECOND_US, zone).strftime("%a %d %b %H:%M %Z")


def _resets_utc(standing: Standing) -> str | None:
    if standing.resets_us is None:
        return None
    return datetime.fromtimestamp(standing.resets_us // SECOND_US, ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ")
