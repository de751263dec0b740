"""Turns what came back for a model call into the message that it amounts to. It never raises.

Strategy: undo the content coding chunk by chunk, so that every event keeps its time; find the framing (one JSON text,
server-sent events, AWS event stream) from the bytes first and the content type second, because the latter may be
missing or wrong; let an assembler put events together; read the finished message.

An error's body is an answer as well: it is kept as the message, with `error` beside it. A body that is no JSON object
becomes `{"type": "unparsed", "text": …}`, or `{"type": "unparsed", "json": …}` for JSON of another kind.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from recorder.model import Headers, Protocol, ToolUse, Usage
from recorder.wire.anomaly import Anomaly, anomaly
from recorder.wire.bedrock import Assembler, FrameReader
from recorder.wire.classify import Call
from recorder.wire.coding import StreamDecoder
from recorder.wire.completion import CompletionAssembler
from recorder.wire.converse import CONVERSE_EVENTS, ConverseAssembler
from recorder.wire.eventstream import EventStreamDecoder, Frame
from recorder.wire.failure import http_error, is_error
from recorder.wire.framing import Framing, find_framing
from recorder.wire.journal import Delta, ErrorInfo, Journal
from recorder.wire.jsontext import parse_json, render_json
from recorder.wire.messages import MessageAssembler
from recorder.wire.reading import Said, is_answer, read_answer
from recorder.wire.ssestream import read_sse

__all__ = ["Answer", "Chunk", "Delta", "ErrorInfo", "assemble"]

DECODED_LIMIT_BYTES = 256 * 1024 * 1024
"""No answer is that long; a compressed bomb is."""

type _Arrivals = Sequence[tuple[int, bytes]]


class Chunk(msgspec.Struct, frozen=True, array_like=True):
    """A chunk of an answer's body as it was on the wire: when it came, in µs since the request began, and its size."""

    at_us: int
    size: int


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came back.

    `message` is a JSON object (bytes): the body of an unstreamed answer as it is, or what a stream's events amount to.
    `complete` is true for a whole answer without an error. `first_event_us` is when a stream's first event was whole,
    or an unstreamed body. Everything here is unredacted.
    """

    message: bytes | None = None
    model: str | None = None
    message_id: str | None = None
    stop_reason: str | None = None
    usage: Usage | None = None
    tool_uses: tuple[ToolUse, ...] = ()
    error: ErrorInfo | None = None
    complete: bool = False
    deltas: tuple[Delta, ...] = ()
    anomalies: tuple[Anomaly, ...] = ()
    first_event_us: int | None = None


def assemble(call: Call, status: int, headers: Headers, body: bytes, chunks: Sequence[Chunk]) -> Answer:
    """Return the answer that `body`, as it was on the wire, amounts to; `chunks` say when its bytes came."""
    try:
        return assemble_or_raise(call, status, headers, body, chunks)
    except Exception as error:  # noqa: BLE001  a record must not be lost because of a mistake in here
        found = anomaly("assembler_failed", f"this answer was not understood: {type(error).__name__}", body)
        return Answer(message=_unparsed(body), anomalies=(found,))


def assemble_or_raise(call: Call, status: int, headers: Headers, body: bytes, chunks: Sequence[Chunk]) -> Answer:
    """Do what `assemble` does; it should not raise either, and tests see it when it does."""
    journal = Journal()
    arrivals = _decoded(body, chunks, header(headers, "content-encoding"), journal)
    data = b"".join(piece for _, piece in arrivals)
    framing = find_framing(call, status, header(headers, "content-type"), data)
    if framing is Framing.JSON:
        return _whole(status, headers, data, arrivals[-1][0] if arrivals else None, journal)
    read = _read_sse if framing is Framing.SSE else _read_frames
    assembler = read(arrivals, data, call, journal)
    return _streamed(assembler, status, headers, journal)


def assemble_events(
    protocol: Protocol | None, status: int, headers: Headers, events: Sequence[tuple[int, str, str]]
) -> Answer:
    """Return what the events of a stream that broke off amount to: time, name in its framing and JSON text of each."""
    journal = Journal()
    assembler = _chosen(protocol, events[0][1] if events else "", journal)
    for at_us, name, data in events:
        assembler.event(name, data, at_us)
    return _streamed(assembler, status, headers, journal)


def header(headers: Headers, name: str) -> str:
    return ", ".join(value for key, value in headers if key.lower() == name)


def _decoded(body: bytes, chunks: Sequence[Chunk], coding: str, journal: Journal) -> _Arrivals:
    """Return the pieces of the body without its content coding, each with its time."""
    if coding.strip().lower() in {"", "identity"}:
        return list(pieces(body, chunks))
    decoder = StreamDecoder(coding, DECODED_LIMIT_BYTES)
    at_us = 0
    arrivals: list[tuple[int, bytes]] = []
    for at_us, piece in pieces(body, chunks):
        arrivals.append((at_us, decoder.feed(piece)))
    arrivals.append((at_us, decoder.finish()))
    if decoder.anomaly is not None:
        journal.add(decoder.anomaly)
    return arrivals


def pieces(body: bytes, chunks: Iterable[Chunk]) -> Iterator[tuple[int, bytes]]:
    """Yield the pieces in which a body came, each with its time."""
    position = at_us = 0
    for at_us, size in ((chunk.at_us, chunk.size) for chunk in chunks if chunk.size > 0):
        if position < len(body):
            yield at_us, body[position : position + size]
        position += size
    if position < len(body):
        yield at_us, body[position:]


def _assembler(protocol: Protocol | None, journal: Journal) -> Assembler:
    if protocol is Protocol.BEDROCK_CONVERSE:
        return ConverseAssembler(journal)
    if protocol is Protocol.COMPLETE:
        return CompletionAssembler(journal)
    return MessageAssembler(journal)


def _chosen(protocol: Protocol | None, name: str, journal: Journal) -> Assembler:
    """Return the assembler for a stream whose first event has this name in its framing."""
    return ConverseAssembler(journal) if name in CONVERSE_EVENTS else _assembler(protocol, journal)


def _read_sse(arrivals: _Arrivals, data: bytes, call: Call, journal: Journal) -> Assembler:
    assembler = _assembler(call.protocol, journal)
    read_sse(data, arrivals, assembler, journal)
    return assembler


def _read_frames(arrivals: _Arrivals, _data: bytes, call: Call, journal: Journal) -> Assembler:
    decoder, reader = EventStreamDecoder(), FrameReader(journal, lambda name: _chosen(call.protocol, name, journal))
    for at_us, item in _decode(decoder, arrivals):
        if isinstance(item, Frame):
            reader.frame(item, at_us)
        elif isinstance(item, Anomaly):
            journal.add(item)
    return reader.taker


def _decode(decoder: EventStreamDecoder, arrivals: _Arrivals) -> Iterator[tuple[int, object]]:
    at_us = 0
    for at_us, piece in arrivals:
        for item in decoder.feed(piece):
            yield at_us, item
    for item in decoder.finish():
        yield at_us, item


def _streamed(assembler: Assembler, status: int, headers: Headers, journal: Journal) -> Answer:
    message = assembler.finish()
    error = assembler.error
    if error is None and status >= 400:
        error = http_error(status, headers, None)
    return _answer(
        read_answer(message or {}, headers),
        message=None if message is None else render_json(message),
        error=error,
        complete=assembler.complete and error is None,
        deltas=tuple(journal.deltas),
        anomalies=journal.anomalies,
        first_event_us=journal.deltas[0].at_us if journal.deltas else None,
    )


def _whole(status: int, headers: Headers, data: bytes, at_us: int | None, journal: Journal) -> Answer:
    value = _parse_whole(data, journal)
    error = None
    if status >= 400:
        error = http_error(status, headers, data.decode(errors="replace") if value is None else value)
    elif is_error(value):
        error = http_error(status, headers, value)
    if isinstance(value, dict):
        message: bytes | None = data
        if error is None and not is_answer(value):
            journal.note("unknown_answer", "the body is JSON, but no answer of a known form")
    else:
        message = _unparsed(data) if value is None else render_json({"type": "unparsed", "json": value})
    return _answer(
        read_answer(value if isinstance(value, dict) else {}, headers),
        message=message,
        error=error,
        complete=isinstance(value, dict) and error is None,
        anomalies=journal.anomalies,
        first_event_us=at_us,
    )


def _parse_whole(data: bytes, journal: Journal) -> Any:
    if not data.strip():
        journal.note("empty_body", "the answer has no body")
        return None
    try:
        return parse_json(data)
    except ValueError:
        journal.note("malformed_json", "the body is not JSON, or ends too early", data)
        return None


def _unparsed(data: bytes) -> bytes | None:
    if not data:
        return None
    return render_json({"type": "unparsed", "text": data.decode(errors="backslashreplace")})


def _answer(said: Said, **fields: Any) -> Answer:
    return Answer(**said._asdict(), **fields)
