"""Reading of base64 runs (RFC 4648 §4 and §5), on one line or wrapped, of UTF-8, of UTF-16 and of what gzip packed.

The way back is the whole run: where a secret begins inside it is not worth being unsure about.
"""

import re
import zlib
from binascii import a2b_base64
from collections.abc import Iterator

from recorder.redact.regex import compile_bytes
from recorder.redact.runs import TEXT_BYTES, TEXT_SHARE, decode_base64, is_foreign, is_text
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
# What tools print in front of a line: `   12→`, `12:`, `src/app.env:12:`, and a diff's sign behind it.
_MARGIN = r"(?:[^\s:]{0,120}[:-])?[ \t]{0,12}[0-9]{1,7}(?:\xe2\x86\x92|[\t|:)-]) ?|[>|] ?"
_MARGIN_ALONE = compile_bytes(r"(" + _MARGIN + r")?([+-]?)[ \t]{0,40}")
_BELOW = {
    (bool(numbered), bool(sign)): compile_bytes(r"\r?\n" + numbered + sign + r"[ \t]*([A-Za-z0-9+/]+)")
    for numbered in ("", r"(?:" + _MARGIN + r")")
    for sign in ("", "[+-]")
}
_FARTHEST_MARGIN = 140
_PADDING = (b"", b"", b"==", b"=")
# Decoded, this is more than `is_text` looks at: whether a megabyte is text, its head tells.
_HEAD = 8192
_SHORT = 4096
# base64 of gzip's first bytes (RFC 1952 §2.3.1): Helm keeps its releases so.
_GZIP = b"H4sI"
_MOST_UNPACKED = 1 << 20
# Of UTF-16 in ASCII's range every other byte is none.
_NULS_SHARE = 0.9
_MOST_SLASHES = 16


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
                done = _add_plain(builder, text, start, end)
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


def _behind_margins(text: bytes, start: int, end: int) -> tuple[int, int, bytes] | None:
    """Give start, end and content of a run that goes on in lines below it which have margins as its own has."""
    near = max(0, start - _FARTHEST_MARGIN)
    line = max(text.rfind(b"\n", near, start), text.rfind(b'"', near, start), near - 1) + 1
    # A diff's `+` is of the run's alphabet.
    first = start + text.startswith(b"+", start)
    margin = _MARGIN_ALONE.fullmatch(text[line:first])
    if margin is None or not margin.group().strip():
        return None
    below = _BELOW[bool(margin.group(1)), bool(margin.group(2))]
    parts = [text[first:end]]
    while len(parts[-1]) >= _SHORTEST_LINE and (more := below.match(text, end)) is not None:
        parts.append(more.group(1))
        end = more.end()
    return (first, end, b"".join(parts)) if len(parts) > 1 else None


def _add_plain(builder: ViewBuilder, text: bytes, start: int, end: int) -> int:
    """Add what a run holds, with the lines below it when it is wrapped; return where it ends."""
    done, content = end, text[start:end]
    if end - start >= _SHORTEST_LINE and text[end : end + 1] in (b"\n", b"\r"):
        if (margined := _behind_margins(text, start, end)) is not None:
            start, done, content = margined
        else:
            done = _end_of_wrapped(text, start, end)
            content = text[start:done].translate(None, _BREAKS)
    if (decoded := _text_of(content)) is not None:
        _add(builder, decoded, text, start, done)
    elif content.startswith(b"+") and (decoded := _text_of(content[1:])) is not None:
        _add(builder, decoded, text, start + 1, done)  # a form's blank, a diff's sign
    elif content.find(b"/") >= 0:
        _add_behind_slash(builder, text, start, text[start:end])
    return done


def _add_behind_slash(builder: ViewBuilder, text: bytes, first: int, run: bytes) -> None:
    """Add what the end of a path holds, or a part of it: read from the path's first letter on, it is noise."""
    for at in _behind_slashes(run[:_SHORT]):
        for end in (len(run), run.find(b"/", at)):
            if end - at >= _SHORTEST and (decoded := _text_of(run[at:end])) is not None:
                _add(builder, decoded, text, first + at, first + end)
                return


def _behind_slashes(run: bytes) -> Iterator[int]:
    at = run.find(b"/")
    for _ in range(_MOST_SLASHES):
        if at < 0:
            return
        yield at + 1
        at = run.find(b"/", at + 1)


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
    if size > _HEAD and not is_text(head := a2b_base64(run[:_HEAD])):
        return _unpacked(head, run)
    padding = size % 4
    decoded = a2b_base64((run[:-1] if padding == 1 else run) + _PADDING[padding])
    # As `is_text` says: for the thousands of short ones without the call.
    if size <= _SHORT and len(decoded.translate(None, TEXT_BYTES)) > len(decoded) * (1 - TEXT_SHARE):
        return _unpacked(decoded, run)
    return decoded if is_text(decoded) else None


def _unpacked(head: bytes, run: bytes) -> bytes | None:
    """Return what bytes that are no text as they stand hold as UTF-16, or when gzip is undone."""
    if head[1] == 0 and head[1::2].count(0) > len(head) // 2 * _NULS_SHARE:
        decoded = decode_base64(run)[::2]
    elif run.startswith(_GZIP):
        try:
            decoded = zlib.decompressobj(wbits=31).decompress(decode_base64(run), _MOST_UNPACKED)
        except zlib.error:
            return None
    else:
        return decode_base64(run) if is_foreign(head[:_HEAD]) else None
    return decoded if is_text(decoded) else None
