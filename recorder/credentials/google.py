"""Tokens of Google's application default credentials, for Vertex AI."""

import asyncio
import datetime
import logging
from typing import Any

from recorder.config import APP
from recorder.credentials.renewed import Fetched
from recorder.errors import ConfigError, CredentialError

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_EARLY_SECONDS = 225.0
"""A token is renewed so long before its end: google-auth's own threshold."""
_UNKNOWN_SECONDS = 300.0

type Token = tuple[str, str | None]
"""The token, and the project that the calls are billed to when it is another."""


def need_google(where: str) -> None:
    """Raise ConfigError when Google's library is not there."""
    try:
        import google.auth.transport.requests  # noqa: F401, PLC0415 -- an extra
    except ImportError:
        raise ConfigError(f"{where}: needs the package google-auth; install {APP}[google]") from None


class GoogleTokens:
    """The credentials of this machine or account, found at the first use."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._credentials: Any = None

    async def fetch(self) -> Fetched[Token]:
        """Return a new token. Raises CredentialError."""
        return await asyncio.to_thread(self._fetch)

    def _fetch(self) -> Fetched[Token]:
        import google.auth  # noqa: PLC0415 -- an extra
        import google.auth.exceptions  # noqa: PLC0415
        import google.auth.transport.requests  # noqa: PLC0415

        logging.getLogger("google.auth").setLevel(logging.WARNING)
        try:
            if self._credentials is None:
                self._credentials, _ = google.auth.default(scopes=[SCOPE])
            self._credentials.refresh(google.auth.transport.requests.Request())
        except google.auth.exceptions.DefaultCredentialsError:
            raise CredentialError(
                f"{self._where}: there are no application default credentials; set GOOGLE_APPLICATION_CREDENTIALS, or "
                "run `gcloud auth application-default login`"
            ) from None
        except (google.auth.exceptions.GoogleAuthError, ValueError) as error:
            self._credentials = None
            # Not its message: it quotes what the token server said.
            raise CredentialError(
                f"{self._where}: Google gave no token ({type(error).__name__}); "
                "try `gcloud auth application-default print-access-token`"
            ) from None
        return (self._credentials.token, self._credentials.quota_project_id), self._seconds()

    def _seconds(self) -> float:
        expiry: datetime.datetime | None = self._credentials.expiry
        if expiry is None:
            return _UNKNOWN_SECONDS
        left = expiry.replace(tzinfo=datetime.UTC) - datetime.datetime.now(datetime.UTC)
        return max(0.0, left.total_seconds() - _EARLY_SECONDS)
