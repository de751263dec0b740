"""What the user's rules make of one request: where it goes, its headers, credential and body, and the note of it.

Of mitmproxy it needs the flow alone, and the addons that stand beside addons/route.py: who is well, who signs in.
"""

import dataclasses
from collections.abc import Iterator
from typing import NamedTuple

from mitmproxy import ctx, http
from translating import Translating

from recorder.capture.messages import Passed, Routing
from recorder.errors import CredentialError
from recorder.model import Credential, Headers, Labels
from recorder.policy.asked import Asked, ask
from recorder.policy.auth import CLIENT_CREDENTIALS
from recorder.policy.body import with_model
from recorder.policy.labels import OWN_HEADERS, take_labels
from recorder.policy.policy import Decision, decisions, fired
from recorder.policy.rule import Rule
from recorder.policy.upstream import Upstream
from recorder.routing.policy_file import Loaded
from recorder.translate.place import UntranslatableError
from recorder.translate.request import Sent
from recorder.wire.classify import Call, classify
from recorder.wire.coding import decode_body
from recorder.wire.refusal import refuse_for_good

MOST_DECODED_BYTES = 512_000_000
# What the audit addon reads in a flow's metadata.
LABELS, ROUTING, BLOCKED = "recorder_labels", "recorder_routing", "recorder_blocked"
TRANSLATING = "recorder_translating"
KEY = "recorder_key"
"""What the access addon says: whose the request is for sure."""
_HOP_BY_HOP = ("connection", "keep-alive", "proxy-connection", "proxy-authorization", "te", "trailer", "upgrade")
"""RFC 9110, section 7.6.1; `transfer-encoding` is mitmproxy's, which frames the body by it."""
_FRAMING = frozenset({"transfer-encoding", "content-length", "host", "close"})


class Rerouting:
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
        self._passed: list[Passed] = []
        """Upstreams of the rule that could not be asked."""

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
        decision = await self._first_that_takes_it(rule, asked)
        if decision is None:
            # With a status that says the server is to blame the client would try for minutes, and show nothing.
            _refuse(self._flow, asked.call, self._why_none())
            return None
        self._note(decision)
        return decision.upstream

    async def _first_that_takes_it(self, rule: Rule, asked: Asked) -> Decision | None:
        """Make the request one for the best upstream that can be asked; None: no one of the rule's can."""
        possible = {one.upstream.name: one for one in decisions(self._loaded.policy, rule, asked, self._flow.id)}
        health = ctx.master.addons.get("health") if len(rule.to) > 1 else None
        before = self._mark()
        while possible:
            name = next(iter(possible))
            if health is not None:
                name = (await health.choose(self._flow, [one.upstream for one in possible.values()])).name
            decision = possible.pop(name)
            obstacle = await self._obstacle(decision)
            if obstacle is None:
                return decision
            self._passed.append(Passed(upstream=name, why=obstacle.why))
            if health is not None:
                health.passed(self._flow, "there is no credential for it" if obstacle.is_its_own else None)
            self._go_back(before)
        return None

    async def _obstacle(self, decision: Decision) -> "_Obstacle | None":
        """Make the request one for an upstream, as far as that goes; return what stands in the way."""
        if reason := decision.refusal or self._put_body(decision):
            return _Obstacle(reason, is_its_own=False)
        self._send(decision)
        try:
            await self._sign_in(decision.upstream)
        except CredentialError as error:
            return _Obstacle(str(error), is_its_own=True)
        return None

    def _why_none(self) -> str:
        if len(self._passed) == 1:
            return self._passed[0].why
        return "; ".join(f"{one.upstream}: {one.why}" for one in self._passed)

    def _mark(self) -> "_Mark":
        data = self._request.data
        return _Mark(dataclasses.replace(data, headers=data.headers.copy()), tuple(self._removed))

    def _go_back(self, mark: "_Mark") -> None:
        """Make the request what it was before it was made one for an upstream."""
        self._request.data = dataclasses.replace(mark.data, headers=mark.data.headers.copy())
        self._removed, self._set, self._sent, self._secrets = list(mark.removed), [], None, ()
        self._flow.metadata.pop(TRANSLATING, None)

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
            passed=tuple(self._passed),
        )


def refuse_unrouted(flow: http.HTTPFlow, reason: str) -> None:
    """Refuse a request that went wrong while it was looked at."""
    flow.metadata.pop(TRANSLATING, None)
    _refuse(flow, classify(flow.request.method, "", flow.request.path), reason)


def _refuse(flow: http.HTTPFlow, call: Call, reason: str) -> None:
    said = f"The recorder cannot send this on: {reason}"
    refusal = refuse_for_good(call.protocol, 400, "invalid_request_error", said)
    flow.response = http.Response.make(refusal.status, refusal.body, dict(refusal.headers))
    flow.metadata[BLOCKED] = reason


class _Obstacle(NamedTuple):
    """Why a request cannot go to an upstream, and whether that is the upstream's trouble and not the request's."""

    why: str
    is_its_own: bool


class _Mark(NamedTuple):
    """A request before it was made one for an upstream: its labels and the recorder's own headers are out already."""

    data: http.RequestData
    removed: tuple[str, ...]


def _hop_by_hop(request: http.Request) -> tuple[str, ...]:
    listed = [name.strip().lower() for name in request.headers.get("connection", "").split(",") if name.strip()]
    if listed == ["close"]:
        return _HOP_BY_HOP[1:]  # the client's connection ends with this answer, and may end here as well
    return tuple(dict.fromkeys((*_HOP_BY_HOP, *(name for name in listed if name not in _FRAMING))))


def _headers(request: http.Request) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.fields)
