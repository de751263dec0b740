"""An answer under way → `InFlight` rows: what of it can be kept already, redacted, each piece once.

Strategy. A secret is told by what stands around it, and half of one is not told at all. So what is redacted at a time
is what is new, with some of what went before it; and what is kept ends before the last `HELD_BYTES` of the text that
has come, between two words, and outside of everything that redaction removed or that begins like a known secret. What
is held back is kept once more has come behind it. Each byte is looked at a few times, however long the answer grows.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from recorder.capture.messages import Progress
from recorder.capture.wash import utc
from recorder.model import SafeBytes
from recorder.redact import Edit, Redacted, Redactor, Safe, encode_members, stretches_of
from recorder.store.rows import InFlight
from recorder.wire.classify import classify, refine_provider
from recorder.wire.following import Follower, Item, literal_bytes, rendered
from recorder.wire.jsontext import parse_json

HELD_BYTES = 512
"""How much text must have come behind a place before what stands there is kept. As far as redaction looks over the
edge of a string; with it two seconds of a quick model are held back, more than the second between two rows."""
CONTEXT_CHARACTERS = 1024
"""How much of what was kept is looked at once more, for what gives away what comes after it."""
PATIENT_BYTES = 16_000
"""So much without a place to end at is looked at again only once it has doubled: else a long one costs its square."""

# Between two words, and never inside of an escape: a run of backslashes is left whole.
_BOUNDARY = re.compile(rb" |(?<!\\)\\+[nrt]")


class _Place(NamedTuple):
    """Where an item stands in the document: its beginning, its text (empty if it has none), the text's end, its end."""

    start: int
    text: int
    until: int
    end: int


class _Partial:
    """One answer."""

    def __init__(self, follower: Follower) -> None:
        self.follower = follower
        self.bytes = 0
        self.at_us = 0
        self._done = 0
        """So many of the items were kept whole: they are there as surroundings."""
        self._sent = 0
        """So many characters of the item after them were kept."""
        self._next_bytes = 0

    def ready(self, redactor: Redactor) -> Redacted[SafeBytes] | None:
        """Return the items that can be kept now, as a JSON array; None when there are none. Raises RedactionError."""
        if len(self.follower.items) <= self._done or self.bytes < self._next_bytes:
            return None
        document, places = _document(self.follower.items)
        redacted = redactor.json(document, cut=True)
        until, cut = self._until(document, places, redacted.edits)
        stretches = self._stretches(places, until, cut)
        if not stretches:
            self._next_bytes = self.bytes + len(document) if len(document) > PATIENT_BYTES else 0
            return None
        self._keep(document, places, until, cut)
        return stretches_of(redacted, [(0, 1), *stretches, (len(document) - 1, len(document))])

    def _until(self, document: bytes, places: list[_Place], edits: Iterable[Edit]) -> tuple[int, int]:
        """Return the number of the first item that is not kept whole, and where in the document to end in its text."""
        number, limit = self._limit(places)
        if number == len(places):
            return number, len(document)
        first = self._first(places, number)
        while True:
            cut = _boundary(document, first, limit)
            inside = next((edit.start for edit in edits if edit.start < cut < edit.end), None)
            if inside is None or cut == first:
                return number, cut
            limit = inside

    def _limit(self, places: list[_Place]) -> tuple[int, int]:
        """Return the last item, and the place in it, that have `HELD_BYTES` of text behind them; else the first text.

        What has no text is whole, and is kept as it comes.
        """
        held = HELD_BYTES
        for number in range(len(places) - 1, self._done - 1, -1):
            size = places[number].until - places[number].text
            if size >= held:
                return number, places[number].until - held
            held -= size
        items = self.follower.items
        first = next((n for n in range(self._done, len(items)) if items[n].place is not None), len(items))
        return first, 0

    def _first(self, places: list[_Place], number: int) -> int:
        """Return where in an item the text begins that was not kept yet."""
        begun = self._sent if number == self._done else 0
        return places[number].text + (literal_bytes(self.follower.items[number].text[:begun]) if begun else 0)

    def _stretches(self, places: list[_Place], until: int, cut: int) -> list[tuple[int, int]]:
        """Return what of the document is kept: items, and of one that was begun the text from there on."""
        kept: list[tuple[int, int]] = []
        for number in range(self._done, min(until + 1, len(places))):
            place, first = places[number], self._first(places, number)
            last = cut if number == until else place.until
            if first == last and (number == until or (number == self._done and self._sent)):
                continue
            kept += [(place.start - 1, place.start)] if kept else []  # the comma
            kept += [(place.start, place.text), (first, last), (place.until, place.end)]
        return kept

    def _keep(self, document: bytes, places: list[_Place], until: int, cut: int) -> None:
        """Take note of what is kept, and let go of what is not needed as surroundings any more."""
        items = self.follower.items
        self._sent = 0
        if until < len(items) and cut > places[until].text:
            text = items[until].text
            sent = len(parse_json(b'"%b"' % document[places[until].text : cut]))
            start = max(0, sent - CONTEXT_CHARACTERS)
            items[until].texts = [text[start:]]
            self._sent = sent - start
        around, first = CONTEXT_CHARACTERS - self._sent, until
        while first > 0 and around > 0:
            first -= 1
            around -= places[first].end - places[first].start
        del items[:first]
        self._done = until - first


