"""`[upstream.NAME]`: a place that requests can be sent to."""

import re
from typing import Any
from urllib.parse import urlsplit

import msgspec

from recorder.model import Family
from recorder.policy.auth import Auth, parse_auth
from recorder.policy.mapping import Mapping, parse_mapping
from recorder.policy.tables import Place, PolicyError, Table, as_table
from recorder.policy.translation import KEYS as _DIALECT_KEYS
from recorder.policy.translation import Dialect, parse_dialect

_TLS = ("ca", "client_certificate", "client_key")
_KEYS = ("url", "protocol", "auth", "headers", "model", *_TLS, "answer_seconds")
_ALL_KEYS = (*_KEYS, *_DIALECT_KEYS)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_REFERENCE = re.compile(r"(?:(?P<before>[A-Za-z]+) )?(?P<source>env|file|keyring):(?P<name>\S.*)")
_MANAGED = frozenset({"host", "content-length", "transfer-encoding", "connection", "content-encoding"})
"""Headers that follow from the request itself."""
_SECRET = re.compile(
    r"authorization|cookie|secret|token|password|(api|access|auth|private|virtual)[-_]?key", re.IGNORECASE
)
"""Names of headers whose value is a credential."""
_PORTS = {"http": 80, "https": 443}


class HeaderValue(msgspec.Struct, frozen=True):
    """What a header is set to: a text, or where its text is kept; `before` is a word in front of it (`Bearer`)."""

    source: str
    """`text`, `env`, `file` or `keyring`."""
    name: str
    """The text itself, or the name of where it is kept."""
    before: str = ""

    def __str__(self) -> str:
        """Return what may be shown: a secret is never in here, only where it is kept."""
        return self.name if self.source == "text" else f"{self.before} {self.source}:{self.name}".strip()


class Upstream(msgspec.Struct, frozen=True, kw_only=True):
    """One place, with what it takes to speak to it."""

    name: str
    scheme: str
    host: str
    port: int
    path: str = ""
    """The base path, without a slash at its end."""
    protocol: Family | None = None
    """What it speaks; None: whatever is sent to it."""
    headers: tuple[tuple[str, HeaderValue | None], ...] = ()
    """Headers that are set, names in lower case; None: taken out."""
    auth: Auth | None = None
    """The credential that the recorder brings; None: the client's own goes there."""
    model: Mapping = ()
    ca: str | None = None
    client_certificate: str | None = None
    client_key: str | None = None
    answer_seconds: float | None = None
    """How long the first byte of an answer may take; None: as long as it likes."""
    dialect: Dialect = Dialect()

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host, port."""
        return self.scheme, self.host, self.port

    @property
    def url(self) -> str:
        """The base URL."""
        return f"{self.scheme}://{authority(*self.origin)}{self.path}"

    @property
    def tls(self) -> tuple[str | None, str | None, str | None]:
        """What a TLS connection to it needs beyond the usual."""
        return self.ca, self.client_certificate, self.client_key


def authority(scheme: str, host: str, port: int) -> str:
    """Return `host[:port]` as it stands in a URL, without a port that goes without saying."""
    name = f"[{host}]" if ":" in host else host
    return name if port == _PORTS[scheme] else f"{name}:{port}"


def parse_upstreams(value: Any) -> dict[str, Upstream]:
    """Return the upstreams by name. Raises PolicyError."""
    found = {name: _parse(name, table) for name, table in as_table(value, ("upstream",)).items()}
    _check_connections(found)
    return found


def _parse(name: str, value: Any) -> Upstream:
    place = ("upstream", name)
    if not _NAME.fullmatch(name):
        raise PolicyError(place, "a name has letters, digits, dots, dashes and underscores, at most 64")
    table = Table(value, place, _ALL_KEYS)
    if table.raw("client_key") is not None and table.raw("client_certificate") is None:
        raise table.error("client_key", "a key goes with a client_certificate; name that as well")
    scheme, host, port, path = _parse_url(table)
    if scheme == "http" and (used := next((key for key in _TLS if key in table), None)):
        raise table.error(used, "is for https; the url begins with http:")
    auth = parse_auth(table.raw("auth"), (*place, "auth")) if "auth" in table else None
    headers = tuple(_parse_headers(table))
    if auth and (twice := next((header for header, _ in headers if header in auth.headers), None)):
        raise PolicyError((*place, "headers", twice), f"is set by auth = {auth.source} already; leave one of them out")
    protocol = parse_family(table, "protocol")
    dialect = parse_dialect(table, protocol, host)
    if auth and auth.region and dialect.region and auth.region != dialect.region:
        whose = "`region`" if "region" in table else "the host's name"
        raise PolicyError((*place, "auth", "region"), f"is {auth.region}, and {whose} says {dialect.region}; give one")
    return Upstream(
        name=name,
        scheme=scheme,
        host=host,
        port=port,
        path=path,
        protocol=protocol,
        headers=headers,
        auth=auth,
        model=parse_mapping(table, "model"),
        ca=table.text("ca"),
        client_certificate=table.text("client_certificate"),
        client_key=table.text("client_key"),
        answer_seconds=table.seconds("answer_seconds"),
        dialect=dialect,
    )


def parse_family(table: Table, name: str) -> Family | None:
    """Return a protocol's name; None when the key is not there."""
    text = table.text(name)
    if text is not None and text not in list(Family):
        raise table.error(name, f"{text!r} is no protocol; known are {', '.join(Family)}")
    return Family(text) if text else None


