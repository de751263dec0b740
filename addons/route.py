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
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import certifi
from mitmproxy import command, connection, ctx, exceptions, flow, http, tls
from mitmproxy.addonmanager import Loader
from OpenSSL import SSL
from translating import Translating

from recorder.capture.messages import Routing
from recorder.config import declare_options, find_file, given_options, load_options
from recorder.errors import CredentialError, RecorderError
from recorder.model import Credential, Headers, Labels
from recorder.policy.asked import Asked, ask
from recorder.policy.auth import CLIENT_CREDENTIALS
from recorder.policy.body import with_model
from recorder.policy.labels import OWN_HEADERS, take_labels
from recorder.policy.policy import Decision, Policy, changes, fired
from recorder.policy.policy import decision as decision_for
from recorder.policy.rule import Rule
from recorder.policy.upstream import Upstream
from recorder.routing.policy_file import Loaded, load_policy, watched
from recorder.translate.place import UntranslatableError
from recorder.translate.request import Sent
from recorder.wire.coding import decode_body
from recorder.wire.refusal import refuse

logger = logging.getLogger(__name__)

WATCH_SECONDS = 1.0
MOST_DECODED_BYTES = 512_000_000
NOTE_COMMAND = "recorder.note"
# What the audit addon reads in a flow's metadata.
LABELS, ROUTING, BLOCKED = "recorder_labels", "recorder_routing", "recorder_blocked"
TRANSLATING = "recorder_translating"
KEY = "recorder_key"
"""What the access addon says: whose the request is for sure."""
_ROUTED = "recorder_routed"
_HOP_BY_HOP = ("connection", "keep-alive", "proxy-connection", "proxy-authorization", "te", "trailer", "upgrade")
"""RFC 9110, section 7.6.1; `transfer-encoding` is mitmproxy's, which frames the body by it."""


class Route:
    """mitmproxy addon that changes where requests go, by the user's rules alone."""

    def __init__(self) -> None:
        self._loaded = Loaded()
        self._config: Path | None = None
        self._db = Path()
        self._labels = Labels()
        self._seen: tuple[object, ...] = ()
        self._watching: asyncio.Task[None] | None = None
        self._waiting: dict[str, asyncio.TimerHandle] = {}

    def load(self, loader: Loader) -> None:
        """Declare the options that it shares with the audit addon."""
        declare_options(loader.add_option)
        text: Any = str | None
        loader.add_option("recorder_use", text, None, "The upstream that comes before all rules.")

    def configure(self, updated: set[str]) -> None:
        """Read the policy; refuse one that is wrong."""
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

    @command.command("recorder.route")  # type: ignore[untyped-decorator] # mitmproxy's
    async def route(self, flow: flow.Flow) -> None:
        """Apply the policy to a request, once; to be awaited, since a credential may have to be fetched."""
        if not isinstance(flow, http.HTTPFlow) or flow.response or _ROUTED in flow.metadata:
            return
        flow.metadata[_ROUTED] = True
        loaded = self._loaded
        if not loaded.policy.is_active:
            return
        upstream = await _Change(flow, loaded, self._labels).apply()
        if upstream and upstream.answer_seconds:
            self._wait_for_answer(flow, upstream.answer_seconds)

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
        self._stop_waiting(flow)
        if (translating := self._own(flow)) is not None:
            translating.begin()

    def response(self, flow: http.HTTPFlow) -> None:
        """Forget the flow."""
        self._stop_waiting(flow)
        if (translating := self._own(flow)) is not None:
            translating.end()

    def error(self, flow: http.HTTPFlow) -> None:
        """Forget the flow."""
        self._stop_waiting(flow)

    def _own(self, flow: http.HTTPFlow) -> Translating | None:
        """Return what translates a flow's answer, unless the audit addon sees to it, which records both sides."""
        is_ours = NOTE_COMMAND not in ctx.master.commands.commands and BLOCKED not in flow.metadata
        return flow.metadata.get(TRANSLATING) if is_ours else None

    def _wait_for_answer(self, flow: http.HTTPFlow, seconds: float) -> None:
        self._waiting[flow.id] = asyncio.get_running_loop().call_later(seconds, self._give_up, flow, seconds)

    def _stop_waiting(self, flow: http.HTTPFlow) -> None:
        if timer := self._waiting.pop(flow.id, None):
            timer.cancel()

    def _give_up(self, flow: http.HTTPFlow, seconds: float) -> None:
        self._waiting.pop(flow.id, None)
        handler = ctx.master.addons.get("proxyserver").connections.get(flow.client_conn.id)
        address = (flow.request.host, flow.request.port)
        for conn, transport in list(handler.transports.items()) if handler else ():
            waits = conn is flow.server_conn or (not conn.connected and getattr(conn, "address", None) == address)
            if waits and conn is not flow.client_conn and transport.handler:
                transport.handler.cancel(f"no answer within {seconds:g} s")

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


