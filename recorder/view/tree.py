"""A session as a tree: the main thread, its subagents, the tools of each, with tokens, cost and time."""

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from typing import Any

import msgspec
from rich.console import RenderableType
from rich.text import Text
from rich.tree import Tree

from recorder.store.results import AgentRow, SessionRow, ToolSum
from recorder.view import figures
from recorder.view.states import short_model
from recorder.view.text import clean_line

_DOT = " · "


def tree(session: SessionRow, agents: Sequence[AgentRow], zone: tzinfo | None = None) -> RenderableType:
    """Lay a session out; an agent whose parent made no call that was recorded hangs below the session."""
    root = Tree(_session(session, zone), guide_style="dim")
    ids = figures.short_ids(agent.agent_id for agent in agents)
    for agent, children in nested(agents):
        _grow(root, agent, children, ids)
    return root


def tree_json(session: SessionRow, agents: Sequence[AgentRow]) -> dict[str, Any]:
    """Give the tree as JSON: `agents`, each with its `tools` and its own `agents`."""
    values = msgspec.structs.asdict(session) | {"models": list(session.models)}
    return values | {"tree": [_as_json(agent, children) for agent, children in nested(agents)]}


type Node = tuple[AgentRow, list[Node]]


def nested(agents: Sequence[AgentRow]) -> list[Node]:
    """Hang each agent below its parent, subagents that name none below the main thread."""
    nodes: dict[str | None, Node] = {agent.agent_id: (agent, []) for agent in agents}
    roots: list[Node] = []
    for agent in agents:
        parent = nodes.get(agent.parent_agent_id) if agent.agent_id is not None else None
        is_own = parent is None or _is_below(nodes, agent.parent_agent_id, agent.agent_id)
        (roots if parent is None or is_own else parent[1]).append(nodes[agent.agent_id])
    return roots


def _is_below(nodes: dict[str | None, Node], start: str | None, agent_id: str | None) -> bool:
    """Tell whether the way up from `start` comes by an agent: parents are the client's word, and may go in circles."""
    seen: set[str | None] = set()
    while start is not None and start not in seen:
        if start == agent_id:
            return True
        seen.add(start)
        start = nodes[start][0].parent_agent_id if start in nodes else None
    return False


def _as_json(agent: AgentRow, children: list[Node]) -> dict[str, Any]:
    values: dict[str, Any] = msgspec.to_builtins(agent)
    return values | {"agents": [_as_json(*child) for child in children]}


def _grow(root: Tree, agent: AgentRow, children: Iterable[Node], ids: dict[str, str]) -> None:
    node = root.add(_agent(agent, ids))
    for tool in agent.tools:
        node.add(_tool(tool))
    for child in children:
        _grow(node, *child, ids)


def _session(row: SessionRow, zone: tzinfo | None) -> Text:
    said = _DOT.join(filter(None, (row.project, row.user, figures.local_time(row.started_utc, zone))))
    return Text.assemble(
        (clean_line(f"session {row.id or '(none)'}"), "bold"),
        (clean_line(f"  {said}"), "dim"),
        "\n",
        _sums(row.interactions, row, row.findings),
    )


def _agent(row: AgentRow, ids: dict[str, str]) -> Text:
    name = "main thread" if row.agent_id is None else f"{row.agent_type or 'subagent'} {ids[row.agent_id]}"
    models = ", ".join(map(short_model, row.models))
    time = f"{figures.duration(row.busy_ms)} in calls of {figures.duration(row.span_ms)}"
    failed = Text(f"{_DOT}{row.failed} failed", style="red") if row.failed else Text()
    return Text.assemble(
        (clean_line(name), "bold cyan" if row.agent_id is None else "bold magenta"),
        (clean_line(f"  {models}{_DOT}{time}"), "dim"),
        "\n",
        _sums(row.interactions, row, row.findings),
        failed,
    )


def _sums(calls: int, row: SessionRow | AgentRow, findings: int) -> Text:
    written = row.cache_write_5m_tokens + row.cache_write_1h_tokens
    cost = figures.cost_sum(row.cost_usd, row.unknown_costs)
    tokens = [
        f"{figures.short_tokens(row.input_tokens)} in",
        f"{figures.short_tokens(row.cache_read_tokens)} cached",
        f"{figures.short_tokens(written)} written",
        f"{figures.short_tokens(row.output_tokens)} out",
    ]
    removed = f"{_DOT}{figures.times(findings, 'secret')} removed" if findings else ""
    return Text.assemble(
        _DOT.join([figures.times(calls, "call"), *tokens, ""]),
        (cost, "yellow" if row.unknown_costs else "green"),
        (removed, "magenta"),
    )


def _tool(tool: ToolSum) -> Text:
    took = f"{_DOT}{figures.duration(tool.duration_ms)}" if tool.duration_ms is not None else ""
    failed = (f"{_DOT}{tool.failed} failed", "red") if tool.failed else ("", "")
    return Text.assemble((clean_line(tool.name), "yellow"), (f" x{tool.calls}{took}", "dim"), failed)
