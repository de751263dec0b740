"""Answers of the synthetic provider to what is no model call."""

import json
from typing import Any

from recorder.demo.requests import Form, SeenRequest

MODELS = ("claude-opus-4-6", "claude-sonnet-4-6", "claude-haiku-4-5-20251001")


def support_answer(request: SeenRequest) -> tuple[int, bytes]:
    """Give status and JSON body for count_tokens, models, inference profiles; 404 for all else, 200 for HEAD."""
    if request.method == "HEAD":
        return 200, b""
    body = _BODIES.get(request.form)
    if body is None:
        missing = {"type": "not_found_error", "message": f"no such endpoint: {request.method} {request.target}"}
        return 404, json.dumps({"type": "error", "error": missing}).encode()
    return 200, json.dumps(body if request.form is not Form.COUNT else _count(request)).encode()


def _count(request: SeenRequest) -> dict[str, int]:
    size = len(request.body) // 4
    return {"inputTokens": size} if "/model/" in request.target else {"input_tokens": size}


_BODIES: dict[Form, dict[str, Any]] = {
    Form.COUNT: {},
    Form.MODELS: {
        "data": [
            {"type": "model", "id": name, "display_name": name, "created_at": "2026-01-01T00:00:00Z"} for name in MODELS
        ],
        "has_more": False,
        "first_id": MODELS[0],
        "last_id": MODELS[-1],
    },
    Form.PROFILES: {
        "inferenceProfileSummaries": [
            {"inferenceProfileId": f"us.anthropic.{name}-v1:0", "status": "ACTIVE", "type": "SYSTEM_DEFINED"}
            for name in MODELS
        ]
    },
}
