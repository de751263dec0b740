"""Requests shaped like Claude Code's, small."""

import json
from typing import Any

MODEL = "claude-haiku-4-5-20251001"


def headers(session: str, **more: str) -> dict[str, str]:
    """Return the headers of a session's request."""
    return {"X-Claude-Code-Session-Id": session, "anthropic-version": "2023-06-01"} | more


def message(text: str, *, stream: bool = True, **fields: Any) -> dict[str, Any]:
    """Return a Messages request with one user message."""
    content = [{"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}]
    return {
        "model": MODEL,
        "max_tokens": 100,
        "stream": stream,
        "system": [{"type": "text", "text": "Be brief."}],
        "messages": [{"role": "user", "content": content}],
    } | fields


def dumps(value: Any) -> bytes:
    """Return JSON as JavaScript writes it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
