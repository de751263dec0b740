"""Lets upstreams stand in for each other: `mitmdump -s addons/route.py -s addons/health.py --set recorder_config=…`.

Thin: `recorder.routing.health` keeps the circuit breakers; the routing addon asks which of a rule's upstreams a request
goes to. Before a new connection to one that others stand by for, it is tried whether it can be made: mitmproxy answers
the client itself when it cannot. On a connection that is there nothing is tried. An answer that sets an upstream aside
goes to the client marked `x-should-retry`, without its `retry-after`: the next upstream need not be waited for.
"""

import asyncio
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path

from mitmproxy import connection, ctx, exceptions, http
from mitmproxy.addonmanager import Loader
from mitmproxy.proxy.mode_specs import UpstreamMode

from recorder.config import declare_options, given_options, load_options
from recorder.errors import RecorderError
from recorder.policy.upstream import Upstream
from recorder.routing.health import Change, Seen, health_path, is_trouble, parse_retry_after, write_health
from recorder.routing.health import Health as Breakers

CONNECT_SECONDS = 3.0
"""Longer than any network that works takes; a host that swallows packets must not hold a request up for long."""
NOTE_COMMAND = "recorder.note"
BLOCKED, REFUSAL = "recorder_blocked", "recorder_refusal"
"""In the metadata of a flow that an addon of ours has answered itself."""


class Health:
    """mitmproxy addon; does nothing for rules with one upstream."""

    def __init__(self) -> None:
        self._breakers = Breakers(time.monotonic)
        self._sent: dict[str, tuple[str, tuple[str, ...]]] = {}
        """By the flow's id: where it went, and all that could have been."""
        self._path = Path()

    def load(self, loader: Loader) -> None:
        """Declare the options that it shares with the audit addon."""
        declare_options(loader.add_option)

    def configure(self, updated: set[str]) -> None:
        """Learn where other programs look for what is set aside."""
        if any(name.startswith("recorder_") for name in updated):
            try:
                self._path = health_path(load_options(given_options(ctx.options)).db, os.getpid())
            except RecorderError as error:
                raise exceptions.OptionsError(str(error)) from None

    def done(self) -> None:
        """Take back what was told."""
        write_health(self._path, ())

    async def choose(self, flow: http.HTTPFlow, upstreams: Sequence[Upstream]) -> Upstream:
        """Return the best of the upstreams, given in the order of preference, that is well and can be reached."""
        by_name = {upstream.name: upstream for upstream in upstreams}
        *others, last = self._breakers.ranked(list(by_name))
        for name in others:
            if await self._can_reach(flow, by_name[name]):
                break
            self._tell(self._breakers.failed(name, "no connection can be made"))
        else:
            name = last
        self._breakers.picked(name)
        self._sent[flow.id] = name, tuple(by_name)
        return by_name[name]

    def passed(self, flow: http.HTTPFlow, reason: str | None) -> None:
        """A request does not go where it was to go after all; `reason`: what is wrong there; None: nothing."""
        name, _ = self._sent.pop(flow.id)
        if reason is None:
            self._breakers.unsent(name)
        else:
            self._tell(self._breakers.failed(name, reason))

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        """Learn from an answer; have the client ask again at once when another upstream is well."""
        assert flow.response
        if (sent := self._sent.get(flow.id)) is None:
            return
        name, names = sent
        if BLOCKED in flow.metadata or REFUSAL in flow.metadata:
            self._breakers.unsent(name)  # what another addon answers says nothing about the upstream
            return
        status = flow.response.status_code
        if not is_trouble(status):
            self._tell(self._breakers.succeeded(name))
            return
        asked = parse_retry_after(flow.response.headers.get("retry-after"), time.time())
        self._tell(self._breakers.failed(name, f"it answered {status}", asked))
        if any(self._breakers.is_well(other) for other in names):
            for header in ("retry-after", "retry-after-ms"):
                flow.response.headers.pop(header, None)
            flow.response.headers["x-should-retry"] = "true"

    def response(self, flow: http.HTTPFlow) -> None:
        """Forget the flow."""
        self._sent.pop(flow.id, None)

    def error(self, flow: http.HTTPFlow) -> None:
        """Learn from a connection that broke, unless it was the client's."""
        sent = self._sent.pop(flow.id, None)
        if sent and flow.client_conn.connected:
            self._tell(self._breakers.failed(sent[0], "the connection broke"))

    async def _can_reach(self, flow: http.HTTPFlow, upstream: Upstream) -> bool:
        """Say whether a connection is there or can be made; of what lies behind a proxy, only using it tells."""
        if _is_connected(flow, upstream) or _is_behind_proxy(flow, upstream):
            return True
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                _, writer = await asyncio.open_connection(upstream.host, upstream.port)
        except OSError:  # TimeoutError is one
            return False
        writer.transport.abort()
        return True

    def _tell(self, change: Change | None) -> None:
        """Record a change of state, and say it to other programs."""
        if change is None:
            return
        now = time.time()
        seen = [
            Seen(upstream=name, reason=reason, until_utc=now + seconds)
            for name, (reason, seconds) in self._breakers.set_aside().items()
        ]
        write_health(self._path, seen)
        if NOTE_COMMAND in ctx.master.commands.commands:
            body = {"upstream": change.upstream, "state": change.state, "reason": change.reason}
            asked = {} if change.seconds is None else {"seconds": round(change.seconds)}
            ctx.master.commands.call(NOTE_COMMAND, "health", json.dumps(body | asked))


def _is_connected(flow: http.HTTPFlow, upstream: Upstream) -> bool:
    handler = ctx.master.addons.get("proxyserver").connections.get(flow.client_conn.id)
    return any(
        isinstance(conn, connection.Server)
        and conn.connected
        and conn.address == (upstream.host, upstream.port)
        and conn.tls == (upstream.scheme == "https")
        for conn in (handler.transports if handler else ())
    )


def _is_behind_proxy(flow: http.HTTPFlow, upstream: Upstream) -> bool:
    via = ctx.master.addons.get("via")
    if via is None:
        return isinstance(flow.client_conn.proxy_mode, UpstreamMode)
    return via.way(flow, upstream.host) is not None


addons = [Health()]
