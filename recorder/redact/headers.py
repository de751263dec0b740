"""Which header values may be stored: an allowlist. All others keep their name and lose their value.

Sources: Anthropic's API reference and Claude Code's gateway protocol (request ids, rate limits, versions, correlation),
RFC 9110 (representation and routing), AWS, LiteLLM and OpenTelemetry documents. A value that is allowed is scanned.
"""

from recorder.redact.rules.keynames import Sort, sort_of

CREDENTIAL_HEADERS = {
    "authorization": "authorization",
    "proxy-authorization": "authorization",
    "x-api-key": "api-key",
    "api-key": "api-key",
    "cookie": "cookie",
    "set-cookie": "cookie",
    "x-amz-security-token": "aws-session-token",
    "x-goog-api-key": "google-api-key",
    "x-litellm-api-key": "api-key",
    "cf-aig-authorization": "authorization",
    "x-portkey-api-key": "api-key",
    "x-portkey-virtual-key": "api-key",
    "helicone-auth": "authorization",
    "x-forwarded-authorization": "authorization",
    "x-claude-code-managed-settings-checksum": "settings-checksum",
}
"""Headers that carry credentials, and the kind to call what they carry when its form does not tell."""

_ALLOWED = frozenset(
    """
    accept accept-encoding accept-language accept-ranges age allow alt-svc cache-control cf-ray cf-cache-status
    connection content-disposition content-encoding content-language content-length content-range content-type
    date deprecation etag expect expires host keep-alive last-modified link origin pragma priority retry-after
    server server-timing sunset te trailer traceparent transfer-encoding upgrade user-agent vary via x-app
    x-client-request-id x-cloud-trace-context x-envoy-upstream-service-time x-request-id request-id apim-
    request-id x-ms-region x-ms-request-id x-should-retry x-robots-tag x-amz-date x-amz-content-sha256 x-amz-
    target x-amz-request-id x-amz-id-2 x-amz-cf-id x-amz-cf-pop x-amzn-requestid x-amzn-errortype x-amzn-trace-
    id x-portkey-trace-id x-portkey-provider cf-aig-log-id cf-aig-cache-status helicone-request-id helicone-
    session-id openai-processing-ms openai-version x-goog-user-project x-goog-api-client x-vertex-ai-llm-
    request-type x-ratelimit-limit-requests x-ratelimit-limit-tokens x-ratelimit-remaining-requests x-ratelimit-
    remaining-tokens x-ratelimit-reset-requests x-ratelimit-reset-tokens
    """.split()  # noqa: SIM905 - a table of words reads best as words
)
_PREFIXES = (
    "anthropic-",
    "x-litellm-",
    "x-amzn-",
    "x-claude-code-",
    "x-stainless-",
    "llm_provider-",
    "x-portkey-trace",
)


def is_credential_header(lower_name: str) -> bool:
    """Say whether a header carries a credential: by its name, or because the name promises one."""
    return lower_name in CREDENTIAL_HEADERS or (not is_allowed(lower_name) and sort_of(lower_name) is not Sort.NONE)


def is_allowed(lower_name: str) -> bool:
    """Say whether a header's value may be stored once it has been scanned."""
    return lower_name not in CREDENTIAL_HEADERS and (lower_name in _ALLOWED or lower_name.startswith(_PREFIXES))
