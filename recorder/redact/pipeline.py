"""Views times detectors: every reading of a text is looked at by every detector, and what they find is mapped back.

A detector with patterns is asked about the texts of which the prefilter says that one of them may match. A detector
that raises makes the whole scan raise `RedactionError`: content of which nothing is known does not pass.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Protocol

from recorder.redact.base64_view import base64_decoded
from recorder.redact.escapes import NOISE, cleaned, entities_decoded, form_decoded, percent_decoded, unescaped
from recorder.redact.fingerprint import PLACEHOLDER
from recorder.redact.joined import JOINT, joined
from recorder.redact.many import Kept
from recorder.redact.prefilter import Ends, Possible, Prefilter
from recorder.redact.redacted import RedactionError
from recorder.redact.runs import GLUED, HEX_DUMP, dump_decoded, glued, hex_decoded
from recorder.redact.spans import Span
from recorder.redact.spelled import SPELLED, spelled_out
from recorder.redact.twins import twins
from recorder.redact.view import LaterView, View

FORMATS = "formats"
SURE = frozenset({"known", "user-rules", FORMATS})
"""The detectors that need nothing beside the value."""

# Compiled together with the patterns of those, as they are for the tripwire: once for both.
_WITH_SURE = frozenset({"private-key"})

# How many readings are stacked: base64 of a percent-encoded JSON string is three.
DEEPEST = 3

VIEWS: tuple[Callable[[bytes], View | LaterView | None], ...] = (
    cleaned,
    unescaped,
    percent_decoded,
    form_decoded,
    entities_decoded,
    base64_decoded,
    hex_decoded,
    dump_decoded,
    spelled_out,
    glued,
    joined,
)


# What a text must match for a view of it to differ; the other views find out by themselves as quickly.
_VIEW_PATTERNS: dict[str, tuple[str, ...]] = {
    cleaned.__name__: (NOISE,),
    percent_decoded.__name__: ("%[0-9A-Fa-f]{2}",),
    form_decoded.__name__: ("%[0-9A-Fa-f]{2}",),
    hex_decoded.__name__: ("[0-9a-fA-F]{24}",),
    dump_decoded.__name__: (HEX_DUMP,),
    spelled_out.__name__: (SPELLED,),
    glued.__name__: (GLUED,),
    joined.__name__: JOINT,
}


class Detector(Protocol):
    """Finds secrets in UTF-8 text; offsets are bytes. `name` stands in the error when `find` raises.

    A detector that has `patterns` finds something in texts alone that one of them matches. One that has `find_at` as
    well is given the places where they do, and finds there what `find` finds.
    """

    name: str

    def find(self, text: bytes, /) -> list[Span]:
        """Find secrets."""
        ...


def _go_on() -> None:
    pass


class Pipeline:
    """The detectors, asked about every view.

    `marks`: names with patterns of which the caller wants to know whether they may match.
    """

    def __init__(
        self,
        detectors: Sequence[Detector],
        marks: Mapping[str, Sequence[str]] | None = None,
        pause: Callable[[], None] = _go_on,
        kept: Kept | None = None,
    ) -> None:
        """`pause` is called between two steps: a text may be of megabytes, and there may be something else to do.

        `kept`: where compiled patterns lie between two processes.
        """
        self._detectors = tuple(detectors)
        self._pause = pause
        patterns = {detector.name: getattr(detector, "patterns", ()) for detector in detectors}
        placed = [detector.name for detector in detectors if hasattr(detector, "find_at")]
        self._prefilter = Prefilter({**patterns, **_VIEW_PATTERNS, **(marks or {})}, kept, placed)
        sure = {name: several for name, several in patterns.items() if name in SURE or name in _WITH_SURE}
        self._sure = Prefilter(sure, kept, placed)

    def scan(self, text: bytes) -> list[Span]:
        """Find what must go, unsorted and overlapping. Raises `RedactionError` when a detector fails."""
        return self.scan_of(text, self.possible(text))

    def scan_of(self, text: bytes, possible: Possible) -> list[Span]:
        """Scan a text of which it is known what is `possible`."""
        spans = self._scan(text, possible, DEEPEST)
        return [*spans, *twins(text, spans)] if spans else spans

    def scan_surely(self, text: bytes) -> list[Span]:
        """Scan by the `SURE` detectors alone, and the text as it stands. Raises `RedactionError`."""
        possible = _guarded("prefilter", self._sure.possible, text)
        return self._scan(text, {name: ends for name, ends in possible.items() if name in SURE}, 0)

    def find_formats(self, text: bytes) -> list[Span]:
        """Find values with a published format alone. Raises `RedactionError`."""
        possible = _guarded("prefilter", self._sure.possible, text)
        return [
            span
            for one in self._detectors
            if one.name == FORMATS and one.name in possible
            for span in _guarded(f"detector {one.name}", partial(found_by, one, possible), text)
        ]

    def possible(self, text: bytes) -> Possible:
        """Say which detectors, views and marks may match a text. Raises `RedactionError`."""
        return _guarded("prefilter", self._prefilter.possible, text)

    def _scan(self, text: bytes, possible: Possible, depth: int) -> list[Span]:
        spans: list[Span] = []
        for one in self._detectors:
            if one.name in possible:
                self._pause()
                spans += _guarded(f"detector {one.name}", partial(found_by, one, possible), text)
        spans = but_placeholders(text, spans)
        for view_of in VIEWS if depth else ():
            self._pause()
            if view_of.__name__ in _VIEW_PATTERNS and view_of.__name__ not in possible:
                continue
            view = _guarded(f"view {view_of.__name__}", view_of, text)
            if view is not None:
                found = self._scan(view.text, self.possible(view.text), depth - 1)
                spans += [span.moved(*view.back(span.start, span.end)) for span in found]
        return spans


def found_by(detector: Detector, possible: Possible, text: bytes) -> list[Span]:
    """Ask a detector about a text, or about the places in it where it may find something."""
    ends = possible[detector.name]
    find_at: Callable[[bytes, Ends], list[Span]] | None = getattr(detector, "find_at", None)
    return detector.find(text) if ends is None or find_at is None else find_at(text, ends)


def _guarded[T](what: str, work: Callable[[bytes], T], text: bytes) -> T:
    """Raise `RedactionError` when the work on a text raises, whatever: nothing of the content is in it."""
    try:
        return work(text)
    except Exception as error:  # noqa: BLE001 - whatever it was, the content must not pass
        failure = type(error).__name__
    raise RedactionError(f"{what} failed with {failure}; the content is withheld")


def but_placeholders(text: bytes, spans: list[Span]) -> list[Span]:
    """Leave out what lies in our own placeholders, and what is one with some punctuation around it."""
    if not spans or b"[REDACTED:" not in text:
        return spans
    marks = [match.span() for match in PLACEHOLDER.finditer(text)]
    starts = [start for start, _ in marks]
    return [span for span in spans if not (_in_marks(span, marks, starts) or _is_mark(span.value))]


def _in_marks(span: Span, marks: list[tuple[int, int]], starts: list[int]) -> bool:
    index = bisect_right(starts, span.start) - 1
    return index >= 0 and span.end <= marks[index][1]


def _is_mark(value: bytes) -> bool:
    return b"[REDACTED:" in value and len(PLACEHOLDER.sub(b"", value)) < 4
