"""Where a text has long stretches of an alphabet: base64, hexadecimal digits.

Most of a text is none, and what is found is looked at in Python: so the text is reduced to two letters, in which a
search for one string skips from end to end, instead of being read by a regular expression.
"""

from collections.abc import Iterator

LETTERS_AND_DIGITS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
HEX_DIGITS = b"0123456789abcdefABCDEF"

_IN, _OUT = b"i", b"o"


class Alphabet:
    """Finds the maximal stretches of its members that are at least `shortest` bytes long."""

    def __init__(self, members: bytes, shortest: int) -> None:
        self._table = bytes((_IN if byte in members else _OUT)[0] for byte in range(256))
        self._start = _IN * shortest

    def stretches(self, text: bytes) -> Iterator[tuple[int, int]]:
        """Yield start and end of each, front to back."""
        start_of, size = self._start, len(self._start)
        reduced = text.translate(self._table)
        start = reduced.find(start_of)
        while start >= 0:
            end = reduced.find(_OUT, start + size)
            if end < 0:
                end = len(text)
            yield start, end
            start = reduced.find(start_of, end)
