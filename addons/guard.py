"""Refuses requests that no client of the recorder's sends: `mitmdump -s addons/guard.py --mode reverse:https://…`.

A reverse listener forwards to one provider for whoever reaches it. A web page could: by a host name of its own that it
lets point at the loopback (DNS rebinding), or by asking for `http://127.0.0.1:8787` outright. The first shows in the
`Host` of the request, the second in its `Origin`, which browsers set and clients of a gateway do not. A listener that
other machines reach is refused at the start unless that is asked for.
"""

import asyncio
import ipaddress
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from mitmproxy import certs, ctx, exceptions, http
from mitmproxy.addonmanager import Loader
from mitmproxy.net.http import url
from mitmproxy.proxy import mode_specs

from recorder.access.keys import has_keys
from recorder.access.listening import NO_KEYS, REMOTE
from recorder.config import config_dir, declare_options, given_options, load_options
from recorder.errors import RecorderError
from recorder.policy.address import is_loopback_name, parse_authority
from recorder.wire.classify import classify
from recorder.wire.refusal import refuse_for_good

logger = logging.getLogger(__name__)

REFUSED_COMMAND = "recorder.refused"
_WITHOUT_KEYS = ("socks5", "transparent")
"""Modes that carry whatever a client sends to wherever it likes, and in which it can show no key for that."""


class Guard:
    """mitmproxy addon for reverse listeners; changes no request."""

    def __init__(self, *, allow_remote: bool = False) -> None:
        """`allow_remote`: listeners that other machines reach are meant."""
        self.allow_remote = allow_remote
        self._names: frozenset[str] = frozenset()
        self._certificate: certs.CertStoreEntry | None = None
        self._objected: exceptions.OptionsError | None = None

    def load(self, loader: Loader) -> None:
        """Declare the options that it shares with the audit addon."""
        declare_options(loader.add_option)

    def configure(self, updated: set[str]) -> None:
        """Read the names that clients may use; refuse listeners that other machines reach."""
        if any(name.startswith("recorder_") for name in updated):
            try:
                settings = load_options(given_options(ctx.options))
            except RecorderError as error:
                raise exceptions.OptionsError(str(error)) from None
            self._names = frozenset(name.lower().removesuffix(".") for name in settings.listen_names)
            self._certificate = None
            if settings.tls_certificate:
                key = settings.tls_key or settings.tls_certificate
                self._certificate = _read_certificate(settings.tls_certificate, key)
                self._names |= {str(name.value).lower() for name in self._certificate.cert.altnames}
        if {"mode", "listen_host"} & updated and not self.allow_remote:
            self._check_listeners()

    def running(self) -> None:
        """Keep `Host` as clients sent it, to look at: `requestheaders` puts the provider's in its place."""
        ctx.options.keep_host_header = True
        if self._certificate:
            # In a tunnel clients are shown certificates that are made up for whom they ask for; this one's names aside.
            names = () if _is_any_forward() else ("*",)
            ctx.master.addons.get("tlsconfig").certstore.add_cert(self._certificate, *names)
        if any(_remote_listeners()) and not self.allow_remote and ctx.master.addons.get("access") is None:
            logger.error("recorder: nobody asks for keys; load -s addons/access.py as well, or listen on 127.0.0.1")
            asyncio.get_running_loop().call_soon(sys.exit, 1)

    def http_connect(self, flow: http.HTTPFlow) -> None:
        """Refuse a tunnel that is asked for in the clear."""
        if self._is_bare(flow):
            _refuse(flow, "tls", "it is not encrypted, and could be read on its way; use https://")

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Refuse a request from elsewhere before anything of it goes anywhere."""
        if self._is_bare(flow):
            _refuse(flow, "tls", "it is not encrypted, and could be read on its way; use https://")
            return
        if not isinstance(flow.client_conn.proxy_mode, mode_specs.ReverseMode):
            return
        try:
            reason = self._objection(flow)
        except Exception as error:  # noqa: BLE001 -- mitmproxy lets a request go on whose hook has raised
            reason = "host", f"its Host cannot be read ({type(error).__name__})"
        if reason is not None:
            _refuse(flow, *reason)
        # As mitmproxy does it without keep_host_header, to the letter.
        assert flow.server_conn.address
        flow.request.host_header = url.hostport(
            "https" if flow.server_conn.tls else "http", *flow.server_conn.address[:2]
        )

    def _objection(self, flow: http.HTTPFlow) -> tuple[str, str] | None:
        request = flow.request
        named = {value for value in (*request.headers.get_all("host"), request.authority) if value}
        if len(named) > 1:
            return "host", "it names several hosts"
        # Without any name (HTTP/1.0, a program's own few lines of HTTP) it is no browser's.
        name = parse_authority(named.pop()) if named else "localhost"
        is_ours = name is not None and (is_loopback_name(name) or name in self._names)
        if not is_ours and not (_is_remote(flow) and name == flow.client_conn.sockname[0]):
            return "host", "its Host is no name of this recorder; see listen_names in recorder.toml"
        if "origin" in request.headers:
            return "origin", "it has an Origin, as the requests of web pages have"
        return None

    def _is_bare(self, flow: http.HTTPFlow) -> bool:
        """Whether a request comes unencrypted to a listener that has a certificate and is for other machines."""
        if self._certificate is None or flow.client_conn.tls:
            return False
        return _is_remote(flow)

    def _check_listeners(self) -> None:
        for name, host in _remote_listeners():
            if name in _WITHOUT_KEYS or self._certificate is None or not has_keys(config_dir()):
                reason = NO_KEYS if name in _WITHOUT_KEYS else REMOTE
                # mitmproxy goes back to its own default then, and asks about that: what is wrong is the first one.
                said = f"--mode {name} listens on {host or 'all addresses'}: {reason}"
                self._objected = self._objected or exceptions.OptionsError(said)
                raise self._objected
        self._objected = None


def _is_any_forward() -> bool:
    return any(not isinstance(mode, mode_specs.ReverseMode) for _, mode in _modes())


def _is_remote(flow: http.HTTPFlow) -> bool:
    return not _is_loopback(flow.client_conn.proxy_mode.listen_host(ctx.options.listen_host))


def _remote_listeners() -> Iterator[tuple[str, str]]:
    """Give the listeners that other machines reach: the mode's name and the host."""
    for name, mode in _modes():
        host = mode.listen_host(ctx.options.listen_host)
        if name in ("reverse", "regular", "upstream", *_WITHOUT_KEYS) and not _is_loopback(host):
            yield name, host


