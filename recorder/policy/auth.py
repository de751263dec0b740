"""`auth = ...` of an upstream: which credential the recorder brings there itself, and in which headers it goes."""

import re
from typing import Any

import msgspec

from recorder.policy.tables import Place, PolicyError, Table

type Headers = tuple[str, ...]

SOURCES = ("env", "file", "keyring", "helper")
"""What is followed by a name: `env:NAME`, `file:PATH`, `keyring:NAME`, `helper:COMMAND`."""
PLAIN = ("aws", "google", "none")
_KEYS = ("from", "send", "ttl_seconds", "timeout_seconds", "region", "service", "profile")
_AWS = ("region", "service", "profile")
_SEND: dict[str, Headers] = {"both": ("authorization", "x-api-key")}
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_SIGNED: Headers = ("authorization", "x-amz-date", "x-amz-security-token")
_FORMS = "env:NAME, file:PATH, keyring:NAME, helper:COMMAND, aws, google or none"

CLIENT_CREDENTIALS: Headers = (
    "authorization",
    "x-api-key",
    "api-key",
    "cookie",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-security-token",
    "x-goog-api-key",
    "x-goog-user-project",
    "x-litellm-api-key",
    "cf-aig-authorization",
    "x-portkey-api-key",
    "x-portkey-virtual-key",
    "helicone-auth",
    "x-forwarded-authorization",
)
"""What a client may bring of its own, and what does not go to an upstream that the recorder signs in at."""


class Auth(msgspec.Struct, frozen=True, kw_only=True):
    """Where a credential comes from and how it is sent."""

    source: str
    """One of `SOURCES` or `PLAIN`; `none`: the client's own is taken out, and nothing comes in its place."""
    name: str = ""
    """The variable, path, entry of the keyring or command."""
    send: Headers = ()
    """The headers that it goes in, names in lower case; those ending in `authorization` get a `Bearer` in front."""
    ttl_seconds: float | None = None
    """How long the output of a helper is used; None: as Claude Code is told to, or five minutes."""
    timeout_seconds: float = 30.0
    """How long a request waits for a credential."""
    region: str | None = None
    service: str | None = None
    profile: str | None = None

    @property
    def headers(self) -> Headers:
        """Names of the headers that may be set."""
        if self.source == "aws":
            return _SIGNED
        return ("authorization", "x-goog-user-project") if self.source == "google" else self.send

    def __str__(self) -> str:
        """Return what may be shown: a secret is never in here, only where it is kept."""
        return f"{self.source}:{self.name}" if self.name else self.source


def parse_auth(value: Any, place: Place) -> Auth:
    """Read `auth`: a text, or a table whose `from` is that text. Raises PolicyError."""
    table = Table({"from": value} if isinstance(value, str) else value, place, _KEYS)
    source, name = _parse_from(table, is_text=isinstance(value, str))
    for used in (key for key in _KEYS[1:] if key in table):
        _check_use(table, source, used)
    return Auth(
        source=source,
        name=name,
        send=_parse_send(table, source),
        ttl_seconds=_parse_ttl(table),
        timeout_seconds=table.seconds("timeout_seconds") or 30.0,
        region=table.text("region"),
        service=table.text("service"),
        profile=table.text("profile"),
    )


def _parse_from(table: Table, *, is_text: bool) -> tuple[str, str]:
    text = (table.text("from") or "").strip()
    source, colon, name = text.partition(":")
    place = table.place if is_text else (*table.place, "from")
    if not text:
        raise PolicyError(table.place, f"has no `from`; give {_FORMS}")
    if source in PLAIN and not colon:
        return source, ""
    if source not in SOURCES or not colon:
        # Not the text itself: it may be the credential.
        raise PolicyError(place, f"is none of {_FORMS}; a credential itself does not belong into this file")
    if not name.strip():
        raise PolicyError(place, f"names nothing behind {source}:")
    return source, name.strip()


def _check_use(table: Table, source: str, key: str) -> None:
    if key in _AWS and source != "aws":
        raise table.error(key, f'is for from = "aws", and this comes from {source}')
    if key == "ttl_seconds" and source != "helper":
        raise table.error(key, f"is for a helper, and this comes from {source}")
    if key in ("send", "timeout_seconds") and source in ("none", *(PLAIN if key == "send" else ())):
        raise table.error(key, f'does not go with from = "{source}"')


def _parse_send(table: Table, source: str) -> Headers:
    """Claude Code's rules: what a helper says goes in both headers, a token in `Authorization`."""
    if source in PLAIN:
        return ()
    texts = tuple(text.lower() for text in table.texts("send")) or (("both",) if source == "helper" else ())
    names = tuple(name for text in texts or ("authorization",) for name in _SEND.get(text, (text,)))
    for name in names:
        if not _HEADER.fullmatch(name) or name in ("host", "content-length", "transfer-encoding", "connection"):
            raise table.error("send", f"{name!r} is neither `both` nor a header that can carry a credential")
    return tuple(dict.fromkeys(names))


def _parse_ttl(table: Table) -> float | None:
    # Unlike a time-out it may be 0: asked anew for each request.
    return 0.0 if table.raw("ttl_seconds") == 0 else table.seconds("ttl_seconds")