class PartialSide:
    """Makes `InFlight` rows for one run."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._partials: dict[str, _Partial] = {}
        self._given_up: set[str] = set()

    def row(self, message: Progress, body: bytes, at_us: int) -> InFlight | None:
        """Return the row; None when there is nothing to keep. Raises RedactionError, after which `give_up` is due."""
        call = classify(message.target.method, message.target.host, message.target.path)
        if message.offset == 0 and message.id not in self._given_up:
            self._partials[message.id] = _Partial(Follower(call, message.status, message.headers))
        partial = self._partials.get(message.id)
        if partial is None or partial.bytes != message.offset:
            return None  # given up, or a message before this one did not come through: the proxy starts over
        chunks = message.chunks.unpacked()
        partial.follower.feed(body, chunks)
        partial.bytes += len(body)
        partial.at_us = chunks[-1].at_us if chunks else partial.at_us
        content = self._content(partial, partial.ready(self._redactor))
        if message.offset == 0:
            provider = refine_provider(call, message.target.host, message.headers)
            content |= {"protocol": call.protocol, "provider": provider, **self._head(message)}
        return InFlight(
            id=message.id, at_utc=utc(at_us), starts_over=message.offset == 0, content=encode_members(content)
        )

    def give_up(self, id_: str) -> None:
        """Keep no more of an answer: something in it cannot be redacted."""
        self._partials.pop(id_, None)
        self._given_up.add(id_)

    def end(self, id_: str) -> None:
        """Forget an answer that is over."""
        self._partials.pop(id_, None)
        self._given_up.discard(id_)

    def _content(self, partial: _Partial, events: Redacted[SafeBytes] | None) -> dict[str, Safe]:
        timing, partial.follower.timing = partial.follower.timing, []
        return {
            "bytes": partial.bytes,
            "at_us": partial.at_us,
            "timing": self._redactor.timing((delta.at_us, delta.event, delta.index, delta.size) for delta in timing),
            "events": events.value if events else None,
            "findings": events.findings if events else None,
        }

    def _head(self, message: Progress) -> dict[str, Safe]:
        headers = self._redactor.headers(message.headers)
        return {"status": message.status, "ttft_us": message.ttft_us, "headers": headers}


def _document(items: Iterable[Item]) -> tuple[bytes, list[_Place]]:
    """Return the items as a JSON array, and where each stands in it."""
    document, places = bytearray(b"["), list[_Place]()
    for item in items:
        head, text, tail = rendered(item)
        document += b"," if places else b""
        start = len(document)
        document += head + text + tail
        places.append(_Place(start, start + len(head), start + len(head) + len(text), len(document)))
    return bytes(document + b"]"), places


def _boundary(document: bytes, first: int, limit: int) -> int:
    """Return the last place between two words up to a limit; `first` when there is none after it."""
    return max((match.start() for match in _BOUNDARY.finditer(document, first, max(first, limit))), default=first)