def _modes() -> Iterator[tuple[str, mode_specs.ProxyMode]]:
    for text in ctx.options.mode:
        try:
            mode = mode_specs.ProxyMode.parse(text)
        except ValueError:
            continue  # mitmproxy says so itself
        yield mode.type_name, mode


def _read_certificate(certificate: Path, key: Path) -> certs.CertStoreEntry:
    """Return what clients are shown. Raises OptionsError when it cannot be used."""
    try:
        chain = x509.load_pem_x509_certificates(certificate.read_bytes())
        private = serialization.load_pem_private_key(key.read_bytes(), password=None)
    except OSError as error:
        raise exceptions.OptionsError(f"tls_certificate, tls_key: {error.filename}: {error.strerror}") from None
    except (ValueError, TypeError):
        raise exceptions.OptionsError(
            f"tls_certificate {certificate}, tls_key {key}: are not what they should be; give PEM without a passphrase"
        ) from None
    if chain[0].public_key() != private.public_key():
        raise exceptions.OptionsError(f"tls_key {key}: is not the key of tls_certificate {certificate}")
    found = [certs.Cert(one) for one in chain]
    return certs.CertStoreEntry(found[0], private, None, found)  # type: ignore[arg-type] # whatever kind of key


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _refuse(flow: http.HTTPFlow, kind: str, reason: str) -> None:
    protocol = classify(flow.request.method, "", flow.request.path).protocol
    refusal = refuse_for_good(protocol, 403, "permission_error", f"The audit recorder refused this request: {reason}")
    flow.response = http.Response.make(refusal.status, refusal.body, dict(refusal.headers))
    if REFUSED_COMMAND in ctx.master.commands.commands:
        ctx.master.commands.call(REFUSED_COMMAND, kind)
    else:
        logger.warning("recorder: refused a request: %s", reason)


addons = [Guard()]
