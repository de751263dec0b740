"""Images and documents as hash and size: `[IMAGE sha256:<64 hex> bytes:<n>]`, of the decoded bytes.

An option (`images = "hash"`): pictures are the bulk of a recording and can show what no text scan finds.
"""

import binascii
import hashlib
from collections.abc import Iterable, Iterator

from recorder.redact.protected import Field
from recorder.redact.runs import decode_base64
from recorder.redact.spans import Rank, Span


def hashed(raw: bytes, fields: Iterable[Field]) -> Iterator[Span]:
    """Replace the data of images and documents; spans of the raw JSON text."""
    for field in fields:
        if field.is_bulk:
            yield Span(field.start, field.end, "image", b"", Rank.BULK, mark_of(raw[field.start : field.end]))


def mark_of(data: bytes) -> bytes:
    """Spell what stands for base64 data."""
    try:
        content = decode_base64(data)
    except binascii.Error:
        content = data
    return f"[IMAGE sha256:{hashlib.sha256(content).hexdigest()} bytes:{len(content)}]".encode()
