"""Certificates on both sides of the recorder: what it trusts and presents upstream, what the client must trust of it.

The client trusts its bundled authorities, the system's, and those of NODE_EXTRA_CA_CERTS; a recorder in between has to
trust the same, and has to present the client's certificate where mutual TLS is asked for.
"""

import ssl
from collections.abc import Mapping
from pathlib import Path

import certifi

from recorder.errors import ConfigError

_PRIVATE = 0o600


def upstream_options(env: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return mitmproxy options for the connection to the provider; files go to `folder`, which is private.

    Raises ConfigError when a file that the environment names cannot be read.
    """
    options = {"ssl_verify_upstream_trusted_ca": str(_write_authorities(env, folder))}
    if certificate := env.get("CLAUDE_CODE_CLIENT_CERT"):
        options["client_certs"] = str(_write_client_certificate(certificate, env, folder))
    return options


def client_authorities(ca: Path, env: Mapping[str, str], folder: Path) -> Path:
    """Return the file for NODE_EXTRA_CA_CERTS: the recorder's own CA, with what is named there already."""
    extra = env.get("NODE_EXTRA_CA_CERTS")
    if not extra:
        return ca
    bundle = folder / "client-authorities.pem"
    _write(bundle, [_read(ca, "the recorder's CA"), _read(Path(extra), "NODE_EXTRA_CA_CERTS")])
    return bundle


def _write_authorities(env: Mapping[str, str], folder: Path) -> Path:
    pems = [Path(certifi.where()).read_text(encoding="ascii")]
    # What the system's own store holds beyond that, a company's root for example.
    system = ssl.create_default_context().get_ca_certs(binary_form=True)
    pems += [ssl.DER_cert_to_PEM_cert(certificate) for certificate in system]
    if extra := env.get("NODE_EXTRA_CA_CERTS"):
        pems.append(_read(Path(extra), "NODE_EXTRA_CA_CERTS"))
    path = folder / "upstream-authorities.pem"
    _write(path, pems)
    return path


def _write_client_certificate(certificate: str, env: Mapping[str, str], folder: Path) -> Path:
    if env.get("CLAUDE_CODE_CLIENT_KEY_PASSPHRASE"):
        raise ConfigError("CLAUDE_CODE_CLIENT_KEY has a passphrase, which mitmproxy cannot use; name a key without one")
    key = env.get("CLAUDE_CODE_CLIENT_KEY") or certificate
    names = dict.fromkeys((key, certificate))
    path = folder / "client-certificate.pem"
    _write(path, [_read(Path(name), "CLAUDE_CODE_CLIENT_CERT or _KEY") for name in names])
    return path


def _read(path: Path, name: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{name}: {path} cannot be read ({type(error).__name__}); correct or unset it") from None


def _write(path: Path, pems: list[str]) -> None:
    path.touch(mode=_PRIVATE)
    path.write_text("\n".join(dict.fromkeys(pem.strip() for pem in pems)) + "\n", encoding="utf-8")
