"""Reading of text whose bytes are spelled one by one: `67 68 70`, `67:68:70`, `0x67, 0x68`, `[103, 104, 112]`.

As `od -An -tx1`, OpenSSL and debuggers print them, and as arrays of bytes are printed and serialised.
"""

import re

from recorder.redact.regex import compile_bytes
from recorder.redact.runs import is_text
from recorder.redact.view import GAP, View, ViewBuilder

# Of ASCII: 7f is 127. Three digits first: what matches first is taken, and a run may end behind it.
_BYTE = r"(?:1[0-2][0-9]|(?:0[xX])?[0-9a-fA-F]{2})"
_BETWEEN = r"(?:[:-] ?|,?[ \t]{1,2}|,|[:,]? ?\r?\n[ \t]{0,12})"
SPELLED = _BYTE + r"(?:" + _BETWEEN + _BYTE + r"){7}"
"""What each such text has in it."""
# The shortest secrets that are looked for have 16 characters.
_SPELLED = compile_bytes(_BYTE + r"(?:" + _BETWEEN + _BYTE + r"){15,}")
_NUMBER = re.compile(rb"[0-9a-fA-F]{2,3}(?![xX])")
_HEX = re.compile(rb"[a-fA-F]|0[xX]")


def spelled_out(text: bytes) -> View | None:
    """View of what bytes spell that are given as numbers, as far as it is text."""
    builder = ViewBuilder()
    for match in _SPELLED.finditer(text):
        if (decoded := _read(match.group())) is not None:
            builder.add(decoded + GAP, *match.span(), verbatim=False)
    return builder.build()


def _read(run: bytes) -> bytes | None:
    numbers = _NUMBER.findall(run)
    is_decimal = _HEX.search(run) is None and max(map(int, numbers)) < 128
    for base in (10, 16) if is_decimal else (16,):
        if base == 16 and any(len(number) > 2 for number in numbers):
            continue
        decoded = bytes(int(number, base) for number in numbers)
        if is_text(decoded):
            return decoded
    return None
