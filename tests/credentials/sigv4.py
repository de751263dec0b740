"""Checks a Signature Version 4 from the specification alone, as a service would.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html, seen in November 2026.
"""

import hashlib
import hmac
import re
from urllib.parse import quote, unquote

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<scope>[^,\s]+), ?SignedHeaders=(?P<names>[^,\s]+), ?"
    r"Signature=(?P<hex>[0-9a-f]{64})"
)


def scope_of(headers: dict[str, str]) -> list[str]:
    """Return access key id, date, region, service and terminator that a request says it is signed for."""
    match = _AUTHORIZATION.fullmatch(headers["authorization"])
    assert match
    return match["scope"].split("/")


def is_signed(method: str, target: str, headers: dict[str, str], body: bytes, secret_key: str) -> bool:
    """Say whether the signature of a request is right; names of headers in lower case, values as received."""
    match = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
    if match is None:
        return False
    _, date, region, service, end = match["scope"].split("/")
    names = match["names"].split(";")
    amz = [name for name in headers if name.startswith("x-amz-") and name != "x-amz-content-sha256"]
    # "At a minimum, you must include the host header and any x-amz-* headers in the request."
    if names != sorted(names) or not {"host", *amz} <= set(names) or end != "aws4_request":
        return False
    path, _, query = target.partition("?")
    canonical = "\n".join(
        [
            method,
            # The path as sent, each segment encoded once more: every service but S3.
            "/".join(quote(segment, safe="-_.~") for segment in path.split("/")),
            "&".join(sorted(_pair(one) for one in query.split("&") if one)),
            *(f"{name}:{' '.join(headers[name].split())}" for name in names),
            "",
            match["names"],
            hashlib.sha256(body).hexdigest(),
        ]
    )
    to_sign = "\n".join(
        [
            "AWS4-HMAC-SHA256",
            headers["x-amz-date"],
            f"{date}/{region}/{service}/aws4_request",
            hashlib.sha256(canonical.encode()).hexdigest(),
        ]
    )
    key = f"AWS4{secret_key}".encode()
    for word in (date, region, service, "aws4_request"):
        key = hmac.digest(key, word.encode(), "sha256")
    expected = hmac.new(key, to_sign.encode(), "sha256").hexdigest()
    return headers["x-amz-date"].startswith(date) and hmac.compare_digest(expected, match["hex"])


def _pair(text: str) -> str:
    name, _, value = text.partition("=")
    return f"{quote(unquote(name), safe='-_.~')}={quote(unquote(value), safe='-_.~')}"
