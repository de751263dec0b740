"""Readings of runs: hexadecimal digits, dumps, names that are glued together; and what base64 holds.

The way back is the whole run: where a secret begins inside it is not worth being unsure about.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

from recorder.redact.regex import compile_bytes
from recorder.redact.stretches import HEX_DIGITS, LETTERS_AND_DIGITS, Alphabet
from recorder.redact.view import GAP, View, ViewBuilder

_HEX = Alphabet(HEX_DIGITS, 24)
# What tools print in front of a line: `   12→`, `12:`, `+`, `> `; a first line begins at a JSON string's quote.
_MARGIN = r"(?:^|\")(?:[ \t]{0,12}[0-9]{1,7}(?:\xe2\x86\x92|[\t|)] ?|: ?)|[+>|-] ?)??[ \t]{0,8}"
HEX_DUMP = r"[0-9a-fA-F]{4}:? {1,2}[0-9a-fA-F]{2,4} "
"""What each line of a dump has in it. (With `XX(?:XX)?` for the digits Hyperscan takes more than twice as long.)"""
_DIGITS = r"[0-9a-fA-F]{2,4}"
# What `od -tx1` and `hexdump` print ends with a line's last byte, what others print goes on with the same as text.
_HEX_DUMP = compile_bytes(
    r"(?m)" + _MARGIN + r"[0-9a-fA-F]{4,8}:? {1,2}(?:((?:" + _DIGITS + r" ){0,16}" + _DIGITS + r") {0,60}(?:\r?$|\")"
    r"|((?:" + _DIGITS + r" {1,2}){1,17})[^\n]*)"
)
_WORD_DIGITS = 4
# The margin and the address of a line, and one with a star.
_MOST_BETWEEN_LINES = 48
# `is_text` allows for three bytes of ten that are not, of the first 4096; each has two digits.
_TEXT_HALVES = b"01234567"
# Digits of MD5, of SHA-1, -256, -384 and -512.
_DIGESTS = frozenset({32, 40, 64, 96, 128})
# RFC 3629 §3: 110xxxxx, 1110xxxx or 11110xxx, then 10xxxxxx.
_LEADING, _FOLLOWING = (b"c", b"d", b"e", b"f"), (b"8", b"9", b"a", b"b")
_HEX_HEAD = 8192
_BREAKS = re.compile(rb"[\r\n\t ]+")
TEXT_BYTES = bytes([9, 10, 13, 27, *range(32, 127)])
# Text may have a binary header; random bytes are text to 38 %, so two thirds tell them apart at these lengths.
TEXT_SHARE = 0.7

_SHORTEST_FOREIGN = 12
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f]")

_PART = re.compile(rb"[^_](?:[^_]|_(?!_))*")
GLUED = r"__[A-Za-z0-9_:.+/=~-]{16}"
"""What each glued name has in it."""
# What may stand before it is read backwards: a search for what begins with any of 63 characters reads all of a text.
_GLUED = re.compile(rb"__[A-Za-z0-9_:.+/=~-]{16,}")
_BEFORE_GLUE = LETTERS_AND_DIGITS + b"-"
_MOST_BEFORE_GLUE = 64


def is_text(data: bytes, share: float = TEXT_SHARE) -> bool:
    """Say whether at least `share` of the bytes are printable ASCII."""
    size = min(len(data), 4096)
    return size >= 8 and len(data[:size].translate(None, TEXT_BYTES)) <= size * (1 - share)


def is_foreign(data: bytes) -> bool:
    """Say whether bytes are UTF-8 of other letters than ASCII's; random ones are once in some thousands."""
    if len(data) < _SHORTEST_FOREIGN:
        return False
    try:
        text = data.decode()
    except UnicodeDecodeError as error:  # a character that was cut off at the end
        if error.start < len(data) - 3:
            return False
        text = data[: error.start].decode()
    return not _CONTROLS.search(text)


def decode_base64(run: bytes) -> bytes:
    """Decode base64 of either alphabet; line breaks and missing padding do not matter, a cut-off end is left out."""
    run = _BREAKS.sub(b"", run).replace(b"-", b"+").replace(b"_", b"/").rstrip(b"=")
    if len(run) % 4 == 1:
        run = run[:-1]
    return base64.b64decode(run + b"=" * (-len(run) % 4))


