"""A second look at what is about to be written, by another way than the first: whatever it finds must not be stored.

It shares no view, no mapping and no replacing with redaction, so that a fault in those does not hide from it: the bytes
as they are serialised are looked through for known values in all encodings, for values with a published format, and for
the user's own kinds. One pass of the prefilter tells whether there can be any, so that it costs little.
"""

from collections.abc import Sequence

from recorder.redact.allowance import Allowance
from recorder.redact.known import KnownValues
from recorder.redact.many import Kept, Many, literal
from recorder.redact.pipeline import Detector, but_placeholders, found_by
from recorder.redact.prefilter import Prefilter
from recorder.redact.protected import protected_fields, unprotected
from recorder.redact.spans import Span

_FREQUENT = ((b"\\n", b" \n"), (b'\\"', b' "'))
_RARE = ((b"\\r", b" \r"), (b"\\t", b" \t"), (b"\\/", b" /"))
"""JSON's escapes whose letter would hide where a value begins, and as many bytes without one."""
_RARE_PLACES = Many([(number, literal(escape)) for number, (escape, _) in enumerate(_RARE)], once=False)
_FEW = 500


class Tripwire:
    """Looks at content that has been redacted. `detectors` find by patterns of their own, without surroundings."""

    def __init__(
        self, known: KnownValues, detectors: Sequence[Detector], allowance: Allowance, kept: Kept | None = None
    ) -> None:
        self._known = known
        self._detectors = tuple(detectors)
        self._allowance = allowance
        placed = [one.name for one in detectors if hasattr(one, "find_at")]
        self._prefilter = Prefilter({one.name: getattr(one, "patterns", ()) for one in detectors}, kept, placed)

    def find(self, data: bytes) -> tuple[str, ...]:
        """Return the kinds of the secrets in `data`, each once; none when all is well."""
        spans = self._known.find(data) if self._known.occurs_in(data) else []
        spans += self._formatted(data)
        going, _ = self._allowance.split(but_placeholders(data, spans))
        if going:
            going = unprotected(protected_fields(data), going)
        return tuple(sorted({span.kind for span in going}))

    def _formatted(self, data: bytes) -> list[Span]:
        text = _without_escapes(data)
        possible = self._prefilter.possible(text)
        return [span for one in self._detectors if one.name in possible for span in found_by(one, possible, text)]


def _without_escapes(data: bytes) -> bytes:
    if b"\\" not in data:
        return data
    for escape, plain in _FREQUENT:
        data = data.replace(escape, plain)
    found: list[tuple[int, int]] = []

    def note(number: int, end: int) -> bool:
        found.append((number, end))
        return len(found) > _FEW

    # Each `replace` takes a millisecond a megabyte, however little there is to replace.
    if not _RARE_PLACES.scan(data, note):
        for escape, plain in _RARE:
            data = data.replace(escape, plain)
        return data
    if not found:
        return data
    plainer = bytearray(data)
    for number, end in found:
        plain = _RARE[number][1]
        plainer[end - len(plain) : end] = plain
    return bytes(plainer)
