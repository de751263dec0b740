"""Many small JSON texts looked at as one: most hold nothing, and a look costs by its number as much as by its bytes.

Strategy. Texts are joined by a line that no pattern reads over. When nothing at all is found in what they are together,
nothing is in any of them: a match that lies in one text is there as well, and one that reaches over a joint is a match
too. When anything is found, the texts that it stands in are looked at by themselves, so that no joint ever decides
what is removed.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from recorder.redact.literals import Literals
from recorder.redact.protected import Field, may_have_fields, protected_fields
from recorder.redact.spans import Span
from recorder.redact.view import JOINT

BUNDLE_BYTES = 64_000
"""Small enough that what it takes to look at one is nothing that anybody has to wait for."""
ALONE_BYTES = 8_000
"""Of a text that is looked at by itself: there is less to win than a second look costs, when something is found."""


class Bundle:
    """Texts in one. `is_sound`: no string of one reaches into the next, as those of broken JSON would."""

    def __init__(self, texts: Sequence[bytes]) -> None:
        together = JOINT.join(texts)
        self.literals = Literals(together)
        self.fields: list[Field] = []
        """The protected fields of each, where they are in the whole."""
        self.is_sound = True
        self._starts: list[int] = []
        has_fields = may_have_fields(together)
        at = 0
        for text in texts:
            self._starts.append(at)
            self.is_sound &= not self.literals.holds(at)
            if has_fields:
                self.fields += (Field(at + one.start, at + one.end, one.is_bulk) for one in protected_fields(text))
            at += len(text) + len(JOINT)

    def touched(self, spans: Iterable[Span]) -> set[int]:
        """Give the numbers of the texts that these spans of the whole are in, or beside."""
        starts = self._starts
        return {
            number
            for span in spans
            for number in range(bisect_right(starts, span.start) - 1, bisect_left(starts, span.end))
        }


def bundled(texts: Iterable[bytes]) -> Iterator[list[tuple[int, bytes]]]:
    """Yield the texts with their numbers: large ones alone, of the others as many together as `BUNDLE_BYTES` allows."""
    bundle: list[tuple[int, bytes]] = []
    size = 0
    for number, text in enumerate(texts):
        if len(text) >= ALONE_BYTES:
            yield [(number, text)]
            continue
        if bundle and size + len(text) > BUNDLE_BYTES:
            yield bundle
            bundle, size = [], 0
        bundle.append((number, text))
        size += len(text)
    if bundle:
        yield bundle
