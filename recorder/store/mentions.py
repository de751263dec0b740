"""Looks for texts in the contents of parts, as a person would who knows nothing of how they are written down.

A part is JSON, mostly, in which a text may stand escaped, and again escaped in JSON inside of it. So every string of a
part is looked at, and every string that such a string holds as JSON, whatever the case of its letters. What was looked
at once is not looked at again: parts never change, they only lose their content.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from sqlite_utils import Database

from recorder.errors import ConfigError
from recorder.store.blocks import Contents
from recorder.store.database import reading
from recorder.store.record_bodies import BodyReader

_DEPTH = 3
"""How deep JSON inside of JSON is followed: a tool's input in a stream is once, a log of such a thing twice."""
_JSON_BEGINS = ("{", "[", '"')


class Mentions:
    """The parts that hold one of some texts or something that a pattern matches."""

    def __init__(self, texts: Iterable[str] = (), patterns: Iterable[str] = ()) -> None:
        """Raises ConfigError for what is no pattern, and for one that matches nothing at all, and so everything."""
        self._texts = [text.casefold() for text in texts]
        self._patterns = [_compiled(pattern) for pattern in patterns]
        if "" in self._texts:
            raise ConfigError("an empty text stands everywhere; name what is meant")
        self._found: set[int] = set()
        self._looked_up_to = 0

    def find(self, db: Database) -> frozenset[int]:
        """Return the parts; looks only at those that are new since it was called last."""
        rows = db.execute(
            "SELECT id FROM parts WHERE id > ? AND content IS NOT NULL ORDER BY id", (self._looked_up_to,)
        )
        contents = Contents(db)
        for (part,) in rows.fetchall():
            if self.stand_in(contents.get(part)):
                self._found.add(part)
            self._looked_up_to = part
        return frozenset(self._found)

    def stand_in(self, content: bytes) -> bool:
        """Tell whether a content holds one of them."""
        return any(self._is_in(text) for text in _strings(content))

    def _is_in(self, text: str) -> bool:
        folded = text.casefold()
        return any(wanted in folded for wanted in self._texts) or any(one.search(text) for one in self._patterns)


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise ConfigError(f"{pattern!r} is no regular expression: {error}") from None
    if compiled.search(""):
        raise ConfigError(f"{pattern!r} matches the empty text, and so stands everywhere; name what is meant")
    return compiled


def _strings(content: bytes) -> Iterator[str]:
    yield content.decode(errors="replace")
    try:
        value = msgspec.json.decode(content)
    except (msgspec.DecodeError, RecursionError):
        return
    yield from _in_value(value, _DEPTH)


def _in_value(value: Any, depth: int) -> Iterator[str]:
    match value:
        case str():
            yield value
            if depth and value.lstrip().startswith(_JSON_BEGINS):
                yield from _in_json(value, depth - 1)
        case dict():
            for key, member in value.items():
                yield key
                yield from _in_value(member, depth)
        case list():
            for member in value:
                yield from _in_value(member, depth)
        case _:
            return


def _in_json(text: str, depth: int) -> Iterator[str]:
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return
    yield from _in_value(value, depth)


def records_with(db: Database, mentions: Mentions) -> list[int]:
    """Return the numbers of the records whose own bodies hold one of the texts."""
    bodies = BodyReader(db)
    with reading():
        rows = db.execute("SELECT seq, body, base FROM records ORDER BY seq")
        return [seq for seq, body, base in rows if mentions.stand_in(bodies.text(body, base))]
