"""Fields that hold long random text by design and must stay: a conversation cannot be replayed without them.

https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking (`signature`, `redacted_thinking`),
…/vision and …/pdf-support (base64 sources), …/web-search-tool (`encrypted_content`, `encrypted_index`);
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ImageSource.html (`bytes`). A field is judged by its
name and its shape: base64 that holds no text. Values known to be secret go even from here, and so does a field whose
bytes have a secret among them in plain text: a picture can carry anything behind its last chunk.
"""

import binascii
import re
from collections.abc import Iterator, Sequence

import msgspec

from recorder.redact.literals import Literals
from recorder.redact.many import Many, literal
from recorder.redact.runs import decode_base64, is_text
from recorder.redact.spans import Rank, Span
from recorder.redact.view import GAP, View, ViewBuilder

_SHORTEST = 64
_NAMES = (b'"signature"', b'"encrypted_content"', b'"encrypted_index"', b'"data"', b'"bytes"')
_KEYS = Many([(number, literal(name)) for number, name in enumerate(_NAMES)], once=False)
_OPENED = re.compile(rb'\s{0,8}:\s{0,8}"')
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
_THINKING = re.compile(rb'"type"\s{0,8}:\s{0,8}"redacted_thinking"')
_BULK = re.compile(
    rb'"media_type"\s{0,8}:\s{0,8}"(?:image/|application/pdf)'
    rb'|"format"\s{0,8}:\s{0,8}"(?:png|jpe?g|gif|webp|pdf|docx?|xlsx?)"'
)
_NEAR = 400
# Random bytes hold a run of 16 printable ones once in five million.
_PRINTABLE = re.compile(rb"[\t\r\n -~]{16,}")


class Field(msgspec.Struct, frozen=True):
    """The content of a protected field, `raw[start:end]`; `is_bulk`: an image or a document."""

    start: int
    end: int
    is_bulk: bool


def protected_fields(raw: bytes) -> list[Field]:
    """Find the protected fields of a JSON text, front to back."""
    return sorted(_fields_of(raw), key=lambda field: field.start)


def may_have_fields(raw: bytes) -> bool:
    """Say whether a text has a protected field's name in it: much sooner than `protected_fields` of many texts."""
    return bool(_KEYS.ends(raw))


def without(literals: Literals, fields: Sequence[Field]) -> View | None:
    """View of the literals' buffer without what protected fields hold; None when there are none."""
    builder, done = ViewBuilder(), 0
    for field in fields:
        at, until = literals.forward(field.start), literals.forward(field.end)
        builder.add(literals.text[done:at], done, at, verbatim=True)
        builder.add(GAP, at, until, verbatim=False)
        done = until
    if done:
        builder.add(literals.text[done:], done, len(literals.text), verbatim=True)
    return builder.build()


def unprotected(fields: Sequence[Field], spans: list[Span]) -> list[Span]:
    """Leave out the spans of the raw text that lie in a protected field, unless their value is known to be secret."""
    return [span for span in spans if span.rank == Rank.KNOWN or not any(_holds(field, span) for field in fields)]


def plain_text_in(raw: bytes, field: Field) -> bytes:
    """Give what a protected field's bytes hold in plain text, one run a line."""
    try:
        content = decode_base64(raw[field.start : field.end])
    except binascii.Error:
        return b""
    return b"\n".join(_PRINTABLE.findall(content))


def _holds(field: Field, span: Span) -> bool:
    return field.start <= span.start and span.end <= field.end


def _fields_of(raw: bytes) -> Iterator[Field]:
    done = [0] * len(_NAMES)
    for number, named in _KEYS.ends(raw):
        name = _NAMES[number]
        at = named - len(name)
        if at < done[number]:
            continue
        opened = _OPENED.match(raw, named)
        if opened is not None:
            end = raw.find(b'"', opened.end())
            if end < 0:
                return
            done[number] = end
            field = _judged(raw, name, at, opened.end(), end)
            if field is not None:
                yield field


def _judged(raw: bytes, name: bytes, key_at: int, start: int, end: int) -> Field | None:
    if end - start < _SHORTEST:
        return None
    is_bulk = False
    if name in (b'"data"', b'"bytes"'):
        beside = _beside(raw, key_at, end)
        is_bulk = _BULK.search(beside) is not None
        if not is_bulk and not _THINKING.search(beside):
            return None
    value = raw[start:end].rstrip(b"=")
    if end - start - len(value) > 2 or value.translate(None, _NOT_BASE64) != value:
        return None
    return None if is_text(decode_base64(value[:8192])) else Field(start, end, is_bulk)


def _beside(raw: bytes, key_at: int, end: int) -> bytes:
    """The members beside a field in the same object; of a `bytes`, also those beside the object that holds it."""
    before = raw[max(0, key_at - _NEAR) : key_at]
    after = raw[end : end + _NEAR].partition(b"}")[0]
    own = before.rpartition(b"{")[2]
    if raw.startswith(b'"bytes"', key_at):
        own = before.rpartition(b"{")[0].rpartition(b"{")[2]
    return own + b"\n" + after
