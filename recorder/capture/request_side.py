"""A raw request → an `Opened` row: decoded, cut into parts, redacted, with what it says about itself."""

from typing import NamedTuple

from recorder.capture.messages import Hello, Open
from recorder.capture.shelf import Shelf, Shelved
from recorder.capture.wash import Wash, header, utc
from recorder.model import Finding, FlowClass, SafeBytes, Slot, ToolResult
from recorder.redact import RedactionError, Redactor, map_offset
from recorder.store.rows import Link, NewPart, Opened, Part
from recorder.wire.classify import classify
from recorder.wire.coding import decode_body
from recorder.wire.facts import request_facts
from recorder.wire.identity import identify
from recorder.wire.request import Cut, Piece, cut_request

MOST_DECODED_BYTES = 512_000_000
"""A body that decodes to more is a bomb or a mistake; what fits is recorded, the rest is an anomaly."""
_KINDS = {Slot.SYSTEM: "system", Slot.TOOLS: "tool", Slot.MESSAGES: "message"}


class _Content(NamedTuple):
    """The part of an `Opened` row that comes out of the body."""

    envelope: Part | None = None
    body: NewPart | None = None
    slots: tuple[tuple[Slot, int], ...] = ()
    chains: dict[Slot, tuple[Link, ...]] = {}  # noqa: RUF012 -- a NamedTuple's default, never written to
    marks: tuple[tuple[Slot, int, int, SafeBytes], ...] = ()
    tool_results: tuple[tuple[ToolResult, int], ...] = ()
    findings: tuple[Finding, ...] = ()


class RequestSide:
    """Makes `Opened` rows for one run."""

    def __init__(self, hello: Hello, redactor: Redactor, shelf: Shelf, wash: Wash) -> None:
        self._hello = hello
        self._redactor = redactor
        self._shelf = shelf
        self._wash = wash

    def opened(self, message: Open, body: bytes) -> Opened:
        """Return the row; content that cannot be redacted is withheld and the reason noted, never let through."""
        target = message.target
        call = classify(target.method, target.host, target.path)
        encoding = header(message.headers, "content-encoding")
        decoded = decode_body(body, encoding, MOST_DECODED_BYTES)
        anomalies = [self._wash.anomaly(decoded.anomaly)] if decoded.anomaly else []
        facts = request_facts(decoded.data)
        try:
            content = self._content(decoded.data) if call.flow_class is FlowClass.MODEL else _Content()
        except RedactionError as error:
            content = _Content()
            anomalies.append(self._wash.text(f"withheld: {error}"))
        return Opened(
            id=message.id,
            run_id=self._hello.run_id,
            at_utc=utc(message.at_us),
            flow_class=call.flow_class,
            protocol=call.protocol,
            provider=call.provider,
            method=target.method,
            scheme=target.scheme,
            host=f"{target.host}:{target.port}",
            path=self._redactor.url(target.path),
            headers=self._redactor.headers(message.headers),
            identity=self._wash.identity(identify(message.headers, facts.metadata_user_id)),
            model=self._wash.maybe(facts.model or call.model),
            streaming=facts.stream if call.streaming is None else call.streaming,
            project=self._hello.project,
            user=self._hello.user,
            request_bytes=message.wire_bytes,
            request_encoding=self._wash.maybe(encoding),
            body_mac=self._wash.mac(body),
            anomalies=tuple(anomalies),
            **content._asdict(),
        )

    def _content(self, data: bytes) -> _Content:
        if not data:
            return _Content()
        try:
            cut = cut_request(data)
        except ValueError:
            redacted = self._redactor.bytes_(data)
            return _Content(body=self._shelf.new_part("body", None, redacted.value), findings=redacted.findings)
        return self._parts(cut)

    def _parts(self, cut: Cut) -> _Content:
        envelope = self._shelf.part("envelope", None, cut.envelope)
        shelved = {
            slot: [self._shelf.part(_KINDS[slot], piece.role, piece.content) for piece in pieces]
            for slot, pieces in cut.pieces.items()
        }
        everything = [envelope, *(part for parts in shelved.values() for part in parts)]
        return _Content(
            envelope=envelope.part,
            slots=tuple((slot, map_offset(envelope.edits, offset)) for slot, offset in cut.slots),
            chains={
                slot: tuple(self._link(piece, part) for piece, part in zip(cut.pieces[slot], parts, strict=True))
                for slot, parts in shelved.items()
            },
            marks=tuple(
                mark
                for slot, parts in shelved.items()
                for position, (piece, part) in enumerate(zip(cut.pieces[slot], parts, strict=True))
                for mark in self._marks(slot, position, piece, part)
            ),
            tool_results=tuple(
                (result, position)
                for position, part in enumerate(shelved.get(Slot.MESSAGES, ()))
                for result in part.tool_results
            ),
            findings=tuple(finding for part in everything for finding in part.findings),
        )

    def _link(self, piece: Piece, shelved: Shelved) -> Link:
        return Link(shelved.part, None if piece.lead is None else self._redactor.json(piece.lead).value)

    def _marks(self, slot: Slot, position: int, piece: Piece, part: Shelved) -> list[tuple[Slot, int, int, SafeBytes]]:
        return [
            (slot, position, map_offset(part.edits, mark.offset), self._redactor.json(mark.data).value)
            for mark in piece.marks
        ]
