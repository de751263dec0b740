"""Spans sent to an OTLP/HTTP endpoint (opentelemetry.io/docs/specs/otlp, 1.7.0), some hundred interactions at a time.

An endpoint that is busy is tried again, as it says itself or more and more slowly; what it refuses ends the export, and
the error says after which interaction it can be gone on with. Nobody is followed elsewhere: headers hold credentials.
"""

import http.client
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import msgspec

from recorder.errors import RecorderError

_PATH = "/v1/traces"
_MOST_LINES = 100
_MOST_BYTES = 2_000_000
_TRIES = 6
_LONGEST_WAIT_SECONDS = 30.0
_TIMEOUT_SECONDS = 30
_BUSY = {429, 502, 503, 504}
_BEFORE, _AFTER = b'{"resourceSpans":[', b"]}"


class Push:
    """Collects lines and sends them; `sleep` waits between two tries."""

    def __init__(self, endpoint: str, headers: Mapping[str, str], sleep: Callable[[float], None] = time.sleep) -> None:
        self._url = url_of(endpoint)
        self._headers = {"Content-Type": "application/json", **headers}
        self._sleep = sleep
        self._opener = build_opener(_Nowhere)
        self._lines: list[bytes] = []
        self._bytes = 0
        self.taken = 0
        """Interactions that the endpoint has taken."""
        self.rejected = 0
        """Spans that it said it did not want."""

    def add(self, line: bytes) -> bool:
        """Take a line; tell whether what was collected should be sent now."""
        self._lines.append(line.strip())
        self._bytes += len(line)
        return len(self._lines) >= _MOST_LINES or self._bytes >= _MOST_BYTES

    def flush(self) -> None:
        """Send what was collected. Raises RecorderError when the endpoint cannot be reached or refuses it."""
        if not self._lines:
            return
        requests = b",".join(line.removeprefix(_BEFORE).removesuffix(_AFTER) for line in self._lines)
        answer = self._send(_BEFORE + requests + _AFTER)
        self.rejected += _rejected(answer)
        self.taken += len(self._lines)
        self._lines, self._bytes = [], 0

    def _send(self, body: bytes) -> bytes:
        problem = ""
        for attempt in range(_TRIES):
            try:
                with self._opener.open(
                    Request(self._url, body, self._headers),  # noqa: S310 — `url_of` lets http and https through
                    timeout=_TIMEOUT_SECONDS,
                ) as response:
                    return bytes(response.read())
            except HTTPError as error:
                problem = f"answered {error.code} {error.reason}"
                if error.code not in _BUSY:
                    break
                wait = _asked_to_wait(error) or 0.5 * 2**attempt
            except (URLError, OSError, http.client.HTTPException) as error:
                problem = str(getattr(error, "reason", error))
                wait = 0.5 * 2**attempt
            if attempt < _TRIES - 1:
                self._sleep(min(wait, _LONGEST_WAIT_SECONDS))
        raise RecorderError(f"{self._url}: {problem}")


class _Nowhere(HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_named: Any) -> None:
        """Follow no redirect: it becomes the error that it is."""


def url_of(endpoint: str) -> str:
    """Return where spans go: the endpoint itself when it names the path, else below it. Raises RecorderError."""
    parts = urlsplit(endpoint)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        raise RecorderError("--endpoint: give http(s)://HOST[:PORT][/PATH], and credentials with --header")
    path = parts.path.rstrip("/")
    return urlunsplit((parts.scheme, parts.netloc, path if path.endswith(_PATH) else path + _PATH, parts.query, ""))


def _asked_to_wait(error: HTTPError) -> float:
    text = error.headers.get("Retry-After") or ""
    return float(text) if text.isdigit() else 0.0


def _rejected(answer: bytes) -> int:
    try:
        said = msgspec.json.decode(answer).get("partialSuccess") or {}
        return int(said.get("rejectedSpans") or 0)
    except (msgspec.DecodeError, AttributeError, ValueError, TypeError):
        return 0
