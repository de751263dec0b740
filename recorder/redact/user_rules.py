"""Rules that the user wrote: `[[redact.rule]]` of the configuration."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from recorder.redact.regex import PatternError, compile_bytes, quote
from recorder.redact.rules.base import secret_of
from recorder.redact.spans import Rank, Span

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


class UserRule(msgspec.Struct, frozen=True):
    """A kind of secret that only the user knows.

    `name` becomes the placeholder's kind: 1 to 64 of a-z, 0-9 and `-`. `pattern` is RE2 syntax; the secret is its first
    group that took part, without groups the whole match. With `keywords`, a text is looked at only when it holds one of
    them, in whatever case.
    """

    name: str
    pattern: str
    keywords: tuple[str, ...] = ()


class UserRules:
    """The user's rules as a detector. Raises ValueError, with the rule's name, when one cannot be used."""

    name = "user-rules"

    def __init__(self, rules: Iterable[UserRule]) -> None:
        self._rules = [(rule.name, _compiled(rule), _keywords(rule)) for rule in rules]

    def find(self, text: bytes) -> list[Span]:
        """Find what the user's rules match in UTF-8 text; offsets are bytes."""
        return list(self._find(text)) if self._rules else []

    def _find(self, text: bytes) -> Iterator[Span]:
        for name, pattern, keywords in self._rules:
            if keywords is not None and not keywords.search(text):
                continue
            for match in pattern.finditer(text):
                start, end = secret_of(match)
                if start < end:
                    yield Span(start, end, name, text[start:end], Rank.USER)


def compile_user(what: str, pattern: str) -> Any:
    """Compile a pattern of the configuration. Raises ValueError that names `what` it belongs to."""
    try:
        return compile_bytes(pattern, characters=True)
    except PatternError as error:
        reason = _said(error)
    raise ValueError(f"{what}: {pattern!r} is no RE2 pattern ({reason}); look-around and \\1 are not supported")


def _said(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


def _compiled(rule: UserRule) -> Any:
    if not _NAME.fullmatch(rule.name):
        raise ValueError(f"redact rule {rule.name!r}: a name is 1 to 64 of a-z, 0-9 and '-', beginning with no '-'")
    return compile_user(f"redact rule {rule.name!r}", rule.pattern)


def _keywords(rule: UserRule) -> Any | None:
    if not rule.keywords:
        return None
    if "" in rule.keywords:
        raise ValueError(f"redact rule {rule.name!r}: an empty keyword is in every text; leave it out")
    return compile_bytes("|".join(quote(word.encode()) for word in rule.keywords), ignore_case=True)
