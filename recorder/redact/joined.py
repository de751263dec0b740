r"""Reading of strings that source code writes in pieces: `"ghp_" + "16C7…"`, neighbours on two lines, a `\` at an end.

Only where both pieces look like parts of one word: sentences that are broken over lines have spaces at the joint.
"""

import re
from collections.abc import Iterator

from recorder.redact.regex import compile_bytes
from recorder.redact.view import Token, View, substitute

# Python, C and shells write neighbours; `+` of most languages, `.` of PHP and Perl, `&` of Visual Basic, `..` of Lua,
# `<>` of Elixir, `||` of SQL.
_OPERATOR = r"(?:\+|\.\.?|&|<>|\|\|)"
_END, _BEGIN = r"[A-Za-z0-9_+/=:-]{2}", r"[A-Za-z0-9+/_=-]{4}"
_BETWEEN = r"[ \t]{0,8}(?:" + _OPERATOR + r"\s{0,40}|\\?\r?\n[ \t]{0,40}(?:" + _OPERATOR + r"[ \t]{0,4})?)[fbruFBRU]?"
JOINT = (
    _END + r"(?:\"" + _BETWEEN + r"\"|'" + _BETWEEN + r"')" + _BEGIN,
    r"[A-Za-z0-9+/_=-]{6}\\\r?\n[ \t]{0,40}" + _BEGIN,
)
"""One of these is in each text that has such a joint."""
_JOINT = compile_bytes(_END + r"(\"" + _BETWEEN + r"\"|'" + _BETWEEN + r"')|[A-Za-z0-9+/_=-]{6}(\\\r?\n[ \t]{0,40})")
_BEGINS = re.compile(_BEGIN.encode())


def joined(text: bytes) -> View | None:
    """View in which such pieces are one."""
    return substitute(text, _joints(text))


def _joints(text: bytes) -> Iterator[Token]:
    for match in _JOINT.finditer(text):
        start, end = match.span(match.lastindex)
        if _BEGINS.match(text, end) and not _is_list(text, start, end):
            yield start, end, b""


def _is_list(text: bytes, start: int, end: int) -> bool:
    """Say whether what is joined by a line break alone are two lines of a list: `"…"` and nothing else."""
    between = text[start + 1 : end - 1].strip()
    return not between and text[text.rfind(b"\n", 0, start) + 1 : start][:1] in (b'"', b"'")
