"""A raw answer → a `Closed` row: reassembled, redacted, its usage priced."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from recorder.capture.messages import Close, Hello, Provided
from recorder.capture.outcome import Outcome, judge
from recorder.capture.shelf import Shelf
from recorder.capture.wash import Wash, header, utc
from recorder.capture.withheld import FOUND, REQUEST_ID, told
from recorder.model import Finding, FlowClass, Protocol, Provider, ToolUse, Usage
from recorder.pricing import price
from recorder.redact import RedactionError, Redactor
from recorder.store import rows
from recorder.store.rows import Closed, NewPart
from recorder.wire.answer import Answer, assemble
from recorder.wire.classify import Call, classify, refine_provider


class _Content(NamedTuple):
    """The part of a `Closed` row that comes out of the body."""

    answer: NewPart | None = None
    timing: NewPart | None = None
    findings: tuple[Finding, ...] = ()


class AnswerSide:
    """Makes `Closed` rows for one run."""

    def __init__(self, hello: Hello, redactor: Redactor, shelf: Shelf, wash: Wash) -> None:
        self._names: Mapping[str, str] = hello.model_names
        self._redactor = redactor
        self._shelf = shelf
        self._wash = wash

    def closed(self, message: Close, body: bytes, asked_model: str | None) -> Closed:
        """Return the row. `asked_model` prices an answer that does not name its model."""
        sent_size = message.provided.body_bytes if message.provided else 0
        body, provided_body = body[: len(body) - sent_size], body[len(body) - sent_size :]
        call = classify(message.target.method, message.target.host, message.target.path)
        said = message.provided.headers if message.provided else message.headers
        provider = refine_provider(call, message.target.host, said)
        answer = self._assemble(call, message, body)
        given = self._provided_answer(message.provided, provided_body) if message.provided else None
        anomalies = [self._wash.anomaly(anomaly) for anomaly in answer.anomalies] if answer else []
        try:
            content = self._content(answer, body) if answer else _Content()
            provided = self._provided(message.provided, given, provided_body) if message.provided and answer else None
        except RedactionError as error:
            content, provided = _Content(findings=FOUND), None
            anomalies.append(self._wash.text(told(str(error))))
        state, reason = judge(Outcome(message.outcome), message.status, answer)
        return Closed(
            id=message.id,
            at_utc=utc(message.started_us + message.duration_us),
            state=state,
            reason=reason,
            status=message.status,
            headers=self._redactor.headers(message.headers),
            provider=provider,
            request_id=self._wash.maybe(header(said, *REQUEST_ID)),
            provided=provided,
            ttft_us=message.ttft_us,
            duration_us=message.duration_us,
            response_bytes=message.wire_bytes,
            response_encoding=self._wash.maybe(header(message.headers, "content-encoding")),
            body_mac=self._wash.mac(body),
            anomalies=tuple(anomalies),
            **content._asdict(),
            **self._error(message, answer),
            **self._said(answer, given or answer),
            **self._cost(message, given or answer, _priced_as(message, provider), asked_model),
        )

    def _assemble(self, call: Call, message: Close, body: bytes) -> Answer | None:
        if call.flow_class is not FlowClass.MODEL or message.status is None:
            return None
        return assemble(call, message.status, message.headers, body, message.chunks.unpacked())

    def _content(self, answer: Answer, body: bytes) -> _Content:
        if answer.message is None:
            raw = self._redactor.bytes_(body, cut=True)
            return _Content(self._shelf.new_part("body", None, raw.value) if body else None, None, raw.findings)
        redacted = self._redactor.json(answer.message, cut=not answer.complete)
        deltas = ((delta.at_us, delta.event, delta.index, delta.size) for delta in answer.deltas)
        timing = self._redactor.timing(deltas) if answer.deltas else None
        return _Content(
            self._shelf.new_part("answer", "assistant", redacted.value),
            self._shelf.new_part("timing", None, timing) if timing else None,
            redacted.findings,
        )

    def _provided_answer(self, message: Provided, body: bytes) -> Answer:
        call = classify(message.target.method, message.target.host, message.target.path)
        return assemble(call, message.status, message.headers, body, ())

    def _provided(self, message: Provided, answer: Answer | None, body: bytes) -> rows.Provided:
        """Return the provider's side; a message that is the client's as well is one part, stored once."""
        part = None
        if answer and answer.message is not None:
            redacted = self._redactor.json(answer.message, cut=not answer.complete)
            part = self._shelf.new_part("answer", "assistant", redacted.value)
        return rows.Provided(
            status=message.status,
            headers=self._redactor.headers(message.headers),
            request_id=self._wash.maybe(header(message.headers, *REQUEST_ID)),
            bytes=message.body_bytes,
            body_mac=self._wash.mac(body),
            answer=part,
        )

    def _said(self, answer: Answer | None, provided: Answer | None) -> dict[str, Any]:
        """`provided`: the provider's own answer, whose usage counts."""
        if answer is None:
            return {}
        return {
            "model": self._wash.maybe(answer.model),
            "message_id": self._wash.maybe(answer.message_id),
            "stop_reason": self._wash.maybe(answer.stop_reason),
            "usage": self._wash.usage(provided.usage if provided else None),
            "tool_uses": tuple(
                ToolUse(use.index, self._wash.text(use.id), self._wash.text(use.name)) for use in answer.tool_uses
            ),
        }

    def _error(self, message: Close, answer: Answer | None) -> dict[str, Any]:
        if answer is not None and answer.error is not None:
            return {
                "error_type": self._wash.text(answer.error.type),
                "error_message": self._wash.text(answer.error.message),
            }
        if message.detail:
            return {"error_type": message.outcome, "error_message": self._wash.text(message.detail)}
        return {}

    def _cost(
        self, message: Close, answer: Answer | None, provider: Provider, asked_model: str | None
    ) -> dict[str, Any]:
        if answer is None or answer.usage is None:
            return {}
        sent_model = message.provided.model if message.provided else None
        model = asked_model if asked_model in self._names else sent_model or answer.model or asked_model
        return cost(answer.usage, provider, model, self._names, message.started_us)


def cost(
    usage: Usage, provider: Provider, model: str | None, names: Mapping[str, str], started_us: int
) -> dict[str, Any]:
    """Return the fields of a `Closed` row that say what an answer cost, as far as its usage was told."""
    found = price(usage, provider, model, at=datetime.fromtimestamp(started_us / 1e6, UTC), names=names)
    return {"cost_usd": found.usd, "cost": msgspec.structs.asdict(found)}


_BY_PROTOCOL = {
    Protocol.BEDROCK_INVOKE: Provider.BEDROCK,
    Protocol.VERTEX: Provider.VERTEX,
}


def _priced_as(message: Close, provider: Provider) -> Provider:
    """Return whose prices hold: of a gateway that was asked in a cloud's protocol, that cloud's."""
    if message.provided is None or provider not in {Provider.GATEWAY, Provider.LITELLM}:
        return provider
    target = message.provided.target
    protocol = classify(target.method, target.host, target.path).protocol
    return _BY_PROTOCOL.get(protocol, provider) if protocol else provider
