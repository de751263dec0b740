"""What an upstream refers to: values of headers that are kept elsewhere, certificates, its credential's source."""

import contextlib
import os
import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path

from recorder.credentials.references import read_reference
from recorder.errors import ConfigError
from recorder.policy.upstream import HeaderValue, Upstream

type Headers = tuple[tuple[str, str | None], ...]
"""Names in lower case with their values; None: the header is taken out."""


def resolve_headers(upstream: Upstream, env: Mapping[str, str] = os.environ) -> Headers:
    """Return the values of an upstream's headers. Raises ConfigError that names the reference, never its value."""
    where = f"[upstream.{upstream.name}] headers"
    return tuple(
        (name, None if value is None else _resolve(value, f"{where}.{name}", env)) for name, value in upstream.headers
    )


def files_of(upstream: Upstream) -> tuple[Path, ...]:
    """Return the files that an upstream refers to: a change of theirs is a change of the upstream."""
    headers = (value.name for _, value in upstream.headers if value and value.source == "file")
    return tuple(Path(name).expanduser() for name in (*headers, *filter(None, upstream.tls)))


def check_files(upstream: Upstream) -> None:
    """Raise ConfigError for a certificate or key that cannot be used."""
    where = f"[upstream.{upstream.name}]"
    ca, certificate, key = (str(Path(value).expanduser()) if value else None for value in upstream.tls)
    context = ssl.create_default_context()
    if ca:
        with _blaming(f"{where} ca: {ca}"):
            context.load_verify_locations(ca)
    if certificate:
        with _blaming(f"{where} client_certificate: {certificate}"):
            context.load_cert_chain(certificate, key, password="")


@contextlib.contextmanager
def _blaming(what: str) -> Iterator[None]:
    try:
        yield
    except ssl.SSLError:
        raise ConfigError(f"{what}: is not what it should be; give PEM files without a passphrase") from None
    except OSError as error:
        raise ConfigError(f"{what}: {error.strerror}; name a readable file") from None


def _resolve(value: HeaderValue, where: str, env: Mapping[str, str]) -> str:
    if value.source == "text":
        return value.name
    return f"{value.before} {read_reference(value.source, value.name, where, env)}".strip()