def glued(text: bytes) -> View | None:
    """View of names that are glued together with double underscores, as those of tools are, part by part."""
    builder, done = ViewBuilder(), 0
    for match in _GLUED.finditer(text):
        start, end = match.span()
        before = text[max(done, start - _MOST_BEFORE_GLUE) : start]
        start, done = start - len(before) + len(before.rstrip(_BEFORE_GLUE)), end
        for part in _PART.finditer(text, start, end):
            builder.add(part.group() + GAP, *part.span(), verbatim=False)
    return builder.build()


def hex_decoded(text: bytes) -> View | None:
    """View of what runs of hexadecimal digits hold, as far as it is text."""
    builder = ViewBuilder()
    for start, last in _HEX.stretches(text):
        end = last - (last - start) % 2
        # Digests are most of what is looked at: the first digits of the bytes tell sooner that they are no text.
        if len(text[start : min(end, start + _HEX_HEAD) : 2].translate(None, _TEXT_HALVES)) * 6 > min(
            end - start, _HEX_HEAD
        ):
            if last - start in _DIGESTS:
                continue
            # The first byte of a character beyond ASCII, and the second: of a digest, one in eight looks so.
            leads = text[start : min(end, start + _HEX_HEAD) : 2].lstrip(_TEXT_HALVES)[:2].lower()
            if leads[:1] not in _LEADING or leads[1:] not in _FOLLOWING:
                continue
            if not is_foreign(binascii.unhexlify(text[start : min(end, start + _HEX_HEAD)])):
                continue
        decoded = binascii.unhexlify(text[start:end])
        if is_text(decoded) or is_foreign(decoded):
            builder.add(decoded + GAP, start, end, verbatim=False)
    return builder.build()


def dump_decoded(text: bytes) -> View | None:
    """View of what the hex columns of a dump (`xxd`, `hexdump -C`) hold, line after line joined."""
    lines = [(start, end, bytes.fromhex(digits.decode())) for start, end, digits in _dump_lines(text)]
    if not is_text(b"".join(content for *_, content in lines)):
        # Of several dumps, each is judged by itself: one of a program must not hide one of a text.
        lines = [line for dump in _apart(lines) if is_text(b"".join(content for *_, content in dump)) for line in dump]
    builder = ViewBuilder()
    for start, end, content in lines:
        builder.add(content, start, end, verbatim=False)
    return builder.build()


def _apart(lines: list[tuple[int, int, bytes]]) -> Iterator[list[tuple[int, int, bytes]]]:
    """Yield the dumps: lines that follow each other, of which tools leave out repeated ones (`*`)."""
    dump: list[tuple[int, int, bytes]] = []
    for line in lines:
        if dump and line[0] - dump[-1][1] > _MOST_BETWEEN_LINES:
            yield dump
            dump = []
        dump.append(line)
    if dump:
        yield dump


def _dump_lines(text: bytes) -> Iterator[tuple[int, int, bytes]]:
    for match in _HEX_DUMP.finditer(text):
        groups = (match.group(1) or match.group(2)).split()
        digits = b"".join(groups)
        if len(digits) % 2 == 0:
            if match.group(1) and len(groups[0]) == _WORD_DIGITS:
                digits = _bytes_of_words(groups)
            end = match.end(1) if match.group(1) else _end_of_text(text, match, len(digits) // 2)
            yield match.start(match.lastindex), end, digits


def _end_of_text(text: bytes, match: Any, count: int) -> int:
    """Give where a line's column of text ends, a character a byte: on the same line its JSON string may end."""
    last, at = int(match.end()), int(match.end(2))
    while at < last and text.startswith(b" ", at):
        at += 1
    is_framed = text.startswith(b"|", at)
    return min(last, at + is_framed + count + is_framed)


def _bytes_of_words(words: list[bytes]) -> bytes:
    """Give the digits of words of two bytes in the order of the bytes: `hexdump` and `od -x` print them swapped."""
    return b"".join([word[2:] + word[:2] for word in words])
