"""PEM, OpenSSH and PGP private key blocks.

RFC 7468 §10, RFC 1421, OpenSSH's PROTOCOL.key. A block goes with whatever stands between its lines: line numbers, diff
signs, escapes, colours. One that was cut off goes as far as its lines look like base64. A pattern cannot do this (RE2
repeats at most 1000 times), so it is a detector of its own.
"""

import re
from collections.abc import Iterator

from recorder.redact.regex import compile_bytes
from recorder.redact.spans import Rank, Span

_BEGIN = compile_bytes(r"-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----")
_END = compile_bytes(r"-----END (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----")
_PUTTY = compile_bytes(
    r"Private-Lines: [0-9]+\s+(?:[^\nA-Za-z]{0,12}[A-Za-z0-9+/]{40,}={0,2}\s+)+[^\nA-Za-z]{0,12}[A-Za-z0-9+/]*={0,2}"
)
# What may follow a BEGIN whose END is missing: base64, header lines, and what tools put between lines.
_REST = re.compile(
    rb"(?:[^A-Za-z]{0,24}(?:[A-Za-z0-9+/=]{16,}|(?:Proc-Type|DEK-Info|Version|Comment): [^\n]*))+"
    rb"[^A-Za-z]{0,24}[A-Za-z0-9+/]{0,76}={0,2}"
)
_BODY = re.compile(rb"[A-Za-z0-9+/]{32}")
# The largest keys in use (RSA 16384, PQC) take some 25 kB.
LONGEST_BLOCK_BYTES = 64_000


class PrivateKeyDetector:
    """Finds private key blocks; a header without a body, as code has it, is none."""

    name = "private-key"
    patterns = ("PRIVATE KEY", "Private-Lines")

    def find(self, text: bytes) -> list[Span]:
        """Find the blocks in UTF-8 text; offsets are bytes."""
        return [Span(start, end, "private-key", text[start:end], Rank.FORMAT) for start, end in self._blocks(text)]

    def _blocks(self, text: bytes) -> Iterator[tuple[int, int]]:
        if b"PRIVATE KEY" in text:
            position = 0
            while (begin := _BEGIN.search(text, position)) is not None:
                end = _end_of_block(text, begin.end())
                if _BODY.search(text, begin.end(), end):
                    yield begin.start(), end
                position = max(end, begin.end())
        if b"Private-Lines" in text:
            for match in _PUTTY.finditer(text):
                yield match.span()


def _end_of_block(text: bytes, start: int) -> int:
    limit = min(start + LONGEST_BLOCK_BYTES, len(text))
    following = _BEGIN.search(text, start, limit)
    limit = following.start() if following else limit
    end = _END.search(text, start, limit)
    if end is not None:
        return int(end.end())
    rest = _REST.match(text, start, limit)
    return rest.end() if rest else start
