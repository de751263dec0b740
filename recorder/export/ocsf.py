"""OCSF 1.8.0, class API Activity (6003) with the profile `ai_operation` (ocsf-schema at commit 3dcb905).

A line is an event. What OCSF has no attribute for is in `unmapped`. What was said has no place in an event of a log for
security; a line names the interaction, so that it can be looked up.
"""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from recorder import __version__
from recorder.export.spans import cache_written, input_tokens
from recorder.model import FlowClass, State
from recorder.store.results import Whole

VERSION = "1.8.0"
_CLASS, _CATEGORY = 6003, 6
_CREATE, _READ = 1, 2
_INFORMATIONAL, _LOW = 1, 2
_ASSISTANT = 2
_STATUS = {State.COMPLETE: (1, "Success"), State.OPEN: (0, "Unknown")}
_FAILURE = (2, "Failure")


class Ocsf:
    """Writes events as lines."""

    def begin(self) -> bytes:
        """Give nothing: each line stands by itself."""
        return b""

    def add(self, whole: Whole) -> bytes:
        """Give an interaction as an event."""
        return msgspec.json.encode(_known(_event(whole))) + b"\n"

    def end(self) -> bytes:
        """Give nothing."""
        return b""


def _event(whole: Whole) -> dict[str, Any]:
    row = whole.row
    is_model = row.flow_class == FlowClass.MODEL
    activity, name = (_CREATE, "Create") if is_model else (_READ, "Read")
    status, caption = _STATUS.get(State(row.state), _FAILURE)
    start = round(datetime.fromisoformat(row.started_utc).timestamp() * 1000)
    took = None if row.duration_ms is None else round(row.duration_ms)
    return {
        "activity_id": activity,
        "activity_name": name,
        "category_uid": _CATEGORY,
        "category_name": "Application Activity",
        "class_uid": _CLASS,
        "class_name": "API Activity",
        "type_uid": _CLASS * 100 + activity,
        "type_name": f"API Activity: {name}",
        "severity_id": _LOW if status == 2 else _INFORMATIONAL,
        "severity": "Low" if status == 2 else "Informational",
        "time": start,
        "start_time": start,
        "end_time": None if took is None else start + took,
        "duration": took,
        "timezone_offset": 0,
        "status_id": status,
        "status": caption,
        "status_code": None if row.status is None else str(row.status),
        "status_detail": row.state_reason or row.error_type or (row.state if status == 2 else None),
        "message": f"{row.model or 'a request'} at {row.host}: {row.state}",
        "metadata": _metadata(whole),
        "actor": _actor(whole),
        "api": _api(whole),
        "src_endpoint": {"name": row.client or "unknown client"},
        "dst_endpoint": _endpoint(row.host) | {"svc_name": row.upstream or row.provider},
        "http_request": _http_request(whole),
        "http_response": _http_response(whole),
        **(_ai(whole) if is_model else {}),
        "unmapped": _unmapped(whole),
    }


def _metadata(whole: Whole) -> dict[str, Any]:
    row = whole.row
    product = {"name": "llm-audit-recorder", "vendor_name": "llm-audit-recorder", "version": __version__}
    return {
        "version": VERSION,
        "product": product,
        "profiles": ["ai_operation"] if row.flow_class == FlowClass.MODEL else [],
        "uid": row.id,
        "sequence": whole.seq,
        "correlation_uid": row.session_id,
        "log_name": "interactions",
        "log_provider": "llm-audit-recorder",
        "original_time": row.started_utc,
    }


def _actor(whole: Whole) -> dict[str, Any]:
    row = whole.row
    return {
        "user": {"name": row.user, "groups": [{"name": row.team}] if row.team else None} if row.user else None,
        "session": {"uid": row.session_id} if row.session_id else None,
        "app_name": row.client or "unknown client",
        "invoked_by": row.agent_type,
    }


def _api(whole: Whole) -> dict[str, Any]:
    row = whole.row
    failed = {"error": row.error_type, "error_message": whole.details.error_message} if row.error_type else {}
    return {
        "operation": f"{whole.details.opened.get('method', 'POST')} {urlsplit(row.path).path}",
        "request": {"uid": row.request_id or row.id},
        "response": {"code": row.status, "message": row.stop_reason, **failed},
        "service": {"name": row.provider},
    }


def _http_request(whole: Whole) -> dict[str, Any]:
    row, opened = whole.row, whole.details.opened
    scheme = opened.get("scheme", "https")
    parts = urlsplit(f"{scheme}://{row.host}{row.path}")
    return {
        "uid": row.id,
        "http_method": opened.get("method", "POST"),
        "body_length": row.request_bytes,
        "user_agent": row.client,
        "url": {
            "url_string": parts.geturl(),
            "scheme": scheme,
            "hostname": _endpoint(row.host)["hostname"],
            "port": _endpoint(row.host).get("port"),
            "path": parts.path,
            "query_string": parts.query or None,
        },
    }


def _http_response(whole: Whole) -> dict[str, Any] | None:
    row = whole.row
    if row.status is None:
        return None
    return {
        "code": row.status,
        "body_length": row.response_bytes,
        "latency": None if row.ttft_ms is None else round(row.ttft_ms),
    }


def _ai(whole: Whole) -> dict[str, Any]:
    row = whole.row
    read, written = input_tokens(row), row.output_tokens
    return {
        "ai_model": {"ai_provider": row.provider, "name": row.model_answered or row.model or "unknown"},
        "message_context": {
            "uid": row.session_id or row.id,
            "application": {"name": row.client or "unknown client"},
            "service": {"name": row.upstream or row.provider},
            "ai_role_id": _ASSISTANT,
            "ai_role": "Assistant",
            "prompt_tokens": read,
            "completion_tokens": written,
            "total_tokens": None if read is None or written is None else read + written,
        },
    }


def _unmapped(whole: Whole) -> dict[str, Any]:
    row = whole.row
    return {
        "project": row.project,
        "team": row.team,
        "branch": row.branch,
        "agent_id": row.agent_id,
        "parent_agent_id": row.parent_agent_id,
        "state": row.state,
        "cost_usd": row.cost_usd,
        "cache_read_tokens": row.cache_read_tokens,
        "cache_write_tokens": cache_written(row),
        "tools": [call.name for call in whole.calls],
        "secrets_removed": row.findings,
        "route": row.route,
        "sent_to": row.sent_to,
        "retry_of": row.retry_of,
        "missing": whole.missing,
    }


def _endpoint(host: str) -> dict[str, Any]:
    name, _, port = host.rpartition(":")
    return {"hostname": name.strip("[]"), "port": int(port)} if port.isdigit() and name else {"hostname": host}


def _known(value: Any) -> Any:
    """Leave out what is not known."""
    if isinstance(value, dict):
        return {name: _known(member) for name, member in value.items() if member is not None and member not in ([], {})}
    return value
