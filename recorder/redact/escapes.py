r"""Readings of single escapes: `\n` and `\u0073`, `%2F`, `&amp;`, full-width letters, what is invisible.

The backslash escapes are JSON's (RFC 8259 §7) and those that languages add (`\x73`, `\163`, `\u{73}`, `\'`).
"""

import html
import re
import sys
from collections.abc import Iterator
from functools import lru_cache

from recorder.redact.regex import compile_bytes
from recorder.redact.view import LaterView, Token, View, substitute, substitute_all, tokens_of

# A pair of surrogates is one escape; a lone one is kept as its own three bytes, so that nothing is lost.
JSON_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}"
    rb"|\\[ux]\{[0-9a-fA-F]{1,6}\}|\\x[0-9a-fA-F]{2}|\\[0-3][0-7]{2}|\\.",
    re.DOTALL,
)
_SINGLE = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"b": b"\b", b"f": b"\f"}
_PERCENT = re.compile(rb"%[0-9A-Fa-f]{2}")
# What a form is sent as (https://url.spec.whatwg.org/#urlencoded-serializing) has no blank in it.
_FORM = compile_bytes(r"[^\s\"'<>]*%[0-9A-Fa-f]{2}[^\s\"'<>]*")
_FORM_CODE = re.compile(rb"%[0-9A-Fa-f]{2}|\+")
_ENTITY = re.compile(rb"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});")
# ECMA-48: CSI sequences, OSC strings up to BEL or ST, and the two-character escapes.
_ANSI = rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)?|[@-Z\\^_])"
# Zero-width space, joiners and marks, word joiner and invisible operators, byte order mark, soft hyphen, NUL.
_INVISIBLE = rb"\xe2\x80[\x8b-\x8f\xaa-\xae]|\xe2\x81[\xa0-\xa4]|\xef\xbb\xbf|\xc2\xad|\x00"
# U+FF01..U+FF5E, the full-width forms of ASCII.
_FULL_WIDTH = rb"\xef\xbc[\x81-\xbf]|\xef\xbd[\x80-\x9e]"
_FULL_WIDTH_LEADS = (b"\xef\xbc", b"\xef\xbd")
_NOISE = re.compile(rb"(?:" + _ANSI + rb"|" + _INVISIBLE + rb"|" + _FULL_WIDTH + rb")")
NOISE = (rb"\x1b|" + _INVISIBLE + rb"|" + _FULL_WIDTH).decode("latin-1")
"""A pattern without which a text has nothing to clean; terminal sequences by their first byte."""


@lru_cache(4096)
def read_escape(escape: bytes) -> bytes:
    """Read one backslash escape; an unknown one reads as the character after the backslash."""
    if escape[2:3] == b"{":
        point = int(escape[3:-1], 16)
        return chr(point).encode("utf-8", "surrogatepass") if point <= sys.maxunicode else escape
    if len(escape) == 12:
        high, low = int(escape[2:6], 16), int(escape[8:], 16)
        return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)).encode()
    if len(escape) == 4 and escape[1:].isdigit():
        return bytes([int(escape[1:], 8)])
    if len(escape) == 4 and escape[1:2] == b"x":
        return bytes.fromhex(escape[2:].decode())  # a byte of UTF-8, as Python and C print it, rather than a character
    if len(escape) > 2:
        return chr(int.from_bytes(bytes.fromhex(escape[2:].decode()))).encode("utf-8", "surrogatepass")
    return _SINGLE.get(escape[1:], escape[1:])


def unescaped(text: bytes) -> View | None:
    """View with backslash escapes read, once."""
    return substitute(text, tokens_of(JSON_ESCAPE.finditer(text), read_escape)) if b"\\" in text else None


def percent_decoded(text: bytes) -> View | None:
    """View with percent-encoding (RFC 3986 §2.1) read, once."""
    if b"%" not in text:
        return None
    return substitute(text, tokens_of(_PERCENT.finditer(text), lambda code: bytes.fromhex(code[1:].decode())))


def form_decoded(text: bytes) -> View | None:
    """View with percent-encoding and `+` read as forms have them, once; None where no `+` stands among it."""
    return substitute(text, _form_codes(text)) if b"%" in text and b"+" in text else None


def _form_codes(text: bytes) -> Iterator[Token]:
    for match in _FORM.finditer(text):
        start, end = match.span()
        if text.find(b"+", start, end) < 0:
            continue  # read as percent-encoding already
        for code in _FORM_CODE.finditer(text, start, end):
            read = b" " if code.group() == b"+" else bytes.fromhex(code.group()[1:].decode())
            yield *code.span(), read


def entities_decoded(text: bytes) -> View | None:
    """View with HTML entities read, once."""
    return substitute(text, tokens_of(_ENTITY.finditer(text), _read_entity)) if b"&" in text else None


def cleaned(text: bytes) -> View | LaterView | None:
    """View without terminal sequences and invisible characters, and with full-width letters read as ASCII."""

    # All of it: a key block with a colour code in one line has no secret in that line alone.
    def build() -> View | None:
        return substitute_all(text, tokens_of(_NOISE.finditer(text), _read_noise))

    if any(lead in text for lead in _FULL_WIDTH_LEADS):
        return build()
    without = _NOISE.sub(b"", text)
    return LaterView(without, build) if len(without) < len(text) else None


@lru_cache(4096)
def _read_entity(entity: bytes) -> bytes | None:
    read = html.unescape(entity.decode("ascii"))
    return None if read.encode("utf-8", "surrogatepass") == entity else read.encode("utf-8", "surrogatepass")


def _read_noise(noise: bytes) -> bytes:
    if len(noise) == 3 and noise[0] == 0xEF and noise[1] in (0xBC, 0xBD):
        return chr(ord(noise.decode()) - 0xFEE0).encode()
    return b""
