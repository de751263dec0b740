"""Interactions as OpenTelemetry spans, by the GenAI semantic conventions 1.41.1.

Of the core conventions, that is the last release that holds them; they are in development, so the version is pinned and
named in every file. A session is a trace; an interaction is a span in it, its tool calls are that span's children. Ids
are derived from the record's, so whoever is sent an interaction twice can see that it is the same.

`gen_ai.usage.input_tokens` is all that the model read: unlike Anthropic's own figure it includes tokens from and to the
cache, which are in it once.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from recorder.export.spoken import conversation_attributes, settings
from recorder.model import Provider, State
from recorder.store.results import InteractionRow, ToolCallRow, Whole

SCHEMA_URL = "https://opentelemetry.io/schemas/1.41.1"

_INTERNAL, _CLIENT = 1, 3
_ERROR = 2
_PROVIDERS = {
    Provider.ANTHROPIC: "anthropic",
    Provider.BEDROCK: "aws.bedrock",
    Provider.MANTLE: "aws.bedrock",
    Provider.VERTEX: "gcp.vertex_ai",
}
"""Names of the conventions; where there is none, a provider is called what the recorder calls it."""

type Attributes = dict[str, Any]
type Span = dict[str, Any]


def spans_of(whole: Whole, *, content: bool) -> list[Span]:
    """Return the spans of an interaction in OTLP's JSON form, its own first; `content`: with what was said."""
    row = whole.row
    trace, own = trace_id(row), span_id(row.id)
    start = _nanoseconds(row.started_utc)
    end = start + round((row.duration_ms or 0) * 1_000_000)
    span = {
        "traceId": trace,
        "spanId": own,
        "name": f"chat {row.model or row.model_answered}" if row.model or row.model_answered else "chat",
        "kind": _CLIENT,
        "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(end),
        "attributes": attributes(_of_call(whole) | (conversation_attributes(whole) if content else {})),
        "status": _status(whole),
    }
    return [span, *(_tool(call, trace, own, end, row) for call in whole.calls)]


def attributes(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return attributes in OTLP's JSON form; what is None is left out."""
    return [{"key": key, "value": _value(value)} for key, value in values.items() if value is not None]


def trace_id(row: InteractionRow) -> str:
    """Return the trace of a session; an interaction that names none has one of its own."""
    return _digest(f"session {row.session_id}" if row.session_id else f"interaction {row.id}", 16)


def span_id(name: str) -> str:
    """Return the id of an interaction's span."""
    return _digest(f"span {name}", 8)


def input_tokens(row: InteractionRow) -> int | None:
    """Return all tokens that the model read; None when not known."""
    if row.input_tokens is None:
        return None
    return row.input_tokens + (row.cache_read_tokens or 0) + (cache_written(row) or 0)


def cache_written(row: InteractionRow) -> int | None:
    """Return the tokens written to the cache, for whichever time; None when not known."""
    written = [n for n in (row.cache_write_5m_tokens, row.cache_write_1h_tokens) if n is not None]
    return sum(written) if written else None


def _of_call(whole: Whole) -> Attributes:
    row = whole.row
    host, _, port = row.host.rpartition(":") if row.host.rpartition(":")[2].isdigit() else (row.host, "", "")
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": _PROVIDERS.get(Provider(row.provider), row.provider),
        "gen_ai.conversation.id": row.session_id,
        "gen_ai.agent.id": row.agent_id,
        "gen_ai.agent.name": row.agent_type,
        "gen_ai.request.model": row.model,
        **settings(whole),
        "gen_ai.response.model": row.model_answered,
        "gen_ai.response.id": row.message_id,
        "gen_ai.response.finish_reasons": [row.stop_reason] if row.stop_reason else None,
        "gen_ai.usage.input_tokens": input_tokens(row),
        "gen_ai.usage.output_tokens": row.output_tokens,
        "gen_ai.usage.cache_read.input_tokens": row.cache_read_tokens,
        "gen_ai.usage.cache_creation.input_tokens": cache_written(row),
        "gen_ai.usage.reasoning.output_tokens": row.thinking_tokens,
        "server.address": host.strip("[]"),
        "server.port": int(port) if port else None,
        "http.response.status_code": row.status,
        "error.type": _error(whole),
        "session.id": row.session_id,
        "user.id": row.user,
        "recorder.seq": whole.seq,
        "recorder.interaction.id": row.id,
        "recorder.state": row.state,
        "recorder.project": row.project,
        "recorder.team": row.team,
        "recorder.retry_of": row.retry_of,
        "recorder.parent_agent.id": row.parent_agent_id,
        "recorder.cost_usd": row.cost_usd,
        "recorder.secrets_removed": row.findings,
    }


def _tool(call: ToolCallRow, trace: str, parent: str, start: int, row: InteractionRow) -> Span:
    """Make the span of a tool call: from the end of the answer to the request that brought the result."""
    failed = call.is_error is True
    return {
        "traceId": trace,
        "spanId": span_id(f"{row.id} {call.index}"),
        "parentSpanId": parent,
        "name": f"execute_tool {call.name}",
        "kind": _INTERNAL,
        "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(start + (call.duration_ms or 0) * 1_000_000),
        "attributes": attributes(
            {
                "gen_ai.operation.name": "execute_tool",
                "gen_ai.tool.name": call.name,
                "gen_ai.tool.call.id": call.tool_use_id,
                "gen_ai.conversation.id": row.session_id,
                "session.id": row.session_id,
                "error.type": "tool_error" if failed else None,
                "recorder.result.interaction.id": call.result_id,
            }
        ),
        "status": {"code": _ERROR} if failed else {},
    }


def _error(whole: Whole) -> str | None:
    row = whole.row
    if row.state in {State.COMPLETE, State.OPEN}:
        return None
    return row.error_type or (str(row.status) if row.status and row.status >= 400 else row.state)


def _status(whole: Whole) -> dict[str, Any]:
    error = _error(whole)
    return {"code": _ERROR, "message": whole.row.state_reason or error} if error else {}


def _nanoseconds(utc: str) -> int:
    moment = datetime.fromisoformat(utc)
    return int(moment.timestamp()) * 1_000_000_000 + moment.microsecond * 1000


def _digest(text: str, size: int) -> str:
    return hashlib.sha256(text.encode()).digest()[:size].hex()


def _value(value: Any) -> dict[str, Any]:
    match value:
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case list() | tuple():
            return {"arrayValue": {"values": [_value(one) for one in value]}}
        case _:
            return {"stringValue": str(value)}
