"""Small conversions from what came off the wire to what may be stored, shared by both sides of an interaction."""

import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any

import msgspec

from recorder.model import Headers, Identity, SafeBytes, SafeText, Usage
from recorder.redact import Redactor
from recorder.wire.anomaly import Anomaly

MOST_RESIDUE = 2000
"""Characters of undecodable bytes that an anomaly shows; the bytes themselves are counted in it."""


_MOST_PIECES = 1000
_LONGEST_PIECE_BYTES = 200


class Wash:
    """Redacts the short texts around an exchange: names, ids, messages."""

    def __init__(self, redactor: Redactor, mac_key: bytes) -> None:
        self._redactor = redactor
        self._mac_key = mac_key
        self._clean: dict[bytes, SafeBytes] = {}
        """Pieces that redaction left as they are; those that came first, since they come in nearly every request."""

    def text(self, text: str) -> SafeText:
        """Return the text without its secrets."""
        return self._redactor.text(text).value

    def maybe(self, text: str | None) -> SafeText | None:
        """Return the text without its secrets; None stays None."""
        return None if text is None else self.text(text)

    def json(self, piece: bytes) -> SafeBytes:
        """Return JSON tokens without their secrets: one of the few pieces that stand in every request."""
        known = self._clean.get(piece)
        if known is not None and self._redactor.is_clean(piece):  # else a secret was learned that it may hold
            return known
        safe = self._redactor.json(piece).value
        if safe == piece and len(piece) <= _LONGEST_PIECE_BYTES and len(self._clean) < _MOST_PIECES:
            self._clean[piece] = safe
        return safe

    def identity(self, identity: Identity) -> Identity:
        """Return the identity without secrets: its fields are whatever the client said."""
        fields = {name: self.maybe(value) for name, value in msgspec.structs.asdict(identity).items()}
        return Identity(**fields)

    def usage(self, usage: Usage | None) -> Usage | None:
        """Return the usage without secrets: its raw part is whatever the provider said."""
        # Redaction leaves numbers as they are. Without them, usage is the same text in nearly every answer.
        if usage is None or self._redactor.is_clean(msgspec.json.encode(_without_numbers(msgspec.to_builtins(usage)))):
            return usage
        return msgspec.json.decode(self._redactor.json(msgspec.json.encode(usage)).value, type=Usage)

    def anomaly(self, anomaly: Anomaly) -> SafeText:
        """Return an anomaly as a line of text, with the bytes it is about.

        What a stream was cut off in stays out: it may be the middle of a secret whose beginning came in the event
        before, and nothing can tell. How many bytes they were is in the detail.
        """
        if anomaly.kind.endswith("_truncated"):
            return self.text(f"{anomaly.kind}: {anomaly.detail}")
        # Redacted before it is shortened: half a secret would not be known for one.
        residue = self._redactor.text(anomaly.raw.decode("utf-8", "backslashreplace"), cut=True).value
        return self.text(f"{anomaly.kind}: {anomaly.detail}" + (f" <{residue[:MOST_RESIDUE]}>" if residue else ""))

    def mac(self, body: bytes) -> str | None:
        """Return the keyed hash of a body on the wire, in hex; None for none."""
        return hmac.digest(self._mac_key, body, hashlib.sha256).hex() if body else None


def _without_numbers(value: Any) -> Any:
    match value:
        case dict():
            return {key: _without_numbers(member) for key, member in value.items()}
        case list() | tuple():
            return [_without_numbers(member) for member in value]
        case int() | float():
            return 0
        case _:
            return value


def header(headers: Headers, *names: str) -> str | None:
    """Return the value of the first of these fields (lower case) that is there."""
    values = {name.lower(): value for name, value in reversed(headers)}
    return next((values[name] for name in names if name in values), None)


def utc(at_us: int) -> str:
    """Return UTC microseconds since the epoch as ISO 8601 with milliseconds and Z."""
    return datetime.fromtimestamp(at_us // 1000 / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
