"""The recorder's key in a request's headers: found there, and taken out so that it goes no further."""

import base64
import binascii

from recorder.access.keys import is_key
from recorder.model import Headers

KEY_HEADERS = ("x-recorder-key", "proxy-authorization", "authorization", "x-api-key", "api-key")
"""Where a key may come, the first that has one counts."""


def presented(headers: Headers) -> str | None:
    """Return the key that a request brings; None when it brings none of the recorder's."""
    found = [(name.lower(), key) for name, value in headers if (key := _key_in(name.lower(), value))]
    return min(found, key=lambda one: KEY_HEADERS.index(one[0]))[1] if found else None


def carriers(headers: Headers) -> tuple[str, ...]:
    """Return the names of the headers that a key is in, and of the recorder's own one: not to be forwarded."""
    names = (name.lower() for name, value in headers if name.lower() == KEY_HEADERS[0] or _key_in(name.lower(), value))
    return tuple(dict.fromkeys(names))


def _key_in(name: str, value: str) -> str | None:
    if name not in KEY_HEADERS:
        return None
    scheme, _, token = value.strip().partition(" ")
    text = token.strip() if scheme.lower() == "bearer" else value.strip()
    if scheme.lower() == "basic":
        text = _password(token.strip())
    return text if is_key(text) else None


def _password(token: str) -> str:
    """Return the password in `Basic`, as in HTTPS_PROXY=http://NAME:KEY@host (RFC 7617)."""
    try:
        return base64.b64decode(token, validate=True).decode("latin-1").partition(":")[2]
    except (binascii.Error, ValueError):
        return ""
