"""The forms in which providers and gateways say that something went wrong.

Anthropic `{"type": "error", "error": {"type", "message"}}`; AWS `{"message"}` or `{"Message"}`, its type in the header
`x-amzn-errortype` or in `__type`; Google `{"error": {"code", "message", "status"}}`, at times inside an array; LiteLLM
and OpenAI `{"error": {"message", "type", "code"}}`; FastAPI `{"detail"}`. Sources: WIRE.md section 2, botocore 1.44.5's
`parsers.py`, litellm 1.109.1; checked November 2026.
"""

from typing import Any

from recorder.model import Headers
from recorder.wire.journal import ErrorInfo

_MAX_MESSAGE_CHARACTERS = 8192
"""A gateway's HTML page is no message; its whole text is in the stored answer."""


def error_in(value: Any, default_type: str) -> ErrorInfo:
    """Return what an error body or event says; `default_type` stands in where it names no type."""
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, str):
        return ErrorInfo(default_type, value[:_MAX_MESSAGE_CHARACTERS])
    if not isinstance(value, dict):
        return ErrorInfo(default_type, "")
    for key in ("error", "detail"):
        if isinstance(value.get(key), dict | str | list):
            return error_in(value[key], default_type)
    kind = _first_text(value, "type", "status", "__type", "code") or default_type
    return ErrorInfo(_bare_type(kind), _first_text(value, "message", "Message", "msg")[:_MAX_MESSAGE_CHARACTERS])


def is_error(value: Any) -> bool:
    """Tell whether a JSON value is an error, by its form alone."""
    return isinstance(value, dict) and (
        value.get("type") == "error" or (bool(value.get("error")) and "type" not in value)
    )


def http_error(status: int, headers: Headers, value: Any) -> ErrorInfo:
    """Return the error of an answer with an error status; `value` is its parsed body, its text, or None."""
    sent = next((text for name, text in headers if name.lower() == "x-amzn-errortype"), "")
    return error_in(value, _bare_type(sent) or f"http_{status}")


def _first_text(value: dict[str, Any], *keys: str) -> str:
    return next((found for key in keys if isinstance(found := value.get(key), str) and found not in {"", "None"}), "")


def _bare_type(kind: str) -> str:
    """`com.amazonaws.bedrock#ThrottlingException:http://…` is a `ThrottlingException`."""
    return kind.partition(":")[0].rpartition("#")[2].strip()
