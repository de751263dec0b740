"""Content that is put together from safe pieces, and is therefore safe."""

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec

from recorder.model import Finding, SafeBytes, SafeText
from recorder.redact.fingerprint import PLACEHOLDER, placeholder
from recorder.redact.redacted import Redacted, map_offset

type Safe = SafeBytes | SafeText | StrEnum | int | tuple[tuple[str, SafeText], ...] | tuple[Finding, ...] | None
"""What holds no secret by its type; words of this program's own among it."""


def encode_rows(rows: Iterable[tuple[int, SafeText, int | None, int]]) -> SafeBytes:
    """Return rows of numbers and safe texts as a JSON array of arrays."""
    return SafeBytes(msgspec.json.encode(list(rows)))


def stretches_of(redacted: Redacted[SafeBytes], stretches: Iterable[tuple[int, int]]) -> Redacted[SafeBytes]:
    """Return stretches of the raw value as they came out of redaction, one after the other, and what was found there.

    One that begins inside of what was removed begins with its placeholder; one that ends there ends before it.
    """
    edits, value = redacted.edits, redacted.value
    content = b"".join(value[map_offset(edits, start) : map_offset(edits, end)] for start, end in stretches)
    marks = Counter(PLACEHOLDER.findall(content) if redacted.findings else ())
    found = (
        Finding(one.kind, one.fingerprint, marks[placeholder(one.kind, one.fingerprint).encode()])
        for one in redacted.findings
    )
    return Redacted(SafeBytes(content), tuple(one for one in found if one.count))


def encode_members(values: Mapping[str, Safe]) -> SafeBytes:
    """Return a JSON object of safe values, of which bytes are JSON already; what is None is left out."""
    given = {name: value for name, value in values.items() if value is not None}
    return SafeBytes(msgspec.json.encode({k: msgspec.Raw(v) if isinstance(v, bytes) else v for k, v in given.items()}))


def stored_text(text: str) -> SafeText:
    """Return a text that was read out of what the store holds: it was safe when it was stored."""
    return SafeText(text)


def stored_bytes(content: bytes) -> SafeBytes:
    """Return content that was put together from pieces which the store holds: they were safe when they were stored."""
    return SafeBytes(content)
