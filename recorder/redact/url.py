"""Paths and their queries: values of telling parameters go, all else is scanned as text.

Both the parameter's name and its value may be percent-encoded; the value goes as it stands, up to the next separator.
"""

import re
from collections.abc import Iterator
from urllib.parse import unquote_plus

from recorder.redact.guards import is_reference
from recorder.redact.rules.keynames import Sort, sort_of
from recorder.redact.spans import Rank, Span

_PARAMETER = re.compile(rb"[?&;#]([^=&;#?]{1,128})=([^&;#]+)")
# https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html, RFC 6750 §2.3, RFC 6749 §4.1.2 (code),
# https://learn.microsoft.com/rest/api/storageservices/create-service-sas (sig), Google's `key`
_KINDS = {
    "x-amz-signature": "aws-signature",
    "x-amz-security-token": "aws-session-token",
    "x-amz-credential": "aws-access-key-id",
    "x-goog-signature": "google-signature",
    "awsaccesskeyid": "aws-access-key-id",
    "signature": "signature",
    "sig": "signature",
    "key": "api-key",
    "apikey": "api-key",
    "code": "oauth-code",
    "code_verifier": "oauth-code",
    "auth": "bearer-token",
    "authorization": "bearer-token",
    "jwt": "bearer-token",
    "assertion": "bearer-token",
    "client_assertion": "bearer-token",
}


def is_secret_parameter(name: str) -> str | None:
    """Give the kind of secret that a query parameter carries, None for others."""
    kind = _KINDS.get(name.lower())
    if kind:
        return kind
    sort = sort_of(name)
    return None if sort is Sort.NONE else "password" if sort is Sort.PASSWORD else "api-key"


def parameter_spans(path: bytes) -> Iterator[Span]:
    """Find the values of telling parameters."""
    for match in _PARAMETER.finditer(path):
        kind = is_secret_parameter(unquote_plus(match.group(1).decode("latin-1")))
        value = unquote_plus(match.group(2).decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
        if kind and not is_reference(value):
            yield Span(match.start(2), match.end(2), kind, value, Rank.CONTEXT)
