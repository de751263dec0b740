"""Attributes that Langfuse's OTLP endpoint reads (`packages/shared/src/server/otel/attributes.ts`, seen 2026-11-26).

Langfuse adds the kinds of `usage_details` up, so each token is under one of them: unlike `gen_ai.usage.input_tokens`,
`input` is without cache tokens. Its names for those are the ones that it prices Claude models by.
"""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from recorder.export.spoken import input_messages, output_messages, settings
from recorder.model import State
from recorder.store.results import Whole

_LEVELS = {State.COMPLETE: "DEFAULT", State.OPEN: "DEFAULT", State.ABORTED: "WARNING"}


def langfuse_attributes(whole: Whole, *, content: bool) -> dict[str, Any]:
    """Return what makes an interaction a generation."""
    row = whole.row
    return {
        "langfuse.observation.type": "generation",
        "langfuse.session.id": row.session_id,
        "langfuse.user.id": row.user,
        "langfuse.trace.name": row.project or "session",
        "langfuse.trace.tags": [tag for tag in (row.project, row.team) if tag] or None,
        "langfuse.observation.model.name": row.model_answered or row.model,
        "langfuse.observation.model.parameters": _json(
            {name.removeprefix("gen_ai.request."): value for name, value in settings(whole).items()}
        ),
        "langfuse.observation.usage_details": _json(_usage(whole)),
        "langfuse.observation.cost_details": None if row.cost_usd is None else _json({"total": float(row.cost_usd)}),
        "langfuse.observation.completion_start_time": _first_byte(whole),
        "langfuse.observation.level": _LEVELS.get(State(row.state), "ERROR"),
        "langfuse.observation.status_message": row.state_reason or row.error_type,
        "langfuse.observation.metadata.agent_id": row.agent_id,
        "langfuse.observation.metadata.agent_type": row.agent_type,
        "langfuse.observation.metadata.recorder_id": row.id,
        "langfuse.observation.input": _json(input_messages(whole)) if content else None,
        "langfuse.observation.output": _json(output_messages(whole)) if content else None,
    }


def langfuse_tool(whole: Whole) -> dict[str, Any]:
    """Return what makes a tool call a tool's observation."""
    return {
        "langfuse.observation.type": "tool",
        "langfuse.session.id": whole.row.session_id,
        "langfuse.user.id": whole.row.user,
    }


def _usage(whole: Whole) -> dict[str, int]:
    row = whole.row
    found = {
        "input": row.input_tokens,
        "output": row.output_tokens,
        "input_cached_tokens": row.cache_read_tokens,
        "input_cache_creation_5m": row.cache_write_5m_tokens,
        "input_cache_creation_1h": row.cache_write_1h_tokens,
    }
    return {name: count for name, count in found.items() if count}


def _first_byte(whole: Whole) -> str | None:
    row = whole.row
    if row.ttft_ms is None:
        return None
    moment = datetime.fromisoformat(row.started_utc) + timedelta(milliseconds=row.ttft_ms)
    return f'"{moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")}"'


def _json(value: Any) -> str | None:
    return msgspec.json.encode(value).decode() if value else None
