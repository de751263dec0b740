"""One model call as the audit addon records it: what of mitmproxy's flow goes into its opening and its closing."""

import time
from weakref import WeakSet

import msgspec
from mitmproxy import connection, http
from translating import Translating

from recorder.capture.exchange import Exchange
from recorder.capture.messages import Close, Open, Provided, SentOn, Target
from recorder.capture.outcome import Outcome
from recorder.capture.run import Run, new_id
from recorder.capture.tee import Tee
from recorder.model import FlowClass, Headers
from recorder.wire.classify import Call

# What other addons say about a flow, in its metadata; see addons/route.py.
INTERACTION = "recorder_interaction"
"""In a flow's metadata: the id that it is recorded under, for addons/view.py."""
LABELS, ROUTING, BLOCKED = "recorder_labels", "recorder_routing", "recorder_blocked"
TRANSLATING = "recorder_translating"
LIMITED = "recorder_limited"

CONNECTING_SECONDS = 0.005
"""What mitmproxy has to do, at the least, until a request goes out over a connection that is not there yet."""
_met = WeakSet[connection.Client]()
"""Clients that sent a request before: their connection to the provider is there, though its flow does not say so."""


class Recording:
    """What the hooks of one flow share."""

    def __init__(self, flow: http.HTTPFlow, run: Run, asked: "Asked") -> None:
        self.call = call = asked.call
        is_sent = BLOCKED not in flow.metadata
        self.translating: Translating | None = flow.metadata.get(TRANSLATING) if is_sent else None
        self._flow = flow
        self._target = sent = target_of(flow.request)
        body = asked.body
        if self.translating is not None:  # the client's call, at the provider's host
            self._target = msgspec.structs.replace(sent, method=asked.target.method, path=asked.target.path)
        self._sent = sent
        is_model = call.flow_class is FlowClass.MODEL
        more = (flow.request.raw_content or b"") if self.translating is not None and is_model else b""
        flow.metadata[INTERACTION] = asked.id
        opening = Open(
            id=asked.id,
            at_us=int(flow.request.timestamp_start * 1e6),
            target=asked.target,
            headers=asked.headers,
            wire_bytes=len(body),
            labels=flow.metadata.get(LABELS),
            routing=flow.metadata.get(ROUTING),
            limited=flow.metadata.get(LIMITED),
            sent=SentOn(headers=headers_of(flow.request), body_bytes=len(more)) if more else None,
        )
        is_searched = call.flow_class is FlowClass.MODEL or run.outbound != "off"
        self._started_ns = time.perf_counter_ns() - max(0, time.time_ns() - opening.at_us * 1000)
        self.tee = Tee(self._started_ns)
        self.provided = Tee(self._started_ns)
        way = 0 if flow.server_conn.connected or flow.client_conn in _met else CONNECTING_SECONDS
        _met.add(flow.client_conn)
        self.exchange: Exchange = run.exchange(opening, body + more if is_searched else b"", way)

    async def close(self, outcome: Outcome, detail: str = "") -> str | None:
        """Hand over what came back; return why its end must be withheld, or None."""
        response = self._flow.response
        is_model = self.call.flow_class is FlowClass.MODEL
        given = self.provided.take() if is_model else []
        closing = Close(
            id=self.exchange.opening.id,
            started_us=self.exchange.opening.at_us,
            target=self._target,
            outcome=outcome,
            detail=detail,
            status=response.status_code if response else None,
            headers=headers_of(response) if response else (),
            chunks=self.tee.chunks(),
            ttft_us=self.tee.first_us,
            duration_us=(time.perf_counter_ns() - self._started_ns) // 1000,
            wire_bytes=self.tee.size,
            provided=self._provided(self.translating, given) if self.translating and is_model else None,
        )
        pieces = self.tee.take()
        return await self.exchange.closed(closing, [*pieces, *given] if is_model else ())

    def _provided(self, translating: Translating, pieces: list[bytes]) -> Provided | None:
        """Return what the provider answered; None when it did not."""
        if not translating.status:
            return None
        routing = self._flow.metadata.get(ROUTING)
        return Provided(
            target=self._sent,
            status=translating.status,
            headers=translating.headers,
            body_bytes=sum(map(len, pieces)),
            model=routing.model if routing else None,
        )


class Asked:
    """What the client sent, and the id that its interaction has on the record."""

    def __init__(self, request: http.Request, call: Call) -> None:
        self.id = new_id()
        self.call = call
        self.target = target_of(request)
        self.headers = headers_of(request)
        self.body = request.raw_content or b""


def target_of(request: http.Request) -> Target:
    """Return where a request goes."""
    return Target(method=request.method, scheme=request.scheme, host=request.host, port=request.port, path=request.path)


def headers_of(message: http.Message) -> Headers:
    """Return the header fields as they stand on the wire."""
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in message.headers.fields)
