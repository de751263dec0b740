"""The way through a corporate proxy: for what reverse mode forwards, with its password, and around it.

mitmproxy's upstream mode takes forward traffic through a proxy; its `upstream_auth` would overwrite the client's own
`Authorization` in reverse mode. This addon leaves every header of the client's alone.
"""

import base64
from collections.abc import Collection

from mitmproxy import connection, exceptions, http
from mitmproxy.net import server_spec
from mitmproxy.proxy.mode_specs import ReverseMode, UpstreamMode


class Via:
    """mitmproxy addon; does nothing without a proxy."""

    def __init__(self, url: str | None, direct: Collection[str] = (), auth: str | None = None) -> None:
        """`url`: `http://HOST:PORT` for reverse listeners; `direct`: hosts that are reached without any proxy.

        `auth`: `user:password` for the proxy. Raises OptionsError for what is no proxy's address.
        """
        try:
            self._proxy = server_spec.parse(url, "http") if url else None
        except ValueError as error:
            raise exceptions.OptionsError(f"--via {url}: {error}; give http://HOST:PORT") from None
        self._direct = frozenset(host.lower() for host in direct)
        self._auth = f"Basic {base64.b64encode(auth.encode()).decode()}" if auth else None

    def request(self, flow: http.HTTPFlow) -> None:
        """Point the flow's connection through the proxy or around it; one that is right already is used again."""
        via = self.way(flow, flow.request.host)
        if flow.server_conn.via != via:
            if flow.server_conn.timestamp_start is not None:
                flow.server_conn = connection.Server(address=flow.server_conn.address)
            flow.server_conn.via = via
        if via and self._auth and _is_sent_to_proxy(flow):
            flow.request.headers["Proxy-Authorization"] = self._auth

    def http_connect_upstream(self, flow: http.HTTPFlow) -> None:
        """Sign in at the proxy when a tunnel is asked for."""
        if self._auth:
            flow.request.headers["Proxy-Authorization"] = self._auth

    def way(self, flow: http.HTTPFlow, host: str) -> server_spec.ServerSpec | None:
        """Return the proxy that a request to a host goes through; None: it goes straight."""
        mode = flow.client_conn.proxy_mode
        if host.lower() in self._direct:
            return None
        if isinstance(mode, UpstreamMode):
            return mode.scheme, mode.address
        return self._proxy if isinstance(mode, ReverseMode) else None


def _is_sent_to_proxy(flow: http.HTTPFlow) -> bool:
    # Everything else goes through a tunnel, and what is in the tunnel is for the provider alone.
    return flow.request.scheme == "http" and isinstance(flow.client_conn.proxy_mode, UpstreamMode)
