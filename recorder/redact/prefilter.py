r"""One pass over a text that says which of many patterns may match somewhere in it.

Hyperscan runs all of them at once in the time that RE2 takes for two, and what it calls impossible need not be looked
for. It may say "perhaps" where RE2 finds nothing, never the reverse: RE2's `\s` is spelled out (the one of PCRE syntax
has a vertical tab more, so its complement has one less), and a `$` before a last line break is one place more.
https://intel.github.io/hyperscan/dev-reference/compilation.html
"""

import re
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import hyperscan

type _Named = tuple[tuple[str, tuple[str, ...]], ...]

_ATOM = re.compile(r"\\.|.", re.DOTALL)
_ANY = r"[\x00-\xff]"
_SPACES = r"\t\n\f\r\x20"


class Prefilter:
    """Names with patterns (RE2 syntax, over bytes) → the names of which a pattern may match a text.

    A name of which a pattern is not in Hyperscan's language, or that has none, may always match.
    """

    def __init__(self, patterns: Mapping[str, Sequence[str]]) -> None:
        self._database, self._names = _compiled_as_far_as_possible(
            tuple((name, tuple(several)) for name, several in patterns.items() if several)
        )
        self._always = frozenset(patterns).difference(self._names)
        self._threads = threading.local()

    def possible(self, text: bytes) -> frozenset[str]:
        """Give the names that may match. Raises `hyperscan.error` when that cannot be told."""
        if self._database is None:
            return self._always
        seen: set[int] = set()
        self._database.scan(text, match_event_handler=lambda index, *_: seen.add(index), scratch=self._scratch())
        return self._always.union([self._names[index] for index in seen])

    def _scratch(self) -> Any:
        """Working memory, which two scans at a time must not share: one for each thread."""
        scratch = getattr(self._threads, "scratch", None)
        if scratch is None:
            scratch = self._threads.scratch = hyperscan.Scratch(self._database)
        return scratch


def spelled_out(pattern: str) -> str:
    r"""Write RE2's `\s` and `\S` as classes. Raises ValueError for `\S` inside a class other than `[\s\S]`."""
    out: list[str] = []
    atoms = _ATOM.findall(pattern.replace(r"[\s\S]", _ANY))
    opened = -1
    for index, atom in enumerate(atoms):
        if atom == "[" and opened < 0:
            opened = index
        elif atom == "]" and index > opened + 1 + (atoms[opened + 1] == "^"):  # right behind `[` it is a character
            opened = -1
        out.append(_spaces(atom, in_class=opened >= 0) if atom in {r"\s", r"\S"} else atom)
    return "".join(out)


def _spaces(atom: str, *, in_class: bool) -> str:
    if not in_class:
        return f"[{_SPACES}]" if atom == r"\s" else f"[^{_SPACES}]"
    if atom == r"\S":
        raise ValueError(r"\S cannot stand inside a class; list the characters instead")
    return _SPACES


@cache
def _compiled_as_far_as_possible(named: _Named) -> tuple[Any, tuple[str, ...]]:
    """Compile all patterns, else those of the names that can be; give also the names that matches are numbered by.

    It takes half a second for our rules, and every redactor of a process has the same ones.
    """
    usable, database = named, _maybe_compiled(named)
    if database is None:
        usable = tuple(one for one in named if _maybe_compiled((one,)))
        database = _maybe_compiled(usable)
    return database, tuple(name for name, _ in usable)


def _maybe_compiled(named: _Named) -> Any:
    """Compile the patterns; None when there are none, or when one of them is not in Hyperscan's language."""
    numbered = [(number, pattern) for number, (_, several) in enumerate(named) for pattern in several]
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    try:
        database.compile(
            expressions=[spelled_out(pattern).encode("latin-1") for _, pattern in numbered],
            ids=[number for number, _ in numbered],
            elements=len(numbered),
            # One report of each pattern is enough.
            flags=[hyperscan.HS_FLAG_SINGLEMATCH] * len(numbered),
        )
    except (ValueError, hyperscan.error):
        return None
    return database
