"""Signatures for AWS (Signature Version 4) with whatever credentials botocore's chain finds.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html, seen in November 2026.
"""

import asyncio
import logging
import re
from typing import Any

import msgspec

from recorder.config import APP
from recorder.credentials.renewed import Fetched
from recorder.errors import ConfigError, CredentialError
from recorder.model import Credential, Headers

BEARER_VARIABLE = "AWS_BEARER_TOKEN_BEDROCK"
"""Amazon Bedrock API keys; botocore prefers it as well."""
_REGION = re.compile(r"\.([a-z]{2,3}(?:-[a-z]+)+-\d+)\.")
_SERVICES = (("bedrock-mantle", "bedrock-mantle"), ("aws-external-anthropic", "aws-external-anthropic"))
_SIGNED = re.compile(r"content-type|x-amzn-.*")
"""Headers that are signed beside the host, date and session token: those that no proxy on the way changes."""


class Signable(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it will go out."""

    method: str
    url: str
    headers: Headers
    body: bytes


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """The headers to set, and the secrets behind them."""

    headers: Headers
    secrets: tuple[Credential, ...]


def need_botocore(where: str) -> None:
    """Raise ConfigError when AWS's library is not there."""
    try:
        import botocore.auth  # noqa: F401, PLC0415 -- an extra
    except ImportError:
        raise ConfigError(f"{where}: needs the package botocore; install {APP}[aws]") from None


def service_of(host: str) -> str:
    """Return the name that requests to a host are signed for."""
    return next((service for word, service in _SERVICES if word in host), "bedrock")


def region_of(host: str) -> str | None:
    """Return the region in a host's name; None when it names none, as a gateway's does not."""
    match = _REGION.search(host)
    return match[1] if match else None


class AwsCredentials:
    """Credentials found by botocore: environment, profile, SSO, web identity, process, container, instance."""

    def __init__(self, where: str, profile: str | None, service: str, region: str | None) -> None:
        self._where = where
        self._profile = profile
        self._service = service
        self._region = region

    async def fetch(self) -> Fetched[Any]:
        """Return botocore's credentials; they renew themselves. Raises CredentialError."""
        return await asyncio.to_thread(self._find), None

    async def sign(self, credentials: Any, request: Signable) -> Signed:
        """Return what to send with a request. Raises CredentialError."""
        return await asyncio.to_thread(self._sign, credentials, request)

    def _find(self) -> Any:
        import botocore.exceptions  # noqa: PLC0415 -- an extra
        import botocore.session  # noqa: PLC0415

        # At debug level it writes the canonical request, session token and all.
        logging.getLogger("botocore").setLevel(logging.WARNING)
        try:
            session = botocore.session.Session(profile=self._profile)
            self._region = self._region or session.get_config_variable("region")
            found = session.get_credentials()
        except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
            raise self._blame(error) from None
        if found is None:
            raise CredentialError(
                f"{self._where}: AWS's chain of credentials ends without any; "
                "see what `aws sts get-caller-identity` says in the recorder's environment"
            )
        if not self._region:
            raise CredentialError(f"{self._where}: no region is known; set `region`, or AWS_REGION")
        return found

    def _sign(self, credentials: Any, request: Signable) -> Signed:
        import botocore.auth  # noqa: PLC0415 -- an extra
        import botocore.awsrequest  # noqa: PLC0415
        import botocore.exceptions  # noqa: PLC0415

        try:
            frozen = credentials.get_frozen_credentials()
        except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
            raise self._blame(error) from None
        signed = {name: value for name, value in request.headers if _SIGNED.fullmatch(name.lower())}
        draft = botocore.awsrequest.AWSRequest(request.method, request.url, headers=signed, data=request.body)
        botocore.auth.SigV4Auth(frozen, self._service, self._region).add_auth(draft)
        added = tuple((name.lower(), value) for name, value in draft.headers.items() if name not in signed)
        return Signed(headers=added, secrets=tuple(_secrets(frozen)))

    def _blame(self, error: Exception) -> CredentialError:
        return CredentialError(
            f"{self._where}: AWS gave no credentials ({type(error).__name__}); "
            "see what `aws sts get-caller-identity` says in the recorder's environment"
        )


def _secrets(frozen: Any) -> list[Credential]:
    token = [Credential("aws-session-token", frozen.token)] if frozen.token else []
    return [Credential("aws-access-key-id", frozen.access_key), Credential("aws-secret-key", frozen.secret_key), *token]
