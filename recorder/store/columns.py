"""From a record's body to the columns of `interactions`: derived tables follow from records, never beside them."""

from collections.abc import Mapping
from typing import Any

from recorder.model import ALLOWED

type Body = Mapping[str, Any]
type Columns = dict[str, str | int | None]

_IDENTITY = ("session_id", "agent_id", "parent_agent_id", "agent_type", "request_class", "client")
_OPENED = (
    "id",
    "run_id",
    "project",
    "team",
    "branch",
    "flow_class",
    "protocol",
    "provider",
    "host",
    "path",
    "model",
    "request_bytes",
)
_ROUTED = {
    "route": "rule",
    "upstream": "upstream",
    "sent_to": "url",
    "model_sent": "model",
    "protocol_sent": "protocol",
}
_LIMITED = {
    "reserved_usd": "usd",
    "reserved_input_tokens": "input_tokens",
    "reserved_output_tokens": "output_tokens",
}
_CLOSED = (
    "state",
    "provider",
    "status",
    "stop_reason",
    "error_type",
    "request_id",
    "message_id",
    "cost_usd",
    "ttft_us",
    "duration_us",
    "response_bytes",
)
_USAGE = (
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "thinking_tokens",
    "web_search_requests",
)


def opened_columns(seq: int, at_utc: str, body: Body) -> Columns:
    """Return the columns that an `opened` record sets, those that refer to parts, chains and other rows aside."""
    identity: Body = body.get("identity", {})
    routed: Body = body.get("routed", {})
    limited: Body = body.get("limited", {})
    streaming = body.get("streaming")
    return {
        "seq": seq,
        "started_utc": at_utc,
        "state": "open",
        **{name: body.get(name) for name in _OPENED},
        **{name: identity.get(name) for name in _IDENTITY},
        **{column: routed.get(name) for column, name in _ROUTED.items()},
        **{column: limited.get(name) for column, name in _LIMITED.items()},
        "limit_note": "; ".join(limited.get("notes", ())) or None,
        "user": body.get("user") or identity.get("user"),
        "streaming": None if streaming is None else int(streaming),
        "tool_calls": 0,
        "findings": _count(body),
        "anomalies": len(body.get("anomalies", ())),
    }


def closed_columns(seq: int, body: Body) -> Columns:
    """Return the columns that a `closed` record sets; `findings` and `anomalies` are to be added to those before."""
    cost: Body = body.get("cost", {})
    usage: Body | None = body.get("usage")
    return {
        "closed_seq": seq,
        **{name: body.get(name) for name in _CLOSED},
        **{name: None if usage is None else usage.get(name) for name in _USAGE},
        "state_reason": body.get("reason"),
        "model_answered": body.get("model"),
        "price_table": cost.get("table"),
        "cost_reason": cost.get("reason"),
        "tool_calls": len(body.get("tool_uses", ())),
        "findings": _count(body),
        "anomalies": len(body.get("anomalies", ())),
    }


def _count(body: Body) -> int:
    return sum(finding["count"] for finding in body.get("findings", ()) if finding["kind"] != ALLOWED)
