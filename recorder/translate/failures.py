"""What went wrong at one provider, said as another would: status, type and words that the client's recovery knows.

Anthropic's types and statuses: API documentation, "Errors". Bedrock's: botocore 1.44.5's service model of
bedrock-runtime. Google's: `google.rpc.Code`. What Claude Code looks for (2.1.197, read November 2026): 529 for an
overload, 401 and 403 for credentials, `prompt is too long` in the text to compact the conversation, which Bedrock
words otherwise. Vertex hands Anthropic's own errors through, so an error from there may have either form.
"""

import msgspec

from recorder.model import Family, Headers
from recorder.wire.failure import http_error
from recorder.wire.journal import ErrorInfo
from recorder.wire.jsontext import parse_json, render_json

_STATUSES = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
"""Anthropic's types, each with its status."""

_FROM_BEDROCK = {
    "AccessDeniedException": "permission_error",
    "ConflictException": "invalid_request_error",
    "ExpiredTokenException": "authentication_error",
    "InternalServerException": "api_error",
    "InvalidSignatureException": "authentication_error",
    "ModelErrorException": "api_error",
    "ModelNotReadyException": "overloaded_error",
    "ModelStreamErrorException": "api_error",
    "ModelTimeoutException": "timeout_error",
    "ResourceNotFoundException": "not_found_error",
    "ServiceQuotaExceededException": "invalid_request_error",
    "ServiceUnavailableException": "overloaded_error",
    "ThrottlingException": "rate_limit_error",
    "UnrecognizedClientException": "authentication_error",
    "ValidationException": "invalid_request_error",
}
_FROM_GOOGLE = {
    "CANCELLED": "api_error",
    "DEADLINE_EXCEEDED": "timeout_error",
    "FAILED_PRECONDITION": "invalid_request_error",
    "INTERNAL": "api_error",
    "INVALID_ARGUMENT": "invalid_request_error",
    "NOT_FOUND": "not_found_error",
    "OUT_OF_RANGE": "invalid_request_error",
    "PERMISSION_DENIED": "permission_error",
    "RESOURCE_EXHAUSTED": "rate_limit_error",
    "UNAUTHENTICATED": "authentication_error",
    "UNAVAILABLE": "overloaded_error",
}
_TO_BEDROCK = {
    "authentication_error": ("UnrecognizedClientException", 403),
    "billing_error": ("AccessDeniedException", 403),
    "invalid_request_error": ("ValidationException", 400),
    "not_found_error": ("ResourceNotFoundException", 404),
    "overloaded_error": ("ServiceUnavailableException", 503),
    "permission_error": ("AccessDeniedException", 403),
    "rate_limit_error": ("ThrottlingException", 429),
    "request_too_large": ("ValidationException", 413),
    "timeout_error": ("ModelTimeoutException", 408),
}
_STREAMED = frozenset(
    {
        *("internalServerException", "modelStreamErrorException", "validationException", "throttlingException"),
        *("modelTimeoutException", "serviceUnavailableException"),
    }
)
"""The exceptions that a stream of Bedrock's knows."""

_TOO_LONG = "input is too long"
_AS_ANTHROPIC = "prompt is too long: "


class Failed(msgspec.Struct, frozen=True):
    """An answer with an error, whole but for its framing."""

    status: int
    headers: Headers
    """Those that say something about the error; to be set."""
    body: bytes


def translate_failure(client: Family, status: int, headers: Headers, body: bytes) -> Failed:
    """Return an HTTP error, whichever provider's it is, in the client's protocol; one in that form stays as it is."""
    try:
        value = parse_json(body)
    except ValueError:
        value = body.decode(errors="replace")
    found = http_error(status, headers, value)
    said = as_anthropic(found, status)
    if client is Family.BEDROCK:
        name, sent = _TO_BEDROCK.get(said.type, ("InternalServerException", max(status, 500)))
        return Failed(sent, (("x-amzn-errortype", name),), render_json({"message": said.message}))
    if isinstance(value, dict) and value.get("type") == "error":
        return Failed(status, (), body)
    error = {"type": "error", "error": {"type": said.type, "message": said.message}}
    request_id = next((text for name, text in headers if name.lower() in {"request-id", "x-amzn-requestid"}), None)
    sent = status if found.type in _STATUSES else _STATUSES[said.type]
    return Failed(sent, (), render_json(error | ({"request_id": request_id} if request_id else {})))


def as_anthropic(error: ErrorInfo, status: int | None = None) -> ErrorInfo:
    """Return an error with Anthropic's type for it; `status` decides where its own type is not known."""
    kind = error.type[:1].upper() + error.type[1:]
    found = error.type if error.type in _STATUSES else _FROM_BEDROCK.get(kind) or _FROM_GOOGLE.get(error.type)
    message = error.message or "the provider gave no reason"
    if _TOO_LONG in message.lower() and _AS_ANTHROPIC.strip(" :") not in message.lower():
        message = _AS_ANTHROPIC + message
    return ErrorInfo(found or _by_status(status), message)


def streamed_exception(kind: str) -> str:
    """Return what an error of Anthropic's type is called in a stream of Bedrock's."""
    name, _ = _TO_BEDROCK.get(kind, ("InternalServerException", 500))
    name = name[0].lower() + name[1:]
    return name if name in _STREAMED else "modelStreamErrorException"


def _by_status(status: int | None) -> str:
    if status is None:
        return "api_error"
    by_status = {code: kind for kind, code in _STATUSES.items()} | {408: "timeout_error", 503: "overloaded_error"}
    return by_status.get(status) or ("invalid_request_error" if 400 <= status < 500 else "api_error")
