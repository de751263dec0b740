"""An error in the protocol's own form, so that a client shows the recorder's message as it shows a provider's.

Forms: Anthropic's API documentation, "Errors"; Amazon Bedrock's API reference, InvokeModel, "Errors" (its SDKs read the
type from `x-amzn-errortype` and the text from `message`). Checked against anthropic 2.12.0 and botocore 1.44.5,
November 2026. Vertex and gateways hand Anthropic's form through.
"""

import msgspec

from recorder.model import Headers, Protocol

_BEDROCK = frozenset({Protocol.BEDROCK_INVOKE, Protocol.BEDROCK_CONVERSE})

_BEDROCK_TYPES = {
    400: "ValidationException",
    401: "AccessDeniedException",
    402: "ServiceQuotaExceededException",
    403: "AccessDeniedException",
    404: "ResourceNotFoundException",
    408: "ModelTimeoutException",
    413: "ValidationException",
    424: "ModelErrorException",
    429: "ThrottlingException",
    503: "ServiceUnavailableException",
    529: "ServiceUnavailableException",
}


_FINAL = 409
"""What Claude Code shows its user at once, whichever protocol it speaks, without another request of any kind."""
_SPARED = {400}
_SPARED_ON_CLOUDS = {400, 402, 403}
"""Statuses that it takes for something else than a last word (seen with 2.1.332, November 2026): after 400 it asks up
to 13 times more, without betas, without thinking, for other models; on Bedrock and Vertex it asks for other models
after 402 and 403 too, and on Bedrock goes on for minutes after 403."""


class Refusal(msgspec.Struct, frozen=True):
    """A whole HTTP answer but for its framing: whoever sends it adds `content-length`."""

    status: int
    headers: Headers
    body: bytes


def refuse(protocol: Protocol | None, status: int, error_type: str, message: str) -> Refusal:
    """Make an error answer for a protocol (None: Anthropic's form).

    `error_type` is Anthropic's (`api_error`, `rate_limit_error`, ...); Bedrock's own type follows from the status.
    """
    # A path in a message may hold surrogates, which JSON cannot carry; a refusal must not fail over them.
    message = message.encode(errors="replace").decode()
    if protocol in _BEDROCK:
        headers: Headers = (
            ("content-type", "application/json"),
            ("x-amzn-errortype", _BEDROCK_TYPES.get(status, "InternalServerException")),
        )
        return Refusal(status, headers, msgspec.json.encode({"message": message}))
    body = {"type": "error", "error": {"type": error_type, "message": message}}
    return Refusal(status, (("content-type", "application/json"),), msgspec.json.encode(body))


def refuse_for_good(protocol: Protocol | None, status: int, error_type: str, message: str) -> Refusal:
    """Make an error answer, as `refuse` does, that no other try would change, so that a client shows it and stops.

    `status` is that of `error_type`; 409 takes its place where Claude Code would go on asking after it. Anthropic's and
    OpenAI's libraries read `x-should-retry`.
    """
    refusal = refuse(protocol, status, error_type, message)
    spared = _SPARED_ON_CLOUDS if protocol in _BEDROCK | {Protocol.VERTEX} else _SPARED
    sent = _FINAL if status in spared else status
    return Refusal(sent, (*refusal.headers, ("x-should-retry", "false")), refusal.body)
