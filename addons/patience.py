"""How long an upstream may take before the first byte of its answer: `answer_seconds` of an upstream.

mitmproxy has time-outs for a whole connection alone, and a model may be silent for long once it has begun. So the
connection that a request waits on is cut by its own handler, as if the provider had gone away. The wait begins when the
request goes out: what limits held it back for is not the upstream's doing.
"""

import asyncio

from mitmproxy import ctx, http


class Patience:
    """The waits for answers of one proxy."""

    def __init__(self) -> None:
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def begin(self, flow: http.HTTPFlow, seconds: float) -> None:
        """Wait for an answer for so long."""
        self.end(flow)
        self._timers[flow.id] = asyncio.get_running_loop().call_later(seconds, self._give_up, flow, seconds)

    def end(self, flow: http.HTTPFlow) -> None:
        """There is an answer, or nobody waits for it any more."""
        if timer := self._timers.pop(flow.id, None):
            timer.cancel()

    def _give_up(self, flow: http.HTTPFlow, seconds: float) -> None:
        self._timers.pop(flow.id, None)
        handler = ctx.master.addons.get("proxyserver").connections.get(flow.client_conn.id)
        address = (flow.request.host, flow.request.port)
        for conn, transport in list(handler.transports.items()) if handler else ():
            waits = conn is flow.server_conn or (not conn.connected and getattr(conn, "address", None) == address)
            if waits and conn is not flow.client_conn and transport.handler:
                transport.handler.cancel(f"no answer within {seconds:g} s")
