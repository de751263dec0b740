"""What the frames of a Bedrock stream carry: Messages events in chunks, Converse events, exceptions.

A chunk's payload is `{"bytes": "<base64 of one Messages event>", "p": "<padding>"}`. An exception frame says
`:exception-type` and has `{"message"}` as its payload; an error frame says `:error-code` and `:error-message`.
Sources: WIRE.md section 3; botocore 1.44.5 (`parsers.py`, `eventstream.py`); checked November 2026.
"""

import base64
import binascii
from collections.abc import Callable
from typing import Any, Protocol

from recorder.wire.eventstream import Frame
from recorder.wire.failure import error_in
from recorder.wire.journal import ErrorInfo, Event, Journal
from recorder.wire.jsontext import parse_json


class Taker(Protocol):
    """What takes the events of one stream."""

    def event(self, name: str, data: str, at_us: int) -> None:
        """Apply one event: its name in the framing and its JSON text."""

    def fail(self, error: ErrorInfo, at_us: int) -> None:
        """Take an error that the framing carries."""


class Assembler(Taker, Protocol):
    """What puts the events of one stream together; `MessageAssembler` and its like."""

    @property
    def complete(self) -> bool:
        """Whether the answer is whole."""

    error: ErrorInfo | None

    def finish(self) -> dict[str, Any] | None:
        """Return the answer as far as it came."""


class FrameReader[T: Taker]:
    """Hands what frames carry to the taker of the stream, which the name of the first event frame chooses."""

    def __init__(self, journal: Journal, choose: Callable[[str], T]) -> None:
        self._journal = journal
        self._choose = choose
        self._taker: T | None = None

    @property
    def taker(self) -> T:
        """The taker of this stream."""
        return self._chosen("")

    def _chosen(self, name: str) -> T:
        if self._taker is None:
            self._taker = self._choose(name)
        return self._taker

    def frame(self, frame: Frame, at_us: int) -> None:
        """Take one frame."""
        kind = _header(frame, ":message-type") or "event"
        name = _header(frame, ":event-type")
        if kind in {"exception", "error"}:
            self.taker.fail(_frame_error(frame), at_us)
            return
        self._chosen(name)
        text = frame.payload.decode(errors="replace")
        if name == "chunk":
            self._chunk(text, at_us)
        else:
            self.taker.event(name or "message", text, at_us)

    def _chunk(self, payload: str, at_us: int) -> None:
        event = _unwrap(payload)
        if event is None:
            why = "a chunk without readable bytes"
            self._journal.keep_event(at_us, Event("chunk", payload, None), "malformed_event", why)
        else:
            self.taker.event("message", event, at_us)


def _unwrap(payload: str) -> str | None:
    try:
        return base64.b64decode(parse_json(payload)["bytes"], validate=True).decode()
    except (ValueError, TypeError, LookupError, binascii.Error):
        return None


def _frame_error(frame: Frame) -> ErrorInfo:
    kind = _header(frame, ":exception-type") or _header(frame, ":error-code") or "error"
    text = frame.payload.decode(errors="replace")
    try:
        said = error_in(parse_json(text), kind)
    except ValueError:
        said = ErrorInfo(kind, text)
    return ErrorInfo(kind, said.message or _header(frame, ":error-message"))


def _header(frame: Frame, name: str) -> str:
    value = frame.headers.get(name)
    return value if isinstance(value, str) else ""
