"""Content codings of bodies (RFC 9110, section 8.4), undone for the record; the wire is forwarded as it is.

Decompression is bounded, stage by stage, so that a decompression bomb costs no more than the limit; and it never
raises: what could be decoded is given, together with the anomaly that says what could not.
"""

import msgspec

from recorder.wire.anomaly import Anomaly, anomaly
from recorder.wire.engines import ENGINES
from recorder.wire.stage import Stage

_MAX_STACKED = 4
"""Nobody stacks more than two codings; each one more lets a small body cause more work."""


class Decoded(msgspec.Struct, frozen=True):
    """A body without its codings, as far as they could be undone.

    The anomaly's kind is `coding_unknown`, `coding_error`, `coding_truncated`, `coding_limit` or `coding_trailing`. If
    nothing at all came out of a coding, `data` is what went into it, as it came.
    """

    data: bytes
    anomaly: Anomaly | None = None


class StreamDecoder:
    """Undoes the codings that a `Content-Encoding` header names, while the bytes arrive.

    `limit_bytes` bounds the output of each coding (a body without any is not cut). The output is the same however the
    input is split. A coding that is not known stays as it is, with those below it.
    """

    def __init__(self, content_encoding: str | None, limit_bytes: int) -> None:
        named = [name.strip().lower() for name in (content_encoding or "").split(",")]
        codings = [name for name in named if name not in ("", "identity")]
        # Named in the order in which they were applied, so undone from the last one on.
        codings.reverse()
        known = next((n for n, name in enumerate(codings) if name not in ENGINES), len(codings))
        known = min(known, _MAX_STACKED)
        self._stages = [Stage(name, limit_bytes) for name in codings[:known]]
        self._unknown = (content_encoding or "") if known < len(codings) else None

    @property
    def anomaly(self) -> Anomaly | None:
        """What went wrong so far: kind and bytes of the outermost coding in trouble, the details of all."""
        found = [trouble for stage in self._stages if (trouble := stage.anomaly())]
        if self._unknown is not None:
            detail = f"a content coding is not one of {', '.join(ENGINES)}, or more than {_MAX_STACKED} are stacked"
            found.append(anomaly("coding_unknown", detail, self._unknown.encode(errors="backslashreplace")))
        if not found:
            return None
        return anomaly(found[0].kind, "; ".join(trouble.detail for trouble in found), found[0].raw)

    def feed(self, data: bytes) -> bytes:
        """Take the next bytes; give what they decode to."""
        return self._run(0, data)

    def finish(self) -> bytes:
        """Say that the body is over; give what is left, which is only ever a body that could not be decoded at all."""
        out = []
        for number, stage in enumerate(self._stages, start=1):
            out += [self._run(number, chunk) for chunk in stage.finish()]
        return b"".join(out)

    def _run(self, number: int, data: bytes) -> bytes:
        """Send bytes through the stages from `number` on."""
        if number == len(self._stages):
            return data
        return b"".join([self._run(number + 1, chunk) for chunk in self._stages[number].feed(data)])


def decode_body(body: bytes, content_encoding: str | None, limit_bytes: int) -> Decoded:
    """Undo the codings of a whole body; each may give `limit_bytes` at the most. Never raises."""
    decoder = StreamDecoder(content_encoding, limit_bytes)
    data = decoder.feed(body) + decoder.finish()
    return Decoded(data, decoder.anomaly)
