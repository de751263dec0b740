"""Members of JSON objects whose key promises a secret: the value goes as a whole, whatever characters it holds.

A number is evidence nearly always. Under a name that can mean nothing else (`password`, `pin`, `otp`) four digits and
more are a secret, and a placeholder in quotes takes their place.
"""

from collections.abc import Iterator

from recorder.redact.literals import Literal, Literals
from recorder.redact.regex import compile_bytes
from recorder.redact.rules.assignments import kind_of_name, name_at
from recorder.redact.rules.keynames import KEYWORD, Sort, sort_of, words_of
from recorder.redact.rules.values import is_secret
from recorder.redact.spans import Rank, Span

MEMBER = KEYWORD + r"[^\"\n]{0,64}\"[ \t\r\n]*(?:,[ \t\r\n]*\"[vV]alue\"[ \t\r\n]*)?:[ \t\r\n]*\""
"""`"password": "…"`, `"name": "DB_PASSWORD", "value": "…"`, up to the quote that opens the value."""

NUMBER = (
    r"(?i)\"[a-z0-9_.-]{0,40}(?:pass(?:word|wd|code|phrase)?|pwd|passwort|kennwort|pin(?:[_-]?code)?|t?otp(?:[_-]?code)?)\""
    r"[ \t\r\n]*:[ \t\r\n]*(\"?[0-9]{4,20})[^0-9.a-z]"
)
"""`"pin": 4815`, `"otp": "482913"`."""

_MEMBER, _NUMBER = compile_bytes(MEMBER), compile_bytes(NUMBER)
_DIGITS = frozenset(
    {
        "password",
        "passwd",
        "pwd",
        "pass",
        "passcode",
        "passphrase",
        "passwort",
        "kennwort",
        "pin",
        "pincode",
        "otp",
        "totp",
    }
)


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
        sort = sort_of(name)
        # A password of several lines is one; a token was wrapped.
        judged = value.replace(b"\n", b" " if sort is Sort.PASSWORD else b"")
        if is_secret(judged, sort, quoted=True, constant=name.isupper()):
            yield Span(literal.at, literal.until, kind_of_name(name), value, Rank.CONTEXT)


def find_numbers(literals: Literals) -> Iterator[Span]:
    """Find digits under names that mean a password or a code, as spans of the raw text."""
    text = literals.text
    for match in _NUMBER.finditer(text):
        key = literals.opened_at(match.start())
        start, end = match.span(1)
        if key is None or text[key.until : key.until + 1] != b'"' or key.until > start or not _means_digits(text, key):
            continue
        quoted = text[start : start + 1] == b'"'
        value = text[start + quoted : end]
        span = Span(start + quoted, end, "password", value, Rank.CONTEXT, bare=not quoted)
        yield from literals.locate(span) if quoted else literals.outside(span, keep=True)


def _means_digits(text: bytes, key: Literal) -> bool:
    words = words_of(text[key.at : key.until].decode("latin-1"))
    return bool(words) and (
        words[-1] in _DIGITS or (words[-1] == "code" and words[-2:-1] in (["otp"], ["pin"], ["totp"]))
    )
