"""Content that is put together from safe pieces, and is therefore safe."""

from collections.abc import Iterable

import msgspec

from recorder.model import SafeBytes, SafeText


def encode_rows(rows: Iterable[tuple[int, SafeText, int | None, int]]) -> SafeBytes:
    """Return rows of numbers and safe texts as a JSON array of arrays."""
    return SafeBytes(msgspec.json.encode(list(rows)))
