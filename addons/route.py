"""Sends requests where the user's rules say: `mitmdump -s addons/audit.py -s addons/route.py --set recorder_config=…`.

Thin: hooks, and what of mitmproxy's flows a decision needs and changes; `recorder.policy` decides, `recorder.routing`
reads the files. Without rules nothing is touched. The configuration, the switch of `recorder route use` and the files
that they refer to are watched: a change is in force for the next request, whole or not at all; what is under way stays
where it is. mitmdump connects to its own upstream before it knows better, unless `connection_strategy=lazy` is set.
"""

import asyncio
import contextlib
import json
import logging
import os
import weakref
from pathlib import Path
from typing import Any

import certifi
from mitmproxy import command, connection, ctx, exceptions, flow, http, tls
from mitmproxy.addonmanager import Loader
from OpenSSL import SSL
from patience import Patience
from rerouting import BLOCKED, TRANSLATING, Rerouting, refuse_unrouted
from translating import Translating
from whole import refuse_streaming

from recorder.config import declare_options, find_file, given_options, load_options
from recorder.errors import RecorderError, told
from recorder.model import Labels
from recorder.policy.policy import Policy, changes
from recorder.routing.policy_file import Loaded, load_policy, watched

logger = logging.getLogger(__name__)

WATCH_SECONDS = 1.0
NOTE_COMMAND = "recorder.note"
_ROUTED = "recorder_routed"


