"""What an assembler writes down beside the message: each event's time and size, and what it did not understand."""

from typing import Any, NamedTuple

import msgspec

from recorder.wire.anomaly import Anomaly, anomaly
from recorder.wire.jsontext import parse_json

UNKNOWN = "unknown_event"
"""As a delta's `event`: the event is kept in the message's `unknown_events`, at the delta's `index`."""

MAX_ANOMALIES = 100
"""A broken peer can send millions; the first hundred and a count tell all there is to tell."""


class ErrorInfo(msgspec.Struct, frozen=True):
    """An error as the provider put it, unredacted."""

    type: str
    message: str


class Delta(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One event of a stream.

    `at_us` is when it was whole, in microseconds since the request began. `event` is its type; of a
    `content_block_delta` it is the delta's type (`text_delta`). `index` is the content block's index on the wire.
    `size` is how many characters it added to its block (of a citation: of its JSON; of a tool's input: of the JSON
    text). `unknown_event` and `comment` are events of our own naming.
    """

    at_us: int
    event: str
    index: int | None = None
    size: int = 0


class Event(NamedTuple):
    """An event as its framing gives it: a name, its data, and the JSON object that the data is (None if it is none)."""

    name: str
    text: str
    value: dict[str, Any] | None


def read_event(name: str, text: str) -> Event:
    """Parse an event's data."""
    try:
        value = parse_json(text)
    except ValueError:
        value = None
    return Event(name, text, value if isinstance(value, dict) else None)


class Journal:
    """Collects deltas, anomalies and the events that no assembler understood."""

    def __init__(self) -> None:
        self.deltas: list[Delta] = []
        self.unknown_events: list[dict[str, Any]] = []
        self._anomalies: list[Anomaly] = []
        self._uncounted = 0

    def note(self, kind: str, detail: str, raw: bytes = b"") -> None:
        """Add an anomaly; `detail` must not quote the wire."""
        self.add(anomaly(kind, detail, raw))

    def add(self, found: Anomaly) -> None:
        """Add an anomaly that a decoder reported."""
        if len(self._anomalies) < MAX_ANOMALIES:
            self._anomalies.append(found)
        else:
            self._uncounted += 1

    def keep_event(self, at_us: int, event: Event, kind: str, why: str) -> None:
        """Keep an event that cannot be applied to the message, and note an anomaly of that kind."""
        content = {"text": event.text} if event.value is None else {"data": event.value}
        self.deltas.append(Delta(at_us, UNKNOWN, len(self.unknown_events), len(event.text)))
        self.unknown_events.append({"event": event.name, **content})
        self.note(kind, why, event.text.encode(errors="replace"))

    @property
    def anomalies(self) -> tuple[Anomaly, ...]:
        """All that was noted, at most `MAX_ANOMALIES` and a last one that counts the others."""
        if not self._uncounted:
            return tuple(self._anomalies)
        return (*self._anomalies, Anomaly("more_anomalies", f"{self._uncounted} more anomalies are not listed"))
