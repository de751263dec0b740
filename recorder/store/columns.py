"""From a record's body to the columns of `interactions`: derived tables follow from records, never beside them."""

from collections.abc import Mapping
from typing import Any

from recorder.model import ALLOWED

type Body = Mapping[str, Any]
type Columns = dict[str, str | int | None]
type Values = tuple[Any, ...]

_IDENTITY = ("session_id", "agent_id", "parent_agent_id", "agent_type", "request_class", "client")
_OPENED = (
    "id",
    "run_id",
    "project",
    "team",
    "branch",
    "access_key",
    "flow_class",
    "protocol",
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


SHARED_COLUMNS = ("state", "provider", "tool_calls", "findings", "anomalies")
"""Both halves set these: the closed record in the place of the opened one, but adds to the last two."""
OPENED_COLUMNS = (
    "seq",
    "started_utc",
    *_OPENED,
    *_IDENTITY,
    *_ROUTED,
    *_LIMITED,
    "limit_note",
    "user",
    "streaming",
    *SHARED_COLUMNS,
)
"""Those that refer to parts, chains and other rows aside."""
CLOSED_COLUMNS = (
    "closed_seq",
    *_CLOSED,
    *_USAGE,
    "state_reason",
    "model_answered",
    "price_table",
    "cost_reason",
    *SHARED_COLUMNS,
)
"""Likewise."""
_ROUTED_MEMBERS = tuple(_ROUTED.values())
_LIMITED_MEMBERS = tuple(_LIMITED.values())
_NONE: Body = {}


def opened_values(seq: int, at_utc: str, body: Body) -> Values:
    """Return what an `opened` record sets, in the order of `OPENED_COLUMNS`."""
    get = body.get
    identity: Body = get("identity", _NONE)
    limited: Body = get("limited", _NONE)
    streaming = get("streaming")
    return (
        seq,
        at_utc,
        *map(get, _OPENED),
        *map(identity.get, _IDENTITY),
        *map(get("routed", _NONE).get, _ROUTED_MEMBERS),
        *map(limited.get, _LIMITED_MEMBERS),
        "; ".join(limited.get("notes", ())) or None,
        get("user") or identity.get("user"),
        None if streaming is None else int(streaming),
        "open",
        get("provider"),
        0,
        _count(body),
        len(get("anomalies", ())),
    )


def closed_values(seq: int, body: Body) -> Values:
    """Return what a `closed` record sets, in the order of `CLOSED_COLUMNS`; see `SHARED_COLUMNS`."""
    get = body.get
    cost: Body = get("cost", _NONE)
    return (
        seq,
        *map(get, _CLOSED),
        *map((get("usage") or _NONE).get, _USAGE),
        get("reason"),
        get("model"),
        cost.get("table"),
        cost.get("reason"),
        get("state"),
        get("provider"),
        len(get("tool_uses", ())),
        _count(body),
        len(get("anomalies", ())),
    )


def opened_columns(seq: int, at_utc: str, body: Body) -> Columns:
    """Return the columns that an `opened` record sets, those that refer to parts, chains and other rows aside."""
    return dict(zip(OPENED_COLUMNS, opened_values(seq, at_utc, body), strict=True))


def closed_columns(seq: int, body: Body) -> Columns:
    """Return the columns that a `closed` record sets; `findings` and `anomalies` are to be added to those before."""
    return dict(zip(CLOSED_COLUMNS, closed_values(seq, body), strict=True))


def _count(body: Body) -> int:
    findings = body.get("findings")
    return sum(finding["count"] for finding in findings if finding["kind"] != ALLOWED) if findings else 0
