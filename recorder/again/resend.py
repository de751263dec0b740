"""A recorded request made ready to be sent anew: another model, a session of its own, credentials from the environment.

It goes out through a recorder, as a client's would: so it is recorded, routed, signed in and budgeted as any other, and
what speaks to a provider is one program with one idea of TLS and proxies. This module speaks to that listener alone.
"""

import http.client
from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec

from recorder import __version__
from recorder.again.request import Request, Variable
from recorder.errors import ConfigError, RecorderError
from recorder.model import Family, Headers, Labels
from recorder.policy.asked import ask
from recorder.policy.body import model_in_body
from recorder.policy.body import with_model as body_with_model
from recorder.policy.path import with_model as path_with_model

CLIENT = f"recorder-resend/{__version__}"
"""What it is called on the record, so that nobody takes it for the agent."""
_OWN = ("x-claude-code-session-id", "x-claude-code-agent-id", "x-claude-code-parent-agent-id", "user-agent")
_SILENCE_SECONDS = 3600.0
"""A model may think for long without a byte; as long as the recorder waits for it."""
_BEARER = "AWS_BEARER_TOKEN_BEDROCK"
_READ_BYTES = 65536


def with_model(request: Request, model: str) -> Request:
    """Return the request for another model. Raises ConfigError when it names none that could be replaced."""
    if model_in_body(request.body) is not None:
        return msgspec.structs.replace(request, body=body_with_model(request.body, model))
    parts = urlsplit(request.url)
    family = ask(request.method, parts.path, (), b"", Labels()).family
    try:
        path = path_with_model(parts.path, family, model) if family in (Family.BEDROCK, Family.VERTEX) else None
    except ValueError:
        path = None
    if path is None:
        raise ConfigError(f"--model {model}: neither path nor body of the request names a model; leave it out")
    return msgspec.structs.replace(request, url=parts._replace(path=path).geturl())


def headers_for(request: Request, session: str, env: Mapping[str, str], *, signs_in: bool) -> Headers:
    """Return the headers to send; with `signs_in` the upstream has credentials of its own, and none are looked for.

    Raises ConfigError that names the variable which is not set.
    """
    sent = [("User-Agent", CLIENT), ("X-Claude-Code-Session-Id", session)]
    for name, value in request.headers:
        if name.lower() in _OWN or (signs_in and isinstance(value, Variable)):
            continue
        sent.append((name, value if isinstance(value, str) else _from_environment(value, name, env)))
    if request.is_signed and not signs_in:
        sent.append(("Authorization", _from_environment(Variable(_BEARER, "Bearer "), "authorization", env)))
    return tuple(sent)


def send(address: str, request: Request, headers: Headers) -> int:
    """Send a request to the recorder that listens at `address` (host:port); return the status, all of it read.

    Redirects are not followed. Raises RecorderError when the exchange breaks off.
    """
    parts = urlsplit(request.url)
    connection = http.client.HTTPConnection(address, timeout=_SILENCE_SECONDS)
    try:
        target = parts._replace(scheme="", netloc="").geturl() or "/"
        connection.putrequest(request.method, target, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value)
        if request.body:
            connection.putheader("Content-Length", str(len(request.body)))
        connection.endheaders(request.body or None)
        response = connection.getresponse()
        while response.read(_READ_BYTES):
            pass
    except (OSError, http.client.HTTPException) as error:
        raise RecorderError(
            f"the exchange broke off ({type(error).__name__}); the record tells how far it came"
        ) from None
    else:
        return response.status
    finally:
        connection.close()


def _from_environment(variable: Variable, header: str, env: Mapping[str, str]) -> str:
    value = env.get(variable.name, "").strip()
    if not value:
        raise ConfigError(
            f"{variable.name} is not set, and the request's {header} is not on the record; set it, or name an upstream "
            "of recorder.toml that has auth with --to"
        )
    if not (value.isascii() and value.isprintable()):
        raise ConfigError(f"{variable.name} has characters that a header cannot carry; correct it")
    return variable.before + value
