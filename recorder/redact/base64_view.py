"""Reading of base64 runs (RFC 4648 §4 and §5), on one line or wrapped.

The way back is the whole run: where a secret begins inside it is not worth being unsure about.
"""

import re
from binascii import a2b_base64
from collections.abc import Iterator

from recorder.redact.regex import compile_bytes
from recorder.redact.runs import TEXT_BYTES, TEXT_SHARE, is_text
from recorder.redact.stretches import LETTERS_AND_DIGITS, Alphabet
from recorder.redact.view import GAP, View, ViewBuilder

# Shorter runs are words and names; a 16-character secret makes 22.
_SHORTEST = 20
_EITHER = Alphabet(LETTERS_AND_DIGITS + b"+/-_", _SHORTEST)
_PLAIN = re.compile(rb"[A-Za-z0-9+/]{20,}")
_TO_PLAIN = bytes.maketrans(b"-_", b"+/")
# As numbers: to look for a byte in bytes that way is ten times as quick.
_DASH, _UNDERSCORE = b"-_"
_SHORTEST_LINE = 40
_WRAPPED = compile_bytes(r"(?:[A-Za-z0-9+/]{40,}(?:\r?\n|\r)[ \t]*)+[A-Za-z0-9+/]+")
_BREAKS = b"\r\n\t "
_PADDING = (b"", b"", b"==", b"=")
# Decoded, this is more than `is_text` looks at: whether a megabyte is text, its head tells.
_HEAD = 8192
_SHORT = 4096


def base64_decoded(text: bytes) -> View | None:
    """View of what base64 runs hold, as far as it is text."""
    builder, done = ViewBuilder(), 0
    mixed: list[tuple[int, int, bytes]] = []
    # Names and hashes are runs too, thousands of them in a megabyte: what most of them need stands here.
    for first, last, run in _runs(text):
        if last <= done:  # a line of what is wrapped
            continue
        if _DASH in run or _UNDERSCORE in run:
            mixed.append((first, last, run))
            if len(max(run.replace(b"_", b"-").split(b"-"), key=len)) < _SHORTEST:
                continue
            plain = [match.span() for match in _PLAIN.finditer(text, first, last)]
        else:
            plain = [(first, last)]
        for start, end in plain:
            if start >= done:
                done, content = end, text[start:end]
                if end - start >= _SHORTEST_LINE and text[end : end + 1] in (b"\n", b"\r"):
                    done = _end_of_wrapped(text, start, end)
                    content = text[start:done].translate(None, _BREAKS)
                if (decoded := _text_of(content)) is not None:
                    _add(builder, decoded, text, start, done)
    for first, last, run in mixed:
        _add_url(builder, text, first, last, run)
    return builder.build()


def _runs(text: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield the runs that can spell text: a third of its letters are capitals then.

    Digests in hexadecimal, paths and rules of dashes have none.
    """
    for first, last in _EITHER.stretches(text):
        run = text[first:last]
        if run != run.lower():
            yield first, last, run


def _end_of_wrapped(text: bytes, start: int, end: int) -> int:
    wrapped = _WRAPPED.match(text, start)
    return int(wrapped.end()) if wrapped else end


def _add_url(builder: ViewBuilder, text: bytes, first: int, last: int, run: bytes) -> None:
    """Add what a run holds in the URL-safe alphabet, other than in the plain one."""
    if run.find(b"+") < 0 and run.find(b"/") < 0:
        if (decoded := _text_of(run.translate(_TO_PLAIN))) is not None:
            _add(builder, decoded, text, first, last)
        return
    for part in run.replace(b"+", b"/").split(b"/"):
        is_url = len(part) >= _SHORTEST and (_DASH in part or _UNDERSCORE in part)
        if is_url and (decoded := _text_of(part.translate(_TO_PLAIN))) is not None:
            _add(builder, decoded, text, first, first + len(part))
        first += len(part) + 1


def _add(builder: ViewBuilder, decoded: bytes, text: bytes, start: int, end: int) -> None:
    end += 2 if text.startswith(b"==", end) else text.startswith(b"=", end)
    builder.add(decoded + GAP, start, end, verbatim=False)


def _text_of(run: bytes) -> bytes | None:
    size = len(run)
    if size > _HEAD and not is_text(a2b_base64(run[:_HEAD])):
        return None
    padding = size % 4
    decoded = a2b_base64((run[:-1] if padding == 1 else run) + _PADDING[padding])
    # As `is_text` says: for the thousands of short ones without the call.
    if size <= _SHORT and len(decoded.translate(None, TEXT_BYTES)) > len(decoded) * (1 - TEXT_SHARE):
        return None
    return decoded if is_text(decoded) else None
