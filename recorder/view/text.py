"""Recorded text made fit for a terminal: what an agent was told must not be able to steer the screen that shows it.

Recorded text is hostile until shown otherwise: a tool result may carry terminal escapes, bidirectional overrides that
make a line read differently from what it says, or characters that nobody sees and a model obeys. All of these become
visible here. Nothing is dropped: the reader sees that there was something, and what.
"""

import re
from typing import Any

_UNSAFE_RANGES = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 (tab and newline have cases of their own below), DEL, C1
    "\u00ad"  # soft hyphen
    "\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # bidi marks, zero width, separators
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"  # format controls of scripts and music
    "\U000e0000-\U000e0fff"  # tags and variation selectors: text that only a model reads
    "\ud800-\udfff"  # lone surrogates: no terminal encoding can carry them
)
"""Not among them: U+200C and U+200D, without which Persian, Indic scripts and emoji are misspelt."""

_UNSAFE = re.compile(f"[{_UNSAFE_RANGES}]")
_UNSAFE_IN_LINE = re.compile(f"[{_UNSAFE_RANGES}\t\n]")
_CONTROL_PICTURES = 0x2400
_DELETE_PICTURE = "\u2421"


def clean(text: str) -> str:
    r"""Show `text` over several lines: tabs become spaces, CRLF a newline, whatever else is unsafe becomes visible.

    C0 controls become their control pictures (ESC is `␛`), everything else its escape (`\u202e`).
    """
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE.sub(_visible, text.replace("\r\n", "\n").expandtabs(4))


def clean_line(text: str) -> str:
    """Show `text` on one line: like `clean`, with newlines as `␊` and tabs as `␉`."""
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE_IN_LINE.sub(_visible, text)


def first_line(text: str, limit: int) -> str:
    """The beginning of `text` as one line of at most `limit` characters, runs of white space folded, `…` when cut."""
    if limit < 1:
        return ""
    words = " ".join(clean(text[: limit * 8]).split())
    whole = len(text) <= limit * 8 and len(words) <= limit
    return words if whole else words[: limit - 1].rstrip() + "…"


def json_text(value: Any, *, indent: int | None = 2) -> str:
    """Write `value` as JSON that is safe to look at: unsafe characters are escaped, which says the same to a parser.

    `json` is asked rather than msgspec because it writes lone surrogates (as escapes) where msgspec refuses them.
    """
    import json  # noqa: PLC0415 -- start-up time: only `--json` needs it

    return _UNSAFE.sub(_json_escape, json.dumps(value, ensure_ascii=False, indent=indent))


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(_CONTROL_PICTURES + code)
    if code == 0x7F:
        return _DELETE_PICTURE
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _json_escape(match: re.Match[str]) -> str:
    if match[0] == "\n":
        return match[0]
    code = ord(match[0])
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
