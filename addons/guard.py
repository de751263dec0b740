"""Refuses requests that no client of the recorder's sends: `mitmdump -s addons/guard.py --mode reverse:https://…`.

A reverse listener forwards to one provider for whoever reaches it. A web page could: by a host name of its own that it
lets point at the loopback (DNS rebinding), or by asking for `http://127.0.0.1:8787` outright. The first shows in the
`Host` of the request, the second in its `Origin`, which browsers set and clients of a gateway do not. A listener that
other machines reach is refused at the start unless that is asked for.
"""

import ipaddress
import logging

from mitmproxy import ctx, exceptions, http
from mitmproxy.addonmanager import Loader
from mitmproxy.net.http import url
from mitmproxy.proxy import mode_specs

from recorder.config import declare_options, given_options, load_options
from recorder.errors import RecorderError
from recorder.policy.address import is_loopback_name, parse_authority
from recorder.wire.classify import classify
from recorder.wire.refusal import refuse

logger = logging.getLogger(__name__)

REFUSED_COMMAND = "recorder.refused"


class Guard:
    """mitmproxy addon for reverse listeners; changes no request."""

    def __init__(self, *, allow_remote: bool = False) -> None:
        """`allow_remote`: listeners that other machines reach are meant."""
        self._allow_remote = allow_remote
        self._names: frozenset[str] = frozenset()

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
        if {"mode", "listen_host"} & updated and not self._allow_remote:
            self._check_listeners()

    def running(self) -> None:
        """Keep `Host` as clients sent it, to look at; `requestheaders` puts the provider's in its place."""
        ctx.options.keep_host_header = True

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Refuse a request from elsewhere before anything of it goes anywhere."""
        mode = flow.client_conn.proxy_mode
        if not isinstance(mode, mode_specs.ReverseMode):
            return
        if (reason := self._objection(flow.request, flow.client_conn.sockname[0])) is not None:
            _refuse(flow, *reason)
        # As mitmproxy does it without keep_host_header, to the letter.
        assert flow.server_conn.address
        flow.request.host_header = url.hostport(
            "https" if flow.server_conn.tls else "http", *flow.server_conn.address[:2]
        )

    def _objection(self, request: http.Request, reached_at: str) -> tuple[str, str] | None:
        named = {value for value in (*request.headers.get_all("host"), request.authority) if value}
        if len(named) > 1:
            return "host", "it names several hosts"
        # Without any name (HTTP/1.0, a program's own few lines of HTTP) it is no browser's.
        name = parse_authority(named.pop()) if named else "localhost"
        is_own = self._allow_remote and name == reached_at
        if name is None or not (is_own or is_loopback_name(name) or name in self._names):
            return "host", "its Host is no name of this recorder; see listen_names in recorder.toml"
        if "origin" in request.headers:
            return "origin", "it has an Origin, as the requests of web pages have"
        return None

    def _check_listeners(self) -> None:
        for text in ctx.options.mode:
            try:
                mode = mode_specs.ProxyMode.parse(text)
            except ValueError:
                continue  # mitmproxy says so itself
            host = mode.listen_host(ctx.options.listen_host)
            if mode.type_name in ("reverse", "regular", "upstream") and not _is_loopback(host):
                raise exceptions.OptionsError(
                    f"--mode {mode.type_name} listens on {host or 'all addresses'}: other machines could use the "
                    "provider through it and be recorded as you; listen on 127.0.0.1, or say --allow-remote"
                )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _refuse(flow: http.HTTPFlow, kind: str, reason: str) -> None:
    protocol = classify(flow.request.method, "", flow.request.path).protocol
    refusal = refuse(protocol, 403, "permission_error", f"The audit recorder refused this request: {reason}")
    flow.response = http.Response.make(refusal.status, refusal.body, dict(refusal.headers))
    if REFUSED_COMMAND in ctx.master.commands.commands:
        ctx.master.commands.call(REFUSED_COMMAND, kind)
    else:
        logger.warning("recorder: refused a request: %s", reason)


addons = [Guard()]
