"""JSON Lines, the canonical export: one object an interaction, with all that `recorder show --json` has of it.

Bodies are given as they are on record, without being decoded: an export is as exact as the record, and fast.
"""

from typing import Any

import msgspec

from recorder.store.results import Whole
from recorder.view import asjson
from recorder.view.blocks import decode

_check = msgspec.json.Decoder(msgspec.Raw).decode
_encoder = msgspec.json.Encoder()
_LINE_ENDS = bytes.maketrans(b"\r\n", b"  ")


class JsonLines:
    """Writes objects as lines."""

    def begin(self) -> bytes:
        """Give what stands before the first interaction."""
        return b""

    def add(self, whole: Whole) -> bytes:
        """Give an interaction."""
        return _encoder.encode_lines((asjson.whole(whole, as_json),))

    def end(self) -> bytes:
        """Give what stands after the last interaction."""
        return b""


def as_json(body: bytes) -> Any:
    """Give a body that is JSON as one line, byte for byte but for line ends between its members; others as text."""
    try:
        body.decode()
        raw = _check(body)  # of the same memory: bodies are large, and each copy is felt
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return decode(body)
    return msgspec.Raw(bytes(raw).translate(_LINE_ENDS)) if b"\n" in body or b"\r" in body else raw
