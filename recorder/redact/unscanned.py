"""What may be stored of an exchange that could not be scanned: values whose shape alone leaves no room for a secret.

For when the detectors themselves fail: no detector is asked here, and everything that is not one of a few short forms
is replaced.
"""

import re

from recorder.model import Headers, Identity, SafeText
from recorder.redact.headers import is_allowed, is_credential_header

UNSCANNED = SafeText("[REDACTED:unscanned]")

_UUID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
_REQUEST_ID = r"req_[0-9A-Za-z]{8,32}"
_NUMBER = r"\d{1,6}"
_DATE = r"\d{4}-\d\d-\d\d"
_MEDIA_TYPE = r"(?:application|text)/(?:json|plain|html|event-stream|vnd\.amazon\.eventstream)(?:; ?charset=utf-8)?"
_CODING = r"gzip|br|zstd|deflate|identity|chunked"
_CLIENT = r"claude-(?:cli|code)/\d{1,3}\.\d{1,4}\.\d{1,5}"
_PLAIN = re.compile("|".join((_UUID, _REQUEST_ID, _NUMBER, _DATE, _MEDIA_TYPE, _CODING, _CLIENT)))
_LABEL = re.compile(r"[A-Za-z]{1,16}\d{0,2}(?:[ ._@-][A-Za-z]{1,16}\d{0,2}){0,4}")
"""Words, as people, teams and projects are called: keys and tokens are longer, or have digits within."""
_PATH = re.compile(r"(?:/(?:v1|messages|count_tokens|models|complete|batches|anthropic))+(?:\?beta=true)?")


def plain(value: str | None) -> SafeText | None:
    """Return a value of a form that holds no secret; None for any other."""
    return SafeText(value) if value is not None and _PLAIN.fullmatch(value) else None


def plain_label(value: str | None) -> SafeText | None:
    """Return the name of a user, a team or a project that is made of a few words; None for any other."""
    return SafeText(value) if value is not None and _LABEL.fullmatch(value) else None


def plain_headers(headers: Headers) -> tuple[tuple[str, SafeText], ...]:
    """Keep the values of allowed headers that have such a form; replace all others."""
    return tuple((name, _header(name.lower(), value)) for name, value in headers)


def plain_path(path: str) -> SafeText:
    """Return a path that is made of known words; replace any other."""
    return SafeText(path) if _PATH.fullmatch(path) else UNSCANNED


def plain_identity(identity: Identity) -> Identity:
    """Keep the ids and the client's name when they have such a form."""
    return Identity(
        session_id=plain(identity.session_id),
        agent_id=plain(identity.agent_id),
        parent_agent_id=plain(identity.parent_agent_id),
        client=plain(identity.client),
        user=plain(identity.user),
    )


def _header(name: str, value: str) -> SafeText:
    kept = plain(value) if is_allowed(name) and not is_credential_header(name) else None
    return kept or UNSCANNED
