"""Members of JSON objects whose key promises a secret: the value goes as a whole, whatever characters it holds."""

from collections.abc import Iterator

from recorder.redact.literals import Literals
from recorder.redact.regex import compile_bytes
from recorder.redact.rules.assignments import kind_of_name, name_at
from recorder.redact.rules.keynames import KEYWORD, sort_of
from recorder.redact.rules.values import is_secret
from recorder.redact.spans import Rank, Span

MEMBER = KEYWORD + r"[^\"\n]{0,64}\"[ \t\r\n]*(?:,[ \t\r\n]*\"[vV]alue\"[ \t\r\n]*)?:[ \t\r\n]*\""
"""`"password": "…"`, `"name": "DB_PASSWORD", "value": "…"`, up to the quote that opens the value."""

_MEMBER = compile_bytes(MEMBER)


def find_members(literals: Literals) -> list[Span]:
    """Find the values of telling keys, as spans of the literals' buffer."""
    return list(_find(literals))


def _find(literals: Literals) -> Iterator[Span]:
    text = literals.text
    for match in _MEMBER.finditer(text):
        literal = literals.opened_at(match.end() - 1)
        if literal is None:
            continue
        value = text[literal.at : literal.until]
        name = name_at(text, match.start())
        if is_secret(value, sort_of(name), quoted=True, constant=name.isupper()):
            yield Span(literal.at, literal.until, kind_of_name(name), value, Rank.CONTEXT)
