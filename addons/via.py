"""Sends what reverse mode forwards through a corporate proxy; mitmproxy's upstream mode does so for forward mode."""

from mitmproxy import connection, exceptions, http
from mitmproxy.net import server_spec
from mitmproxy.proxy.mode_specs import ReverseMode


class Via:
    """mitmproxy addon: `http://HOST:PORT` between the recorder and every upstream of a reverse listener."""

    def __init__(self, url: str) -> None:
        """Raise OptionsError for what is no proxy's address."""
        try:
            self._proxy = server_spec.parse(url, "http")
        except ValueError as error:
            raise exceptions.OptionsError(f"--via {url}: {error}; give http://HOST:PORT") from None

    def request(self, flow: http.HTTPFlow) -> None:
        """Point the flow's connection through the proxy; a connection that is already through it is used again."""
        if not isinstance(flow.client_conn.proxy_mode, ReverseMode) or flow.server_conn.via == self._proxy:
            return
        if flow.server_conn.timestamp_start is not None:
            flow.server_conn = connection.Server(address=flow.server_conn.address)
        flow.server_conn.via = self._proxy
