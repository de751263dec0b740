"""Fields that hold long random text by design and must stay: a conversation cannot be replayed without them.

https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking (`signature`, `redacted_thinking`),
…/vision and …/pdf-support (base64 sources), …/web-search-tool (`encrypted_content`, `encrypted_index`). A field is
judged by its name and its shape: base64 that holds no text. Values known to be secret go even from here.
"""

import re

from recorder.redact.literals import Literal, Literals
from recorder.redact.runs import decode_base64, is_text
from recorder.redact.spans import Rank, Span

_SHORTEST = 64
_BASE64 = re.compile(rb"[A-Za-z0-9+/]+={0,2}")
_FIELD = re.compile(rb'"(signature|encrypted_content|encrypted_index|data)"\s{0,8}:\s{0,8}"\Z')
_DATA_OF = re.compile(
    rb'"type"\s{0,8}:\s{0,8}"redacted_thinking"|"media_type"\s{0,8}:\s{0,8}"(?:image/|application/pdf)'
)
_NEAR = 400


def unprotected(literals: Literals, spans: list[Span]) -> list[Span]:
    """Leave out the spans that lie in a protected field, unless their value is known to be secret."""
    return [span for span in spans if span.rank == Rank.KNOWN or not _in_protected(literals, span)]


def _in_protected(literals: Literals, span: Span) -> bool:
    literal = literals.enclosing(span)
    return literal is not None and _is_protected(literals.raw, literal)


def _is_protected(raw: bytes, literal: Literal) -> bool:
    field = _FIELD.search(raw, max(0, literal.start - 64), literal.start)
    if field is None or literal.end - literal.start < _SHORTEST:
        return False
    if field.group(1) == b"data" and not _is_data_of_block(raw, literal, field.start()):
        return False
    value = raw[literal.start : literal.end]
    return _BASE64.fullmatch(value) is not None and not is_text(decode_base64(value))


def _is_data_of_block(raw: bytes, literal: Literal, key_at: int) -> bool:
    """Say whether the members beside `data`, in the same object, name an image or redacted thinking."""
    before = raw[max(0, key_at - _NEAR) : key_at].rpartition(b"{")[2]
    after = raw[literal.end : literal.end + _NEAR].partition(b"}")[0]
    return bool(_DATA_OF.search(before) or _DATA_OF.search(after))
