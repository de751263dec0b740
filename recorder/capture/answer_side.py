"""A raw answer → a `Closed` row: reassembled, redacted, its usage priced."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from recorder.capture.messages import Close, Hello
from recorder.capture.outcome import Outcome, judge
from recorder.capture.shelf import Shelf
from recorder.capture.wash import Wash, header, utc
from recorder.capture.withheld import FOUND, REQUEST_ID, told
from recorder.model import Finding, FlowClass, Provider, ToolUse
from recorder.pricing import price
from recorder.redact import RedactionError, Redactor
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
        call = classify(message.target.method, message.target.host, message.target.path)
        provider = refine_provider(call, message.target.host, message.headers)
        answer = self._assemble(call, message, body)
        anomalies = [self._wash.anomaly(anomaly) for anomaly in answer.anomalies] if answer else []
        try:
            content = self._content(answer, body) if answer else _Content()
        except RedactionError as error:
            content = _Content(findings=FOUND)
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
            request_id=self._wash.maybe(header(message.headers, *REQUEST_ID)),
            ttft_us=message.ttft_us,
            duration_us=message.duration_us,
            response_bytes=message.wire_bytes,
            response_encoding=self._wash.maybe(header(message.headers, "content-encoding")),
            body_mac=self._wash.mac(body),
            anomalies=tuple(anomalies),
            **content._asdict(),
            **self._error(message, answer),
            **self._said(answer),
            **self._cost(message, answer, provider, asked_model),
        )

    def _assemble(self, call: Call, message: Close, body: bytes) -> Answer | None:
        if call.flow_class is not FlowClass.MODEL or message.status is None:
            return None
        return assemble(call, message.status, message.headers, body, message.chunks)

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

    def _said(self, answer: Answer | None) -> dict[str, Any]:
        if answer is None:
            return {}
        return {
            "model": self._wash.maybe(answer.model),
            "message_id": self._wash.maybe(answer.message_id),
            "stop_reason": self._wash.maybe(answer.stop_reason),
            "usage": self._wash.usage(answer.usage),
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
        at = datetime.fromtimestamp(message.started_us / 1e6, UTC)
        model = asked_model if asked_model in self._names else answer.model or asked_model
        found = price(answer.usage, provider, model, at=at, names=self._names)
        return {"cost_usd": found.usd, "cost": msgspec.structs.asdict(found)}
