"""Values that stand elsewhere: `env:NAME` and `file:PATH`, so that no secret is in the configuration file."""

import contextlib
import os
import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path

from recorder.errors import ConfigError
from recorder.policy.upstream import HeaderValue, Upstream

type Headers = tuple[tuple[str, str | None], ...]
"""Names in lower case with their values; None: the header is taken out."""

_MOST_BYTES = 4_000_000
"""A bundle of all the world's authorities is a quarter of a megabyte."""


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
    if value.source == "env":
        found = env.get(value.name, "").strip()
        if not found:
            raise ConfigError(f"{where}: {value.name} is not set in the recorder's environment; set it")
    else:
        found = _read(Path(value.name).expanduser(), where).decode("latin-1").strip()
    if not found or not found.isprintable() or not found.isascii():
        raise ConfigError(f"{where}: what {value} holds is no value of a header: one line of ASCII, not empty")
    return f"{value.before} {found}".strip()


def _read(path: Path, where: str) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{where}: {path}: {error.strerror}; name a readable file") from None
    if len(data) > _MOST_BYTES:
        raise ConfigError(f"{where}: {path} holds more than {_MOST_BYTES} bytes")
    return data
