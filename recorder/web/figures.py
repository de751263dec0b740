"""Charts as Plotly takes them: traces and axes, without a colour; the page's script gives them those of its theme."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from recorder.store.results import InteractionRow
from recorder.view.states import cache_writes, model_name, short_model

_MOST_KEYS = 12
"""Keys with a colour of their own; the rest is one."""

type Figure = dict[str, Any]


def usage(trend: Mapping[str | None, Mapping[str, Decimal]], by: str) -> Figure:
    """Draw what was spent by day, a colour for each key."""
    spent = {key: sum(days.values(), Decimal(0)) for key, days in trend.items()}
    ordered = sorted(spent, key=lambda key: (-spent[key], key or ""))
    kept, rest = ordered[:_MOST_KEYS], ordered[_MOST_KEYS:]
    series = {key or "(none)": trend[key] for key in kept}
    if by == "day":
        series = {"spent": {day: value for days in trend.values() for day, value in days.items()}}
    elif rest:
        others: dict[str, Decimal] = {}
        for key in rest:
            for day, value in trend[key].items():
                others[day] = others.get(day, Decimal(0)) + value
        series[f"{len(rest)} others"] = others
    return {
        "data": [
            {"type": "bar", "name": name, "x": sorted(days), "y": [float(days[day]) for day in sorted(days)]}
            for name, days in series.items()
        ],
        "layout": {
            "barmode": "stack",
            # Else days stand in the order in which the first series has them.
            "xaxis": {"type": "category", "categoryorder": "category ascending"},
            "showlegend": by != "day",
        },
    }


def context(calls: Sequence[InteractionRow]) -> Figure:
    """Draw what each call read: from the cache, written to it, anew; of the main thread, where contexts grow."""
    rows = [row for row in calls if row.agent_id is None and row.input_tokens is not None]
    parts = {
        "read from cache": [row.cache_read_tokens or 0 for row in rows],
        "written to cache": [cache_writes(row) or 0 for row in rows],
        "not cached": [row.input_tokens or 0 for row in rows],
    }
    labels = [f"{at + 1}" for at in range(len(rows))]
    links = [row.id for row in rows]
    return {
        "data": [
            {"type": "bar", "name": name, "x": labels, "y": values, "customdata": links}
            for name, values in parts.items()
        ],
        "layout": {"barmode": "stack", "xaxis": {"type": "category", "title": {"text": "call of the main thread"}}},
    }


def timeline(calls: Sequence[InteractionRow]) -> Figure:
    """Draw when each call ran: a row for each agent, a bar from its beginning to its end."""
    agents: dict[str, list[InteractionRow]] = {}
    for row in calls:
        name = "main" if row.agent_id is None else f"{row.agent_type or 'subagent'} {row.agent_id[:6]}"
        agents.setdefault(name, []).append(row)
    return {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "name": name,
                "y": [name] * len(rows),
                "base": [row.started_utc for row in rows],
                "x": [max(row.duration_ms or 0, 1) for row in rows],
                "text": [f"{short_model(model_name(row))} {row.state}" for row in rows],
                "textposition": "none",
                "customdata": [row.id for row in rows],
            }
            for name, rows in agents.items()
        ],
        "layout": {
            "barmode": "overlay",
            "xaxis": {"type": "date"},
            "yaxis": {"autorange": "reversed"},
            "showlegend": False,
        },
    }
