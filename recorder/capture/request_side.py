"""A raw request → an `Opened` row: decoded, cut into parts, redacted, with what it says about itself.

What a body repeats of the one before it is not cut again (`recorder.capture.recall`): its excerpt is cut in its place,
and the list that goes on is named by the key of what is stored of it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

from recorder.capture import messages
from recorder.capture.messages import Hello, Limited, Open, Routing
from recorder.capture.outbound import BODY, placed
from recorder.capture.recall import Recalled, SafeMark, begun, extended, without_stand_in
from recorder.capture.shelf import Raw, Shelf, Shelved
from recorder.capture.wash import Wash, header, utc
from recorder.capture.withheld import FOUND, told
from recorder.model import ALLOWED, Finding, FlowClass, Labels, OutboundSecret, SafeBytes, Slot, ToolResult
from recorder.redact import RedactionError, Redactor, map_offset, places
from recorder.store import rows
from recorder.store.rows import LeftOut, Link, NewPart, Opened, Part, PassedOver, Routed, SentOn
from recorder.wire.classify import classify, provider_of
from recorder.wire.coding import decode_body
from recorder.wire.facts import request_facts
from recorder.wire.identity import identify
from recorder.wire.request import Cut, Piece, cut_request

MOST_PLACES = 20
"""Of secrets in a request that its record names."""
MOST_DECODED_BYTES = 512_000_000
"""A body that decodes to more is a bomb or a mistake; what fits is recorded, the rest is an anomaly."""
_SPEAKERS = ("x-claude-code-session-id", "x-claude-code-agent-id")
_KINDS = {Slot.SYSTEM: "system", Slot.TOOLS: "tool", Slot.MESSAGES: "message"}


class _Content(NamedTuple):
    """The part of an `Opened` row that comes out of the body."""

    envelope: Part | None = None
    body: NewPart | None = None
    slots: tuple[tuple[Slot, int], ...] = ()
    chains: dict[Slot, tuple[Link, ...]] = {}  # noqa: RUF012 -- a NamedTuple's default, never written to
    starts: dict[Slot, bytes] = {}  # noqa: RUF012 -- as above
    marks: tuple[tuple[Slot, int, int, SafeBytes], ...] = ()
    tool_results: tuple[tuple[ToolResult, int], ...] = ()
    findings: tuple[Finding, ...] = ()
    outbound: tuple[OutboundSecret, ...] = ()


class RequestSide:
    """Makes `Opened` rows for one run."""

    def __init__(
        self, hello: Hello, redactor: Redactor, shelf: Shelf, wash: Wash, pause: Callable[[], None] = lambda: None
    ) -> None:
        """`pause` is called between two steps of the work on a large body."""
        self._hello = hello
        self._redactor = redactor
        self._shelf = shelf
        self._recall = shelf.recall
        self._wash = wash
        self._pause = pause
        self._frame: dict[Raw, Shelved] = {}
        """The parts of the frame that is being worked on."""

    def opened(self, message: Open, body: bytes) -> Opened:
        """Return the row; content that cannot be redacted is withheld and the reason noted, never let through."""
        # A small request can be recorded in the middle of a large one. Afterwards it holds none of what may be 20 MB.
        others, self._frame = self._frame, {}
        try:
            return self._opened(message, body)
        finally:
            self._frame = others

    def _opened(self, message: Open, body: bytes) -> Opened:
        body, sent = body[: len(body) - _size(message.sent)], body[len(body) - _size(message.sent) :]
        target = message.target
        call = classify(target.method, target.host, target.path)
        encoding = header(message.headers, "content-encoding")
        decoded = decode_body(body, encoding, MOST_DECODED_BYTES)
        anomalies = [self._wash.anomaly(decoded.anomaly)] if decoded.anomaly else []
        is_model = call.flow_class is FlowClass.MODEL
        recalled = self._recall.look(_speaker(message), decoded.data if is_model else b"")
        if self._hello.redact.outbound == "block":  # what was said before counts as much as what is new
            recalled = msgspec.structs.replace(recalled, beginning=None)
        self._pause()
        excerpt = recalled.excerpt()
        facts = request_facts(excerpt)
        self._pause()
        try:
            content = self._content(recalled, excerpt) if is_model else self._only_searched(decoded.data)
            sent_on = self._sent_on(message.sent, _speaker(message), sent) if message.sent else None
        except RedactionError as error:
            content, sent_on = _Content(findings=FOUND), None
            anomalies.append(self._wash.text(told(str(error))))
        labels = self._labels(message.labels)
        return Opened(
            id=message.id,
            run_id=self._hello.run_id,
            at_utc=utc(message.at_us),
            flow_class=call.flow_class,
            protocol=call.protocol,
            provider=provider_of(urlsplit(message.routing.url).hostname or "") if message.routing else call.provider,
            method=target.method,
            scheme=target.scheme,
            host=self._wash.text(f"{target.host}:{target.port}"),
            path=self._redactor.url(target.path),
            headers=self._redactor.headers(message.headers),
            identity=self._wash.identity(identify(message.headers, facts.metadata_user_id)),
            model=self._wash.maybe(facts.model or call.model),
            streaming=facts.stream if call.streaming is None else call.streaming,
            project=labels.project,
            user=labels.user,
            team=labels.team,
            branch=self._hello.branch,
            access_key=message.labels.key if message.labels else None,
            routed=self._routed(message.routing) if message.routing else None,
            limited=self._limited(message.limited) if message.limited else None,
            sent=sent_on,
            request_bytes=message.wire_bytes,
            request_encoding=self._wash.maybe(encoding),
            body_mac=recalled.mac if is_model and decoded.data is body else self._wash.mac(body),
            anomalies=tuple(anomalies),
            **content._asdict(),
        )

    def _sent_on(self, message: messages.SentOn, speaker: str, body: bytes) -> SentOn:
        """Return what the provider was sent; of its parts those are new that the client's request has not got."""
        recalled = self._recall.look(f"sent\0{speaker}", body)
        content = self._content(recalled, recalled.excerpt())
        return SentOn(
            headers=self._redactor.headers(message.headers),
            bytes=message.body_bytes,
            body_mac=recalled.mac,
            envelope=content.envelope,
            slots=content.slots,
            chains=content.chains,
            starts=content.starts,
            marks=content.marks,
            body=content.body,
        )

    def _labels(self, labels: Labels | None) -> Labels:
        if labels is None:
            return Labels(user=self._hello.user, team=self._hello.team, project=self._hello.project)
        return Labels(**{name: self._wash.maybe(value) for name, value in msgspec.structs.asdict(labels).items()})

    def _routed(self, routing: Routing) -> Routed:
        return Routed(
            policy=routing.policy,
            rule=routing.rule,
            upstream=routing.upstream,
            url=self._redactor.url(routing.url),
            model=self._wash.maybe(routing.model),
            headers=tuple(self._wash.text(name) for name, _ in routing.headers),
            removed=tuple(self._wash.text(name) for name in routing.removed),
            protocol=routing.protocol,
            dropped=tuple(LeftOut(self._wash.text(one.what), one.why, one.count) for one in routing.dropped),
            passed=tuple(PassedOver(one.upstream, self._wash.text(one.why)) for one in routing.passed),
        )

    def _limited(self, limited: Limited) -> rows.Limited:
        notes = tuple(self._wash.text(note) for note in limited.notes)
        return rows.Limited(**msgspec.structs.asdict(limited) | {"notes": notes})

    def _content(self, recalled: Recalled, excerpt: bytes) -> _Content:
        if not excerpt:
            return _Content()
        try:
            return self._parts(recalled, cut_request(excerpt))
        except ValueError:
            if recalled.beginning:  # what is left of it reads otherwise without what is known: all of it, then
                return self._content(msgspec.structs.replace(recalled, beginning=None), recalled.body)
            redacted = self._redactor.bytes_(excerpt, cut=True)
            return _Content(
                body=self._shelf.new_part("body", None, redacted.value),
                findings=redacted.findings,
                outbound=self._outbound(_in_body(redacted.findings)),
            )

    def _only_searched(self, data: bytes) -> _Content:
        """Look for secrets in a body that is not recorded: a call around model calls can carry the same out."""
        if not data or self._hello.redact.outbound == "off":
            return _Content()
        redacted = self._redactor.json(data)
        return _Content(outbound=self._outbound(placed(places(redacted.value, redacted.findings), "")))

    def _outbound(self, secrets: Iterable[OutboundSecret]) -> tuple[OutboundSecret, ...]:
        return () if self._hello.redact.outbound == "off" else tuple(secrets)[:MOST_PLACES]

    def _parts(self, recalled: Recalled, cut: Cut) -> _Content:
        self._pause()
        known = recalled.beginning
        pieces = cut.pieces if known is None else without_stand_in(cut.pieces)
        first = len(known.ends) if known else 0
        raw = [Raw(_KINDS[slot], piece.role, piece.content) for slot, some in pieces.items() for piece in some]
        everything = self._shelved([Raw("envelope", None, cut.envelope), *raw])
        envelope, *rest = everything
        in_turn = iter(rest)
        shelved = {slot: list(islice(in_turn, len(some))) for slot, some in pieces.items()}
        chains = {
            slot: tuple(self._link(piece, part) for piece, part in zip(pieces[slot], parts, strict=True))
            for slot, parts in shelved.items()
        }
        marks = {
            slot: tuple(self._marks(pieces[slot], parts, first if slot is Slot.MESSAGES else 0))
            for slot, parts in shelved.items()
        }
        if Slot.MESSAGES in chains:
            beginning = extended(
                known or begun(cut), pieces[Slot.MESSAGES], chains[Slot.MESSAGES], marks[Slot.MESSAGES]
            )
            marks[Slot.MESSAGES] = beginning.marks
            self._recall.keep(recalled, beginning)
        return _Content(
            envelope=envelope.part,
            slots=tuple((slot, map_offset(envelope.edits, offset)) for slot, offset in cut.slots),
            chains=chains,
            starts={Slot.MESSAGES: known.keys[-1]} if known else {},
            marks=tuple((slot, *mark) for slot, some in marks.items() for mark in some),
            tool_results=tuple(
                (result, position)
                for position, part in enumerate(shelved.get(Slot.MESSAGES, ()), first)
                for result in part.tool_results
            ),
            findings=tuple(finding for part in everything for finding in part.findings),
            outbound=self._outbound(self._in_parts(envelope, shelved, first)),
        )

    def _shelved(self, raws: Sequence[Raw]) -> list[Shelved]:
        """Return the safe part for each; what client and provider were both sent is looked at once."""
        unknown = [raw for raw in raws if raw not in self._frame]
        self._frame.update(zip(unknown, self._shelf.parts(unknown), strict=True))
        return [self._frame[raw] for raw in raws]

    def _in_parts(
        self, envelope: Shelved, shelved: Mapping[Slot, Sequence[Shelved]], first: int
    ) -> Iterator[OutboundSecret]:
        """Give the secrets of the parts: to be noted, those that are new; to be refused, all."""
        for slot, parts in shelved.items():
            for position, part in enumerate(parts, first if slot is Slot.MESSAGES else 0):
                if self._counts(part):
                    yield from placed(part.secrets, f"{slot}[{position}]")
        if self._counts(envelope):
            yield from placed(envelope.secrets, "")

    def _counts(self, part: Shelved) -> bool:
        return self._hello.redact.outbound == "block" or isinstance(part.part, NewPart)

    def _link(self, piece: Piece, shelved: Shelved) -> Link:
        return Link(shelved.part, None if piece.lead is None else self._wash.json(piece.lead))

    def _marks(self, pieces: Sequence[Piece], parts: Sequence[Shelved], first: int) -> Iterator[SafeMark]:
        for position, (piece, part) in enumerate(zip(pieces, parts, strict=True), first):
            for mark in piece.marks:
                yield position, map_offset(part.edits, mark.offset), self._wash.json(mark.data)


def _size(sent: messages.SentOn | None) -> int:
    return sent.body_bytes if sent else 0


def _speaker(message: Open) -> str:
    """Tell conversations apart as far as headers do."""
    return "\0".join(header(message.headers, name) or "" for name in _SPEAKERS)


def _in_body(findings: Iterable[Finding]) -> Iterator[OutboundSecret]:
    return (OutboundSecret(finding.kind, BODY) for finding in findings if finding.kind != ALLOWED)
