"""The credentials that a request or an answer carries where credentials are sent.

They are the surest knowledge there is: what is sent as a key is a key, whatever it looks like. Learned values are
removed from everything that is stored afterwards, so a value that could be an ordinary word (`dummy`, `not-needed`) is
not learned: it needs 8 bytes, a digit (or 20 bytes), and must not be a known filler.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote, urlsplit

from recorder.model import Credential, Headers
from recorder.redact.guards import is_identifier, is_word
from recorder.redact.headers import CREDENTIAL_HEADERS, is_allowed, is_credential_header
from recorder.redact.url import is_secret_parameter

SHORTEST_BYTES = 8
SHORTEST_WITHOUT_DIGIT_BYTES = 20

_FILLER = re.compile(
    r"(?i)dummy|placeholder|not[-_ ]?(?:needed|used|required)|anything|example|your[-_ ]|x{4}|\[REDACTED"
)
# https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html
_SIGV4 = re.compile(r"(?i)^AWS4-\S+\s+Credential=([^/,\s]+)/.*\bSignature=([0-9a-f]+)")
_SCHEME = re.compile(r"(?i)^(bearer|basic|token|apikey|key|digest|negotiate)\s+(\S.*)$")


def find_credentials(headers: Headers, path: str) -> tuple[Credential, ...]:
    """Find the credentials of a message in its headers and in its path's query; values as they were sent."""
    found = dict.fromkeys((*_in_headers(headers), *_in_query(path)))
    return tuple(credential for credential in found if is_worth_learning(credential.value))


def _in_headers(headers: Headers) -> Iterator[Credential]:
    for name, value in headers:
        lower = name.lower()
        if not value.strip() or (is_allowed(lower) and lower not in CREDENTIAL_HEADERS):
            continue
        if lower in ("cookie", "set-cookie"):
            yield from _cookies(value, all_pairs=lower == "cookie")
        elif is_credential_header(lower):
            yield from split_credential(CREDENTIAL_HEADERS.get(lower, "api-key"), value.strip())


def split_credential(kind: str, value: str) -> Iterator[Credential]:
    """Split an authorization value into the secrets it holds: a scheme's token, a name's password, a signature."""
    signed = _SIGV4.match(value)
    if signed:
        yield Credential("aws-access-key-id", signed.group(1))
        yield Credential("aws-signature", signed.group(2))
        return
    scheme = _SCHEME.match(value)
    if scheme is None:
        yield Credential(kind, value)
        return
    token = scheme.group(2).strip()
    if scheme.group(1).lower() != "basic":
        yield Credential("bearer-token", token)
        return
    yield Credential("basic-auth", token)
    yield from _basic_password(token)


def _basic_password(token: str) -> Iterator[Credential]:
    try:
        decoded = base64.b64decode(token, validate=True).decode()
    except (binascii.Error, ValueError):
        return
    _, colon, password = decoded.partition(":")
    if colon and password:
        yield Credential("password", password)


def _cookies(value: str, *, all_pairs: bool) -> Iterator[Credential]:
    for pair in value.split(";")[: None if all_pairs else 1]:
        _, equals, content = pair.strip().partition("=")
        # Short values are preferences; a session's is long.
        if equals and len(content) >= 16:
            yield Credential("cookie", content.strip('"'))


def _in_query(path: str) -> Iterator[Credential]:
    query = urlsplit(path).query if "?" in path else ""
    if not query:
        return
    for name, value in parse_qsl(query):
        kind = is_secret_parameter(name)
        if kind:
            yield Credential(kind, value)
            raw = unquote(value)
            if raw != value:
                yield Credential(kind, raw)


def is_worth_learning(value: str) -> bool:
    """Say whether a value that was sent as a credential is none that ordinary texts hold."""
    size = len(value.encode())
    if size < SHORTEST_BYTES or is_word(value.encode()) or is_identifier(value.encode()) or _FILLER.search(value):
        return False
    return size >= SHORTEST_WITHOUT_DIGIT_BYTES or any(char.isdigit() for char in value)
