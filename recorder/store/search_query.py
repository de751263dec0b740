"""What people type into a search, as FTS5 asks for it, and as a pattern that finds it again in a text.

    retry budget        both words          "out of memory"     these words in this order
    budg*               beginnings          -test               texts without it

Letters count as equal without case and accents, as in the index; what is no letter, digit or `_` parts words.
"""

import re
import unicodedata

import msgspec

from recorder.errors import StoreError

_TERM = re.compile(r'(-?)(?:"([^"]*)"?|(\S+))')
_WORD = re.compile(r"\w+")


class Query(msgspec.Struct, frozen=True):
    """A search, understood."""

    match: str
    """For FTS5's MATCH."""
    terms: tuple[tuple[tuple[str, ...], bool], ...]
    """What is to be found: words in a row, and whether the last one is only a beginning."""

    def spots(self, text: str) -> list[tuple[int, int]]:
        """Return where the terms stand in a text, in order."""
        places = [match.span() for match in _WORD.finditer(text)]
        words = [fold(text[start:end]) for start, end in places]
        found = {
            (places[at][0], places[at + len(term) - 1][1])
            for term, is_prefix in self.terms
            for at, word in enumerate(words[: len(words) - len(term) + 1])
            if word.startswith(term[0]) and _stands(term, words[at : at + len(term)], is_prefix=is_prefix)
        }
        return sorted(found)


def parse_query(text: str) -> Query:
    """Understand what was typed. Raises StoreError when it names nothing to find."""
    wanted: list[str] = []
    unwanted: list[str] = []
    terms: list[tuple[tuple[str, ...], bool]] = []
    for minus, phrase, word in _TERM.findall(text):
        said = phrase or word
        words = tuple(fold(one) for one in _WORD.findall(said))
        if not words:
            continue
        is_prefix = said.endswith("*")
        asked = '"' + " ".join(words) + '"' + (" *" if is_prefix else "")
        (unwanted if minus else wanted).append(asked)
        if not minus:
            terms.append((words, is_prefix))
    if not wanted:
        raise StoreError(f"{text!r} names no word to search for")
    match = " AND ".join(wanted)
    return Query(f"({match}) NOT ({' OR '.join(unwanted)})" if unwanted else match, tuple(terms))


def fold(text: str) -> str:
    """Give a word without case and accents."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.lower())
    return "".join(char for char in plain if not unicodedata.combining(char))


def _stands(term: tuple[str, ...], words: list[str], *, is_prefix: bool) -> bool:
    *first, last = term
    return words[:-1] == first and (words[-1].startswith(last) if is_prefix else words[-1] == last)
