"""A recorded request as a command for a POSIX shell: its secrets are variables, its body arrives byte for byte.

A here-document would add a newline to the body; `printf %s` adds nothing and, being built into shells, has no limit of
length. Bytes that a shell or a terminal would not keep go as base64.
"""

import base64
import re
from collections.abc import Iterator

from recorder.again.request import Request, Variable, split_placeholders
from recorder.credentials.aws import region_of, service_of
from recorder.model import Headers

_SAFE_BODY = re.compile(r"[ -~\u00a1-\u00ac\u00ae-\u02ff\u0370-\u0600\u3040-\u9fff]*")
"""What shows as what it is: ASCII, and scripts without marks that combine, hide or turn the line around."""
_BARE = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")
_PLAIN = re.compile(r"[A-Za-z0-9-]+")
_LINE = 76


def curl(request: Request, body_file: str | None = None) -> str:
    """Return the command; with `body_file` it reads the body from that file."""
    words = " \\\n  ".join(_words(request, body_file))
    if body_file is not None or not request.body:
        return f"{words}\n"
    return f"{_producer(request.body)} |\n{words}\n"


def quote(text: str) -> str:
    """Quote a word for a POSIX shell."""
    return text if _BARE.fullmatch(text) else "'" + text.replace("'", "'\\''") + "'"


def _words(request: Request, body_file: str | None) -> Iterator[str]:
    yield "curl --silent --show-error --no-buffer --globoff --path-as-is"
    if request.method == "HEAD":
        yield "--head"
    elif request.method != ("POST" if request.body else "GET"):
        yield f"--request {quote(request.method)}"
    yield _url(request.url)
    if request.is_signed:
        yield from _signature(request.host)
    for name, value in (*request.headers, *_unset(request)):
        yield f"--header {_header(name, value)}"
    if request.body:
        yield f"--data-binary @{quote(body_file) if body_file is not None else '-'}"


def _unset(request: Request) -> Headers:
    """Name what curl would send of its own."""
    sent = {name.lower() for name, _ in request.headers}
    own = ("accept", "user-agent", *(("content-type", "expect") if request.body else ()))
    return tuple((name, "") for name in own if name not in sent)


def _header(name: str, value: str | Variable) -> str:
    if isinstance(value, Variable):
        # A header's name may hold `$` and backquotes, which double quotes leave alive.
        beginning = f"{name}: {value.before}"
        expansion = _expansion(value.name)
        return f'"{beginning}{expansion}"' if _PLAIN.fullmatch(name) else f'{quote(beginning)}"{expansion}"'
    is_own = name in ("accept", "user-agent", "content-type", "expect")
    if not value:  # `Name;` sends an empty header, `Name:` none
        return quote(f"{name}:" if is_own else f"{name};")
    return quote(f"{name}: {value}")


def _url(url: str) -> str:
    """Quote a URL; a secret in its query is a variable called as its parameter."""
    words, before = [], ""
    for piece, is_placeholder in split_placeholders(url):
        if is_placeholder:
            name = re.search(r"([A-Za-z0-9_.-]+)=$", before)
            words.append(f'"{_expansion(re.sub("[^A-Z0-9]", "_", name[1].upper()) if name else "SECRET")}"')
        elif piece:
            words.append(quote(piece))
        before = piece
    return "".join(words)


def _signature(host: str) -> Iterator[str]:
    region = region_of(host)
    where = f":{region}:{service_of(host)}" if region else '":${AWS_REGION:?}:"' + service_of(host)
    yield f"--aws-sigv4 aws:amz{where}"
    yield '--user "${AWS_ACCESS_KEY_ID:?}:${AWS_SECRET_ACCESS_KEY:?}"'
    # Credentials that do not end have no session token.
    yield '${AWS_SESSION_TOKEN:+--header "x-amz-security-token: $AWS_SESSION_TOKEN"}'


def _expansion(name: str) -> str:
    """Spell a variable without which the shell stops, rather than send an empty credential."""
    name = f"_{name}" if name[:1].isdigit() else name
    return "${" + name + ":?}"


def _producer(body: bytes) -> str:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = "\0"
    if _SAFE_BODY.fullmatch(text):
        return f"printf %s {quote(text)}"
    encoded = base64.b64encode(body).decode()
    lines = "\n".join(encoded[at : at + _LINE] for at in range(0, len(encoded), _LINE))
    return f"printf %s '{lines}' | base64 -d"
