"""The agents of a session: the main thread and its subagents, each with its calls summed up and the tools it used."""

import json
from collections import defaultdict
from typing import Any

from sqlite_utils import Database

from recorder.store.database import reading
from recorder.store.results import AgentRow, ToolSum
from recorder.store.sums import MODEL_USED, SUMS, register_decimal_sum

_FIELDS = AgentRow.__struct_fields__

_AGENTS = f"""
SELECT
  i.agent_id,
  max(i.parent_agent_id) AS parent_agent_id,
  max(i.agent_type) AS agent_type,
  json_group_array(DISTINCT {MODEL_USED}) AS models,
  min(i.started_utc) AS started_utc,
  max(julianday(i.started_utc) + coalesce(i.duration_us, 0) / 86400e6) - julianday(min(i.started_utc)) AS days,
  sum(i.duration_us) / 1000.0 AS busy_ms,
  sum(i.state NOT IN ('open', 'complete')) AS failed,
  sum(i.findings) AS findings,
  {SUMS}
FROM interactions AS i WHERE i.session_id IS :session AND i.flow_class = 'model'
GROUP BY i.agent_id ORDER BY i.agent_id IS NOT NULL, min(i.started_utc), i.agent_id
"""  # noqa: S608 — made of our own names alone

_TOOLS = """
SELECT i.agent_id, t.name, count(*), coalesce(sum(t.is_error), 0), sum(t.duration_ms)
FROM interactions AS i JOIN tool_calls AS t ON t.interaction = i.seq
WHERE i.session_id IS :session GROUP BY 1, 2 ORDER BY 3 DESC, 2
"""

_MS_PER_DAY = 86_400_000


def session_agents(db: Database, session_id: str | None) -> list[AgentRow]:
    """Return the agents of a session: the main thread first, then subagents by their first call."""
    parameters = {"session": session_id}
    with reading():
        register_decimal_sum(db)
        tools = defaultdict(list)
        for agent, name, calls, failed, duration_ms in db.execute(_TOOLS, parameters):
            tools[agent].append(ToolSum(name, calls, failed, duration_ms))
        cursor = db.execute(_AGENTS, parameters)
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, values, strict=True)) for values in cursor]
    return [_row(row, tuple(tools[row["agent_id"]])) for row in rows]


def _row(row: dict[str, Any], tools: tuple[ToolSum, ...]) -> AgentRow:
    row["models"] = tuple(sorted(model for model in json.loads(row["models"]) if model is not None))
    row["span_ms"] = round(row["days"] * _MS_PER_DAY)
    return AgentRow(tools=tools, **{name: row[name] for name in _FIELDS if name != "tools"})