class Route:
    """mitmproxy addon that changes where requests go, by the user's rules alone."""

    def __init__(self) -> None:
        self._loaded = Loaded()
        self._config: Path | None = None
        self._db = Path()
        self._labels = Labels()
        self._seen: tuple[object, ...] = ()
        self._watching: asyncio.Task[None] | None = None
        self._patience = Patience()
        self._patience_of: weakref.WeakKeyDictionary[flow.Flow, float] = weakref.WeakKeyDictionary()
        """How long the answer to a request may take, which is routed but has not gone out yet."""
        self._has_passed: weakref.WeakSet[flow.Flow] = weakref.WeakSet()
        """Flows whose hook here is over: loaded before the audit addon, it is before they are routed."""

    def load(self, loader: Loader) -> None:
        """Declare the options that it shares with the audit addon."""
        declare_options(loader.add_option)
        text: Any = str | None
        loader.add_option("recorder_use", text, None, "The upstream that comes before all rules.")

    def configure(self, updated: set[str]) -> None:
        """Read the policy; refuse one that is wrong."""
        refuse_streaming(updated)
        if not any(name.startswith("recorder_") for name in updated):
            return
        given = given_options(ctx.options)
        try:
            settings = load_options(given)
            self._config = find_file(Path(given["config"]) if given["config"] else None)
            self._db = settings.db
            self._seen = self._signature(self._loaded.policy)
            self._loaded = load_policy(self._config, settings.db, ctx.options.recorder_use)
        except RecorderError as error:
            raise exceptions.OptionsError(str(error)) from None
        self._seen = self._signature(self._loaded.policy)
        self._labels = Labels(user=settings.user, team=settings.team, project=settings.project)

    def running(self) -> None:
        """Begin to watch the files."""
        self._note_policy(Policy(), "in force at the start")
        self._watching = asyncio.create_task(self._watch(), name="recorder-route")

    async def done(self) -> None:
        """Stop watching."""
        if self._watching:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)

    async def request(self, flow: http.HTTPFlow) -> None:
        """Send a request where it belongs; the audit addon, where there is one, asks for it itself."""
        if NOTE_COMMAND not in ctx.master.commands.commands:
            await self.route(flow)
        # Behind the audit addon, as a rule: limits have let it go by then.
        self._has_passed.add(flow)
        self._wait(flow)

    @command.command("recorder.route")  # type: ignore[untyped-decorator] # mitmproxy's
    async def route(self, flow: flow.Flow) -> None:
        """Apply the policy to a request, once; to be awaited, since a credential may have to be fetched."""
        if not isinstance(flow, http.HTTPFlow) or flow.response or _ROUTED in flow.metadata:
            return
        flow.metadata[_ROUTED] = True
        loaded = self._loaded
        if not loaded.policy.is_active:
            return
        try:
            upstream = await Rerouting(flow, loaded, self._labels).apply()
        except Exception as error:  # noqa: BLE001 -- mitmproxy lets a request go on, to where the client sent it
            logger.error("recorder: a request was not routed: %s", told(error))  # noqa: TRY400 -- for the user
            refuse_unrouted(flow, told(error))
            return
        if upstream and upstream.answer_seconds:
            self._patience_of[flow] = upstream.answer_seconds
            if flow in self._has_passed:
                self._wait(flow)

    def tls_start_server(self, tls_start: tls.TlsData) -> None:
        """Give a connection to an upstream its own authorities and certificate."""
        upstreams = self._loaded.policy.upstreams.values()
        assert isinstance(tls_start.conn, connection.Server)
        address = tls_start.conn.address
        found = next((one for one in upstreams if one.scheme == "https" and (one.host, one.port) == address), None)
        if found is None or not any(found.tls) or tls_start.ssl_conn is None:
            return
        ca, certificate, key = (str(Path(path).expanduser()) if path else None for path in found.tls)
        # Only what is trusted and shown comes from here: what mitmproxy set on the connection, the check of the host's
        # name above all, stays. Not made by mitmproxy's function, which shares contexts between hosts.
        context = SSL.Context(SSL.TLS_CLIENT_METHOD)
        context.load_verify_locations(ca or ctx.options.ssl_verify_upstream_trusted_ca or certifi.where())
        if certificate:
            context.use_certificate_chain_file(certificate)
            context.use_privatekey_file(key or certificate)
        tls_start.ssl_conn.set_context(context)

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        """An answer has begun: it may take its time now."""
        self._patience.end(flow)
        if (translating := self._own(flow)) is not None:
            translating.begin()

    def response(self, flow: http.HTTPFlow) -> None:
        """Forget the flow."""
        self._patience.end(flow)
        if (translating := self._own(flow)) is not None:
            translating.end()

    def error(self, flow: http.HTTPFlow) -> None:
        """Forget the flow."""
        self._patience.end(flow)

    def _own(self, flow: http.HTTPFlow) -> Translating | None:
        """Return what translates a flow's answer, unless the audit addon sees to it, which records both sides."""
        is_ours = NOTE_COMMAND not in ctx.master.commands.commands and BLOCKED not in flow.metadata
        return flow.metadata.get(TRANSLATING) if is_ours else None

    def _wait(self, flow: http.HTTPFlow) -> None:
        seconds = self._patience_of.pop(flow, None)
        if seconds is not None and flow.response is None:
            self._patience.begin(flow, seconds)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            with contextlib.suppress(OSError):
                self._look()

    def _look(self) -> None:
        """Read the files again when one of them changed."""
        signature = self._signature(self._loaded.policy)
        if signature == self._seen:
            return
        self._seen = signature
        old = self._loaded.policy
        try:
            self._loaded = load_policy(self._config, self._db, ctx.options.recorder_use)
        except RecorderError as error:
            logger.error("recorder: the routing in force stays: %s", error)  # noqa: TRY400 -- for the user
            return
        self._seen = self._signature(self._loaded.policy)
        if old.digest != self._loaded.policy.digest:
            self._note_policy(old, "changed")

    def _signature(self, policy: Policy) -> tuple[object, ...]:
        return tuple(_stat(path) for path in watched(self._config, self._db, policy))

    def _note_policy(self, old: Policy, what: str) -> None:
        policy = self._loaded.policy
        changed = ", ".join(changes(old, policy)) or "nothing"
        logger.info("recorder: routing %s: %s", what, changed)
        if NOTE_COMMAND in ctx.master.commands.commands:
            body = {"what": f"routing {what}", "changed": changed, "policy": policy.digest, "use": policy.use}
            ctx.master.commands.call(NOTE_COMMAND, "config", json.dumps(body))


def _stat(path: Path) -> object:
    try:
        found = os.stat(path)  # noqa: PTH116 -- one call a second and file, kept light
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


addons = [Route()]
