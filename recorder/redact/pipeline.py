"""Views times detectors: every reading of a text is looked at by every detector, and what they find is mapped back.

A detector that raises makes the whole scan raise `RedactionError`: content of which nothing is known does not pass.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Protocol

from recorder.redact.escapes import cleaned, entities_decoded, percent_decoded, unescaped
from recorder.redact.fingerprint import PLACEHOLDER
from recorder.redact.redacted import RedactionError
from recorder.redact.runs import base64_decoded, dump_decoded, glued, hex_decoded
from recorder.redact.spans import Span
from recorder.redact.twins import twins
from recorder.redact.view import View

# How many readings are stacked: base64 of a percent-encoded JSON string is three.
DEEPEST = 3

VIEWS: tuple[Callable[[bytes], View | None], ...] = (
    cleaned,
    unescaped,
    percent_decoded,
    entities_decoded,
    base64_decoded,
    hex_decoded,
    dump_decoded,
    glued,
)


class Detector(Protocol):
    """Finds secrets in UTF-8 text; offsets are bytes. `name` stands in the error when `find` raises."""

    name: str

    def find(self, text: bytes, /) -> list[Span]:
        """Find secrets."""
        ...


class Pipeline:
    """The detectors, asked about every view."""

    def __init__(self, detectors: Sequence[Detector]) -> None:
        self._detectors = tuple(detectors)

    def scan(self, text: bytes) -> list[Span]:
        """Find what must go, unsorted and overlapping. Raises `RedactionError` when a detector fails."""
        spans = self._scan(text, DEEPEST)
        return [*spans, *twins(text, spans)] if spans else spans

    def _scan(self, text: bytes, depth: int) -> list[Span]:
        spans = _but_placeholders(text, [span for detector in self._detectors for span in _asked(detector, text)])
        for view_of in VIEWS if depth else ():
            view = _viewed(view_of, text)
            if view is not None:
                spans += [span.moved(*view.back(span.start, span.end)) for span in self._scan(view.text, depth - 1)]
        return spans


def _asked(detector: Detector, text: bytes) -> list[Span]:
    try:
        return detector.find(text)
    except Exception as error:  # noqa: BLE001 - whatever it was, the content must not pass
        failure = type(error).__name__
    raise RedactionError(f"detector {detector.name} failed with {failure}; the content is withheld")


def _viewed(view_of: Callable[[bytes], View | None], text: bytes) -> View | None:
    try:
        return view_of(text)
    except Exception as error:  # noqa: BLE001 - whatever it was, the content must not pass
        failure = type(error).__name__
    raise RedactionError(f"view {view_of.__name__} failed with {failure}; the content is withheld")


def _but_placeholders(text: bytes, spans: list[Span]) -> list[Span]:
    """Leave out what lies in our own placeholders, and what is one with some punctuation around it."""
    if b"[REDACTED:" not in text:
        return spans
    marks = [match.span() for match in PLACEHOLDER.finditer(text)]
    starts = [start for start, _ in marks]
    return [span for span in spans if not (_in_marks(span, marks, starts) or _is_mark(span.value))]


def _in_marks(span: Span, marks: list[tuple[int, int]], starts: list[int]) -> bool:
    index = bisect_right(starts, span.start) - 1
    return index >= 0 and span.end <= marks[index][1]


def _is_mark(value: bytes) -> bool:
    return b"[REDACTED:" in value and len(PLACEHOLDER.sub(b"", value)) < 4
