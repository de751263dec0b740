"""A recorded request as it can be sent again; what is not on the record, secrets above all, is named."""

import re
from collections.abc import Iterator
from urllib.parse import quote, unquote, urlsplit

import msgspec

from recorder.errors import StoreError
from recorder.model import Headers, Provider
from recorder.policy.body import with_model
from recorder.redact.fingerprint import PLACEHOLDER
from recorder.store import queries
from recorder.store.database import Database
from recorder.store.results import Details, InteractionRow

_FOLLOWS = frozenset(
    """
    host content-length content-encoding transfer-encoding accept-encoding connection keep-alive proxy-connection te
    trailer upgrade expect proxy-authorization
    """.split()  # noqa: SIM905 - a table of words reads best as words
)
"""Headers that follow from the connection, or from a coding that the recorded body no longer has."""
_SIGNED = frozenset({"authorization", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token"})
_AUTHORIZATION = {
    Provider.BEDROCK: "AWS_BEARER_TOKEN_BEDROCK",
    Provider.MANTLE: "AWS_BEARER_TOKEN_BEDROCK",
    Provider.VERTEX: "GOOGLE_ACCESS_TOKEN",
    Provider.FOUNDRY: "ANTHROPIC_FOUNDRY_AUTH_TOKEN",
}
_KEY = {Provider.FOUNDRY: "ANTHROPIC_FOUNDRY_API_KEY"}
_CARRIED = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+: [ -~\t]*")
"""Headers that a command line carries: names as RFC 9110 (section 5.1) has them, values of one line in ASCII."""
_PORTS = {"http": "80", "https": "443"}
_PLACEHOLDER = re.compile(PLACEHOLDER.pattern.decode())


class Variable(msgspec.Struct, frozen=True):
    """A value that is not on the record: the shell variable to take it from, behind the text `before`."""

    name: str
    before: str = ""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A request to be sent again. Names of headers are as sent."""

    method: str
    url: str
    """Secrets in it are placeholders still."""
    headers: tuple[tuple[str, str | Variable], ...]
    body: bytes
    """Without content coding; secrets in it are placeholders."""
    is_signed: bool
    """It was signed (Signature Version 4): whoever sends it again has to sign it again."""
    placeholders: dict[str, int]
    """What stands in the body in the place of a secret, and how often."""
    notes: tuple[str, ...] = ()
    """What else is not as it was."""

    @property
    def host(self) -> str:
        """The host's name without its port."""
        return urlsplit(self.url).hostname or ""


def load_request(db: Database, id_prefix: str, *, upstream: bool = False) -> Request:
    """Return what the client sent or, with `upstream`, what went to the provider in the end.

    Raises StoreError when there is no such interaction, or its body is not on the record.
    """
    row = queries.get_interaction(db, id_prefix)
    details = queries.details(db, row.id)
    translated = upstream and row.protocol_sent is not None
    body = queries.request_body(db, row.id, upstream=translated)
    size = details.opened["sent"]["bytes"] if translated else row.request_bytes
    if size and not body:
        why = "its content was withheld" if row.flow_class == "model" else "of such calls only metadata is"
        raise StoreError(f"{row.id}: its body is not on the record ({why}), so that it cannot be sent again")
    if upstream and not translated and row.model_sent and row.sent_to and row.model_sent not in unquote(row.sent_to):
        body = with_model(body, row.model_sent)
    recorded = details.sent_headers if translated else details.request_headers
    names = {name.lower() for name, _ in recorded}
    is_signed = {"authorization", "x-amz-date"} <= names
    headers = tuple(_headers(recorded, row.provider, details if upstream else None, is_signed=is_signed))
    return Request(
        method=details.opened["method"],
        url=row.sent_to if upstream and row.sent_to else _url(details.opened["scheme"], row),
        headers=headers,
        body=body,
        is_signed=is_signed,
        placeholders=placeholders(body),
        notes=tuple(_notes(recorded, details, upstream=upstream)),
    )


def placeholders(body: bytes) -> dict[str, int]:
    """Count what stands in a body in the place of secrets, in order of appearance."""
    found: dict[str, int] = {}
    for mark in PLACEHOLDER.findall(body):
        found[mark.decode()] = found.get(mark.decode(), 0) + 1
    return found


def split_placeholders(text: str) -> Iterator[tuple[str, bool]]:
    """Give the pieces of a text, each with whether it is a placeholder."""
    at = 0
    for match in _PLACEHOLDER.finditer(text):
        yield text[at : match.start()], False
        yield match[0], True
        at = match.end()
    yield text[at:], False


def _url(scheme: str, row: InteractionRow) -> str:
    name, _, port = row.host.rpartition(":")
    if not name or not port.isdigit():
        name, port = row.host, _PORTS.get(scheme, "")
    name = f"[{name.strip('[]')}]" if ":" in name else name
    path = quote(row.path, safe="".join(map(chr, range(0x21, 0x7F))), errors="surrogateescape")
    return f"{scheme}://{name if port == _PORTS.get(scheme) else f'{name}:{port}'}{path}"


def _headers(
    recorded: Headers, provider: str, routed: Details | None, *, is_signed: bool
) -> Iterator[tuple[str, str | Variable]]:
    """Give the headers; `routed`: what the policy made of the request applies."""
    changes = routed.opened.get("routed", {}) if routed else {}
    given = {name.lower() for name in changes.get("headers", ())}
    gone = {name.lower() for name in changes.get("removed", ())} | given | _FOLLOWS
    for name, value in recorded:
        lower = name.lower()
        if lower in gone or (is_signed and lower in _SIGNED) or not _CARRIED.fullmatch(f"{name}: {value}"):
            continue
        yield name, (_variable(lower, provider) if _PLACEHOLDER.search(value) else value)
    yield from ((name, _variable(name, provider)) for name in sorted(given))


def _variable(name: str, provider: str) -> Variable:
    known = Provider(provider)
    if name == "authorization":
        return Variable(_AUTHORIZATION.get(known, "ANTHROPIC_AUTH_TOKEN"), "Bearer ")
    if name in ("x-api-key", "api-key"):
        return Variable(_KEY.get(known, "ANTHROPIC_API_KEY"))
    return Variable(re.sub(r"[^A-Z0-9]", "_", name.upper()), "Bearer " if name.endswith("-authorization") else "")


def _notes(recorded: Headers, details: Details, *, upstream: bool) -> Iterator[str]:
    if not recorded:
        yield "no headers of it are on the record"
    set_names = details.opened.get("routed", {}).get("headers", ()) if upstream else ()
    if set_names:
        yield f"values of headers that a route sets are not on the record: {', '.join(set_names)}"
    if left_out := [name for name, value in recorded if not _CARRIED.fullmatch(f"{name}: {value}")]:
        yield f"left out, since they are not of one line in ASCII: {', '.join(map(repr, left_out))}"
    coding = details.opened.get("request_encoding")
    if coding and coding != "identity":
        yield f"its body was sent with the coding {coding}, and is sent without it"
