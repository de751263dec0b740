"""What an upstream is signed in with: one `Source` for each, which is asked for every request that goes there."""

import asyncio
import os
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from recorder.credentials.aws import BEARER_VARIABLE, AwsCredentials, Signable, need_botocore, region_of, service_of
from recorder.credentials.google import GoogleTokens, Token, need_google
from recorder.credentials.helper import TTL_VARIABLE, run_helper, ttl_seconds
from recorder.credentials.references import need_keyring, read_reference
from recorder.credentials.renewed import Fetched, Renewed
from recorder.errors import ConfigError, CredentialError
from recorder.model import Credential, Headers
from recorder.policy.auth import Auth
from recorder.policy.upstream import Upstream

FILE_SECONDS = 1.0
"""How long the content of a file counts: whoever rotates a key by writing a file need tell nobody."""
SIGNED_FOR = frozenset({"bedrock", "bedrock-mantle"})
"""Services that take `AWS_BEARER_TOKEN_BEDROCK`."""


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What a request is sent with."""

    headers: Headers
    secrets: tuple[Credential, ...]
    """What must not be on the record from now on: the values sent, and what they were made with."""
    mark: Any
    """Names the credential when it is refused or accepted."""


class Source(Protocol):
    """Belongs to one event loop."""

    async def give(self, request: Signable) -> Given:
        """Return what the request is sent with. Raises CredentialError."""

    async def refused(self, mark: Any) -> bool:
        """Take note that the upstream refused it; return whether there is another one, so that to ask again helps."""

    def accepted(self) -> None:
        """Take note that the upstream took it."""


class Nothing:
    """`auth = "none"`: the upstream knows us otherwise, by our certificate or address."""

    async def give(self, request: Signable) -> Given:  # noqa: ARG002 -- a source's
        """Give no header."""
        return Given(headers=(), secrets=(), mark=None)

    async def refused(self, mark: Any) -> bool:  # noqa: ARG002 -- a source's
        """There is no other."""
        return False

    def accepted(self) -> None:
        """There is nothing to remember."""


class Sent[T]:
    """A value that is sent as it is, whatever it comes from."""

    def __init__(self, value: Renewed[T], headers_of: Callable[[T], Headers], kind: str) -> None:
        self._value = value
        self._headers_of = headers_of
        self._kind = kind

    async def give(self, request: Signable) -> Given:  # noqa: ARG002 -- a source's
        """Give the headers that hold it."""
        value = await self._value.get()
        secret = value if isinstance(value, str) else value[0]  # type: ignore[index] # a token and its project
        return Given(headers=self._headers_of(value), secrets=(Credential(self._kind, secret),), mark=value)

    async def refused(self, mark: T) -> bool:
        """Look for another one."""
        return await self._value.refused(mark)

    def accepted(self) -> None:
        """It is good."""
        self._value.accepted()


class Signature:
    """A signature of the request."""

    def __init__(self, aws: AwsCredentials, auth: Auth, where: str) -> None:
        self._aws = aws
        self._auth = auth
        self._where = where
        self._credentials: Renewed[Any] = Renewed(aws.fetch, timeout_seconds=auth.timeout_seconds, what=where)

    async def give(self, request: Signable) -> Given:
        """Sign it; the credentials are renewed by botocore as they end."""
        credentials = await self._credentials.get()
        try:
            async with asyncio.timeout(self._auth.timeout_seconds):
                signed = await self._aws.sign(credentials, request)
        except CredentialError:
            raise
        except Exception as error:  # noqa: BLE001 -- whatever a library raises: a request must not go out without
            raise CredentialError(f"{self._where} failed ({type(error).__name__})") from None
        return Given(headers=signed.headers, secrets=signed.secrets, mark=credentials)

    async def refused(self, mark: Any) -> bool:
        """Ask the chain anew."""
        return await self._credentials.refused(mark)

    def accepted(self) -> None:
        """They are good."""
        self._credentials.accepted()


def make_source(upstream: Upstream, auth: Auth, env: Mapping[str, str] = os.environ) -> Source:
    """Return the source of an upstream's `auth`; nothing is fetched yet."""
    where = _where(upstream)
    match auth.source:
        case "none":
            return Nothing()
        case "google":
            tokens: Renewed[Token] = Renewed(
                GoogleTokens(where).fetch, timeout_seconds=auth.timeout_seconds, what=where
            )
            return Sent(tokens, _google_headers, "google-access-token")
        case "aws":
            return _aws(upstream, auth, env)
    value: Renewed[str] = Renewed(_fetching(auth, where, env), timeout_seconds=auth.timeout_seconds, what=where)
    return Sent(value, lambda text: tuple((name, _value_in(name, text)) for name in auth.send), "api-key")


def check_auth(upstream: Upstream, env: Mapping[str, str] = os.environ) -> None:
    """Raise ConfigError when it is clear from the outset that there will be no credential."""
    auth, where = upstream.auth, _where(upstream)
    match auth.source if auth else None:
        case "env" | "file":
            assert auth
            read_reference(auth.source, auth.name, where, env)
        case "keyring":
            need_keyring(where)
        case "google":
            need_google(where)
        case "aws":
            need_botocore(where)


def _where(upstream: Upstream) -> str:
    return f"[upstream.{upstream.name}] auth"


def _aws(upstream: Upstream, auth: Auth, env: Mapping[str, str]) -> Source:
    where = _where(upstream)
    service = auth.service or service_of(upstream.host)
    # A profile that is named is meant, whatever else the environment has.
    if env.get(BEARER_VARIABLE, "").strip() and service in SIGNED_FOR and not auth.profile:
        bearer = Auth(source="env", name=BEARER_VARIABLE)
        value: Renewed[str] = Renewed(_fetching(bearer, where, env), timeout_seconds=auth.timeout_seconds, what=where)
        return Sent(value, lambda text: (("authorization", f"Bearer {text}"),), "bearer-token")
    region = auth.region or upstream.dialect.region or region_of(upstream.host)
    return Signature(AwsCredentials(where, auth.profile, service, region), auth, where)


def _fetching(auth: Auth, where: str, env: Mapping[str, str]) -> Callable[[], Any]:
    if auth.source == "helper":
        seconds = ttl_seconds(auth.ttl_seconds, env.get(TTL_VARIABLE))

        async def from_helper() -> Fetched[str]:
            return await run_helper(auth.name, where), seconds

        return from_helper

    async def from_reference() -> Fetched[str]:
        try:
            value = await asyncio.to_thread(read_reference, auth.source, auth.name, where, env)
        except ConfigError as error:
            raise CredentialError(str(error)) from None
        return value, FILE_SECONDS if auth.source == "file" else None

    return from_reference


def _value_in(header: str, text: str) -> str:
    return f"Bearer {text}" if header.endswith("authorization") else text


def _google_headers(token: Token) -> Headers:
    value, project = token
    return (("authorization", f"Bearer {value}"), *((("x-goog-user-project", project),) if project else ()))