class _Change:
    """What a policy makes of one request."""

    def __init__(self, flow: http.HTTPFlow, loaded: Loaded, given: Labels) -> None:
        self._flow = flow
        self._request = flow.request
        self._loaded = loaded
        self._given = given
        self._removed: list[str] = []
        self._set: list[tuple[str, str]] = []
        self._secrets: tuple[Credential, ...] = ()
        self._sent: Sent | None = None

    async def apply(self) -> Upstream | None:
        """Change the request, or refuse it, and say so in the flow's metadata; return where it goes now."""
        policy = self._loaded.policy
        assert policy.labels is not None
        headers = _headers(self._request)
        labels, target = take_labels(policy.labels, self._request.path, headers, self._given)
        if key := self._flow.metadata.get(KEY):
            labels = key.applied_to(labels)
        self._flow.metadata[LABELS] = labels
        asked = ask(self._request.method, target, headers, self._body() if policy.reads_body else b"", labels)
        self._remove(name for name, _ in headers if name.lower().startswith(OWN_HEADERS))
        if (rule := fired(policy, asked)) is None:
            self._stay(target)
            return None
        upstream = await self._choose(rule, asked)
        decision = decision_for(rule, upstream, asked)
        if reason := decision.refusal or self._put_body(decision):
            self._refuse(asked, reason)
            return None
        self._send(decision)
        try:
            await self._sign_in(decision.upstream)
        except CredentialError as error:
            # With a status that says the server is to blame the client would try for minutes, and show nothing.
            self._refuse(asked, str(error))
            return None
        self._note(decision)
        return decision.upstream

    async def _choose(self, rule: Rule, asked: Asked) -> Upstream:
        names = rule.ranked(asked, self._flow.id)
        upstreams = [self._loaded.policy.upstreams[name] for name in names]
        health = ctx.master.addons.get("health") if len(upstreams) > 1 else None
        chosen: Upstream = await health.choose(self._flow, upstreams) if health else upstreams[0]
        return chosen

    def _stay(self, target: str) -> None:
        if target != self._request.path:
            self._request.path = target
        elif not self._removed:
            return
        self._note(None)

    def _put_body(self, decision: Decision) -> str | None:
        """Change the body as far as it has to be; return why that cannot be done, or None."""
        if decision.translation is not None:
            return self._translate(decision)
        if decision.in_path or decision.model is None or self._replace_model(decision.model):
            return None
        return f"{decision.rule} maps its model, which its body does not name"

    def _translate(self, decision: Decision) -> str | None:
        translation = decision.translation
        assert translation is not None
        try:
            self._sent = translation.send(_headers(self._request), self._body())
        except UntranslatableError as error:
            return f"{decision.rule} puts it into the protocol of {decision.upstream.name}: {error}"
        self._replace_body(self._sent.body)
        for name, value in self._sent.headers:
            if value is None:
                self._remove((name,))
            else:
                self._put(name, value)
        self._flow.metadata[TRANSLATING] = Translating(self._flow, translation.exchange, translation.ping_seconds)
        return None

    def _send(self, decision: Decision) -> None:
        request, upstream = self._request, decision.upstream
        request.scheme, request.port, request.host = upstream.scheme, upstream.port, upstream.host
        request.authority = ""
        request.path = decision.path
        self._remove(_hop_by_hop(request))
        if upstream.auth:
            self._remove(CLIENT_CREDENTIALS)
        for name, value in self._loaded.headers[upstream.name]:
            if value is None:
                self._remove((name,))
            else:
                self._put(name, value)

    async def _sign_in(self, upstream: Upstream) -> None:
        """Put the recorder's own credential in. Raises CredentialError."""
        if upstream.auth is None:
            return
        if (credentials := ctx.master.addons.get("credentials")) is None:
            raise CredentialError(f"[upstream.{upstream.name}] has auth, which addons/credentials.py is needed for")
        given = await credentials.sign_in(self._flow, upstream)
        self._secrets = given.secrets
        for name, value in given.headers:
            self._put(name, value)

    def _put(self, name: str, value: str) -> None:
        self._request.headers[name] = value
        self._set.append((name, value))

    def _replace_model(self, model: str) -> bool:
        try:
            self._replace_body(with_model(self._body(), model))
        except ValueError:
            return False
        return True

    def _replace_body(self, body: bytes) -> None:
        request = self._request
        request.raw_content = body
        self._remove(("content-encoding",))
        if "content-length" in request.headers:
            request.headers["content-length"] = str(len(body))

    def _body(self) -> bytes:
        """Return the body decoded; empty when it cannot be, and so names no model."""
        body = self._request.raw_content or b""
        decoded = decode_body(body, self._request.headers.get("content-encoding"), MOST_DECODED_BYTES)
        return b"" if decoded.anomaly else decoded.data

    def _remove(self, names: Iterator[str] | tuple[str, ...]) -> None:
        for name in names:
            if self._request.headers.pop(name, None) is not None:
                self._removed.append(name.lower())

    def _refuse(self, asked: Asked, reason: str) -> None:
        said = f"The recorder cannot send this on: {reason}"
        refusal = refuse(asked.call.protocol, 400, "invalid_request_error", said)
        self._flow.response = http.Response.make(refusal.status, refusal.body, dict(refusal.headers))
        self._flow.metadata[BLOCKED] = reason

    def _note(self, decision: Decision | None) -> None:
        request = self._request
        self._flow.metadata[ROUTING] = Routing(
            policy=self._loaded.policy.digest,
            rule=decision.rule if decision else None,
            upstream=decision.upstream.name if decision else None,
            url=decision.url if decision else request.url,
            model=decision.model if decision else None,
            headers=tuple(self._set),
            removed=tuple(self._removed),
            secrets=self._secrets,
            protocol=decision.translation.exchange.provider if decision and decision.translation else None,
            dropped=self._sent.dropped if self._sent else (),
        )


def _hop_by_hop(request: http.Request) -> tuple[str, ...]:
    listed = [name.strip().lower() for name in request.headers.get("connection", "").split(",") if name.strip()]
    if listed == ["close"]:
        return _HOP_BY_HOP[1:]  # the client's connection ends with this answer, and may end here as well
    return tuple(dict.fromkeys((*_HOP_BY_HOP, *(name for name in listed if name not in _FRAMING))))


_FRAMING = frozenset({"transfer-encoding", "content-length", "host", "close"})


def _headers(request: http.Request) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.fields)


def _stat(path: Path) -> object:
    try:
        found = os.stat(path)  # noqa: PTH116 -- one call a second and file, kept light
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


addons = [Route()]
