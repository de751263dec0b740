"""A stream while it comes: its events so far, the pieces of one text as one, for a record of how far it has come.

Strategy: a stream is some large events and thousands of small ones that differ in a piece of text alone. Those are
joined as they come, so that who looks at the text sees it whole. Nothing is assembled: what is kept of the events is
events again, which the assemblers of this room can be given later (`recorder.wire.answer.assemble_events`).
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from recorder.model import Headers
from recorder.wire.anomaly import Anomaly
from recorder.wire.answer import DECODED_LIMIT_BYTES, Chunk, header, pieces
from recorder.wire.bedrock import FrameReader
from recorder.wire.classify import Call
from recorder.wire.coding import StreamDecoder
from recorder.wire.eventstream import EventStreamDecoder
from recorder.wire.framing import Framing, find_framing
from recorder.wire.journal import Delta, ErrorInfo, Journal
from recorder.wire.jsontext import join_text, parse_json, render_json
from recorder.wire.sse import SseDecoder, SseEvent

TEXTS: tuple[tuple[str, ...], ...] = (
    ("delta", "text"),
    ("delta", "thinking"),
    ("delta", "partial_json"),
    ("delta", "signature"),
    ("delta", "toolUse", "input"),
    ("delta", "reasoningContent", "text"),
    ("completion",),
)
"""Where in an event the text stands that goes on from the event before. Never reordered: numbers of it are stored."""

_HALF = re.compile("[\ud800-\udfff]")
"""Half a character, the other half of which has not come, or never will."""

_TELLING_BYTES = 16
"""From so many on the framing can be told; any stream's first event is longer."""


class Item(msgspec.Struct):
    """An event (`event` is its JSON, any `name` the framing's), or many that differ in their text alone.

    Then `place` says which of `TEXTS` it is, `event` has nothing in its place, and `texts` are the pieces, which the
    caller may shorten from the front; `at_us` is when the first came.
    """

    at_us: int
    name: str
    event: Any
    place: int | None = None
    texts: list[str] = []

    @property
    def text(self) -> str:
        """The text, the pieces of which are one from now on."""
        if len(self.texts) > 1:
            self.texts = [join_text(self.texts)]
        return self.texts[0] if self.texts else ""


class Follower:
    """Feed it the bytes of an answer in any cut. `items` and `timing` are for the caller to take things out of."""

    def __init__(self, call: Call, status: int, headers: Headers) -> None:
        self.items: list[Item] = []
        self.timing: list[Delta] = []
        """When each event came and how many characters it brought: as in an assembled answer, as far as told."""
        self._call = call
        self._status = status
        self._content_type = header(headers, "content-type")
        self._coding = StreamDecoder(header(headers, "content-encoding"), DECODED_LIMIT_BYTES)
        self._head = b""
        self._read: Callable[[bytes, int], None] | None = None

    def feed(self, body: bytes, chunks: Sequence[Chunk]) -> None:
        """Take the next bytes as they were on the wire; `chunks` say when they came."""
        for at_us, piece in pieces(body, chunks):
            self._decoded(self._coding.feed(piece), at_us)

    def event(self, name: str, data: str, at_us: int) -> None:
        """Take one event; what is no JSON object is left out, for the record of the whole answer to tell."""
        try:
            value = parse_json(data)
        except ValueError:
            return
        if not isinstance(value, dict) or value.get("type") == "ping":
            return
        place, text = _taken_out(value)
        last = self.items[-1] if self.items else None
        if place is None or last is None or (last.name, last.place, last.event) != (name, place, value):
            self.items.append(Item(at_us, name, value, place, [text] if text else []))
        else:
            last.texts.append(text)
        self.timing.append(_delta(at_us, name, value, len(text)))

    def fail(self, error: ErrorInfo, at_us: int) -> None:
        """Take an error that the framing carries."""
        value = {"type": "error", "error": {"type": error.type, "message": error.message}}
        self.event("error", render_json(value).decode(), at_us)

    def _decoded(self, data: bytes, at_us: int) -> None:
        if self._read is None:
            self._head += data
            if len(self._head) < _TELLING_BYTES:
                return
            data, self._head = self._head, b""
            self._read = self._reader(find_framing(self._call, self._status, self._content_type, data))
        self._read(data, at_us)

    def _reader(self, framing: Framing) -> Callable[[bytes, int], None]:
        if framing is Framing.SSE:
            return self._sse(SseDecoder())
        if framing is Framing.EVENT_STREAM:
            return self._frames(EventStreamDecoder())
        return lambda _data, _at_us: None  # one JSON text: nothing can be told before it is whole

    def _sse(self, decoder: SseDecoder) -> Callable[[bytes, int], None]:
        def read(data: bytes, at_us: int) -> None:
            for item in decoder.feed(data):
                if isinstance(item, SseEvent):
                    self.event(item.event, item.data, at_us)

        return read

    def _frames(self, decoder: EventStreamDecoder) -> Callable[[bytes, int], None]:
        reader = FrameReader(Journal(), lambda _name: self)

        def read(data: bytes, at_us: int) -> None:
            for item in decoder.feed(data):
                if not isinstance(item, Anomaly):
                    reader.frame(item, at_us)

        return read


def rendered(item: Item) -> tuple[bytes, bytes, bytes]:
    """Return an item as a JSON object in three pieces, of which the middle one is the text as it stands in a literal.

    Of an item without a text the middle is empty. Strings that belong together stand beside each other in it, with
    nothing between them but what says what they are.
    """
    about = {"at_us": item.at_us, "name": item.name, "event": item.event}
    if item.place is None:
        return render_json(about), b"", b""
    head = render_json(about | {"type": item.place})[:-1]
    return head + b',"' + TEXTS[item.place][-1].encode() + b'":"', _literal(item.text), b'"}'


def literal_bytes(text: str) -> int:
    """Return how many bytes the beginning of a text takes where it is `rendered`."""
    return len(_literal(text))


def _literal(text: str) -> bytes:
    return render_json(_HALF.sub("\ufffd", text))[1:-1]


def read_back(value: dict[str, Any]) -> tuple[int, str, str]:
    """Return time, name and JSON text of the event that a `rendered` item, parsed, stands for."""
    event, place = value["event"], value.get("type")
    if place is not None:
        *way, last = TEXTS[place]
        inner = event
        for key in way:
            inner = inner[key]
        inner[last] = value[last]
    return value["at_us"], value["name"], render_json(event).decode()


def _taken_out(event: dict[str, Any]) -> tuple[int | None, str]:
    """Take the text out of an event; return which of `TEXTS` it stood at."""
    for place, (*way, last) in enumerate(TEXTS):
        inner: Any = event
        for key in way:
            inner = inner.get(key) if isinstance(inner, dict) else None
        if isinstance(inner, dict) and isinstance(inner.get(last), str):
            return place, inner.pop(last)
    return None, ""


def _delta(at_us: int, name: str, event: dict[str, Any], size: int) -> Delta:
    inner = event.get("delta")
    kind = inner.get("type") if isinstance(inner, dict) else None
    kind = kind if isinstance(kind, str) else event.get("type")
    index = event.get("index", event.get("contentBlockIndex"))
    return Delta(at_us, kind if isinstance(kind, str) else name, index if type(index) is int else None, size)