def _parse_url(table: Table) -> tuple[str, str, int, str]:
    text = table.text("url")
    if text is None:
        raise PolicyError(table.place, "has no url; give http(s)://HOST[:PORT][/PATH]")
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        raise table.error("url", "is not http(s)://HOST[:PORT][/PATH]") from None
    if parts.scheme not in _PORTS or not parts.hostname or port == 0 or not text.isascii() or re.search(r"\s", text):
        raise table.error("url", "is not http(s)://HOST[:PORT][/PATH]")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise table.error("url", f"a base URL for {parts.hostname} has no user, query or fragment; remove them")
    return parts.scheme, parts.hostname, port or _PORTS[parts.scheme], parts.path.rstrip("/")


def _parse_headers(table: Table) -> list[tuple[str, HeaderValue | None]]:
    found: list[tuple[str, HeaderValue | None]] = []
    for name, value in as_table(table.raw("headers") or {}, (*table.place, "headers")).items():
        place = (*table.place, "headers", name)
        lower = name.lower()
        if not _HEADER.fullmatch(name) or lower in dict(found):
            raise PolicyError(place, "is no name of a header, or there twice")
        if lower in _MANAGED or lower.startswith("x-recorder-"):
            raise PolicyError(place, "follows from the request or is the recorder's own; it cannot be set")
        if value is not False and not (isinstance(value, str) and value and value.isprintable()):
            raise PolicyError(
                place, "is set to a text of one line, `env:NAME`, `file:PATH` or `keyring:NAME`, or left out with false"
            )
        found.append((lower, _parse_value(place, lower, value) if value else None))
    return found


def _parse_value(place: Place, name: str, value: str) -> HeaderValue:
    if match := _REFERENCE.fullmatch(value):
        return HeaderValue(match["source"], match["name"], match["before"] or "")
    if _SECRET.search(name):
        raise PolicyError(
            place, "holds a credential, and none belongs into this file; write env:NAME, file:PATH or keyring:NAME"
        )
    if not value.isascii():
        raise PolicyError(place, "has characters that a header cannot carry")
    return HeaderValue("text", value)


def _check_connections(upstreams: dict[str, Upstream]) -> None:
    """Refuse two upstreams that would share connections but not what these are made with."""
    seen: dict[tuple[str, str, int], Upstream] = {}
    for upstream in upstreams.values():
        other = seen.setdefault(upstream.origin, upstream)
        if other.tls != upstream.tls:
            raise PolicyError(
                ("upstream", upstream.name),
                f"is at the same host and port as {other.name}, with another ca, client_certificate or client_key; "
                "connections are shared: give both the same",
            )
