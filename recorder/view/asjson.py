"""Rows as JSON-ready dicts: the machine's side of every read command. Times are UTC, money is decimal text."""

from collections.abc import Callable
from typing import Any

import msgspec

from recorder.store import queries
from recorder.store.database import Database
from recorder.store.results import Details, Followed, InteractionRow, SessionRow, UsageRow, Whole
from recorder.view.blocks import decode
from recorder.view.conversation import anomalies, secrets_removed, values_allowed
from recorder.view.usage import is_cost_known

_FIRST = (
    "id",
    "session_id",
    "agent_id",
    "parent_agent_id",
    "protocol",
    "provider",
    "model",
    "state",
    "status",
    "stop_reason",
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "cost_usd",
    "started_utc",
    "ttft_ms",
    "duration_ms",
    "request_bytes",
    "response_bytes",
    "project",
    "tool_calls",
)
"""The members that every release keeps, in this order; further ones follow."""


COLUMNS = tuple(dict.fromkeys((*_FIRST, *InteractionRow.__struct_fields__)))
"""The members of an interaction, in their order."""


def interaction(row: InteractionRow) -> dict[str, Any]:
    """Give an interaction's members; what is not known is None."""
    return {name: getattr(row, name) for name in COLUMNS}


def session(row: SessionRow) -> dict[str, Any]:
    """Give a session's members."""
    return msgspec.structs.asdict(row) | {"models": list(row.models)}


def usage(row: UsageRow) -> dict[str, Any]:
    """Give a sum's members; `cost_usd` is None when no cost in it is known."""
    known = is_cost_known(row)
    return msgspec.structs.asdict(row) | {"cost_usd": row.cost_usd if known else None}


def followed(event: Followed) -> dict[str, Any]:
    """Give one event of `tail`: the record's number and kind, and the interaction as it stands."""
    return {"seq": event.seq, "event": event.kind.value, **interaction(event.row), **_outbound(event)}


def _outbound(event: Followed) -> dict[str, Any]:
    return {"outbound": msgspec.to_builtins(event.outbound)} if event.outbound else {}


def conversation(db: Database, id_prefix: str) -> dict[str, Any]:
    """Give an interaction with all its content, decoded. Raises StoreError when no id begins so."""
    return whole(queries.whole(db, id_prefix), decode)


def whole(found: Whole, read: Callable[[bytes], Any]) -> dict[str, Any]:
    """Give an interaction with all its content; `read` makes what is to stand there of a body: JSON, or text."""
    row, details = found.row, found.details
    closed = details.closed or {}
    return {
        "seq": found.seq,
        "interaction": interaction(row),
        "request": {"body": read(found.request) if found.request else None, "new": found.new},
        "answer": None if found.answer is None else read(found.answer),
        "tool_calls": [msgspec.structs.asdict(call) for call in found.calls],
        "usage": closed.get("usage"),
        "cost": closed.get("cost"),
        "error": {"type": row.error_type, "message": details.error_message} if row.error_type else None,
        "secrets_removed": secrets_removed(details),
        "outbound": details.opened.get("outbound", []),
        "values_allowed": values_allowed(details),
        "anomalies": anomalies(details),
        "passed_over": details.opened.get("routed", {}).get("passed", []),
        "left_out": details.opened.get("routed", {}).get("dropped", []),
        "upstream": _upstream(details) if row.protocol_sent else None,
        "request_headers": [list(header) for header in details.request_headers],
        "response_headers": [list(header) for header in details.response_headers],
        "missing": found.missing,
        "erased_by": found.erased_by,
    }


def _upstream(details: Details) -> dict[str, Any]:
    """Give what the provider exchanged in its own protocol, bodies aside: `recorder body --upstream` has them."""
    return {
        "protocol": details.opened.get("routed", {}).get("protocol"),
        **{f"request_{name}": value for name, value in details.opened.get("sent", {}).items()},
        **(details.closed or {}).get("provided", {}),
        "request_headers": [list(header) for header in details.sent_headers],
        "response_headers": [list(header) for header in details.provided_headers],
    }
