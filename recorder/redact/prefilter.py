r"""One pass over a text that says which of many patterns may match somewhere in it, and of some of them, where.

Hyperscan runs all of them at once in the time that RE2 takes for two, and what it calls impossible need not be looked
for. It may say "perhaps" where RE2 finds nothing, never the reverse: RE2's `\s` is spelled out (the one of PCRE syntax
has a vertical tab more, so its complement has one less), and a `$` before a last line break is one place more.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache

from recorder.redact.many import Kept, Many

type Ends = Sequence[tuple[int, int]]
"""(number of the pattern, where a match of it ends)"""
type Possible = Mapping[str, Ends | None]
"""The names that may match, each with all places where a match may end; None when these are not told."""

type _Named = tuple[tuple[str, tuple[str, ...], bool], ...]
"""(name, patterns, whether the ends are told)"""
type _What = tuple[str, int | None]
"""(name, the number of its pattern where the ends are told)"""

# Of a text that is made to match all over, nothing is told but that: to be called is dearer than to search.
_FEW_ENDS, _BYTES_AN_END = 1000, 16
_ATOM = re.compile(r"\\.|.", re.DOTALL)
_ANY = r"[\x00-\xff]"
_SPACES = r"\t\n\f\r\x20"


class Prefilter:
    """Names with patterns (RE2 syntax, over bytes) → the names of which a pattern may match a text.

    A name of which a pattern is not in Hyperscan's language, or that has none, may always match.
    """

    def __init__(
        self, patterns: Mapping[str, Sequence[str]], kept: Kept | None = None, placed: Collection[str] = ()
    ) -> None:
        """`kept`: where compiled patterns lie between two processes. `placed`: names of which the ends are told."""
        self._many, self._what = _compiled_as_far_as_possible(
            tuple((name, tuple(several), name in placed) for name, several in patterns.items() if several), kept
        )
        self._names = frozenset(patterns)
        self._always = dict.fromkeys(self._names.difference(name for name, _ in self._what))

    def possible(self, text: bytes) -> Possible:
        """Say what may match. Raises `hyperscan.error` when that cannot be told."""
        if self._many is None:
            return self._always
        found: list[tuple[int, int]] = []
        most = _FEW_ENDS + len(text) // _BYTES_AN_END

        def note(number: int, end: int) -> bool:
            found.append((number, end))
            return len(found) > most

        if not self._many.scan(text, note):
            return dict.fromkeys(self._names)
        possible: dict[str, list[tuple[int, int]] | None] = dict(self._always)
        for number, end in found:
            name, pattern = self._what[number]
            if pattern is None:
                possible[name] = None
            else:
                ends = possible.setdefault(name, [])
                assert ends is not None, "either all ends of a name are told or none"
                ends.append((pattern, end))
        return possible


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
def _compiled_as_far_as_possible(named: _Named, kept: Kept | None) -> tuple[Many | None, tuple[_What, ...]]:
    """Compile all patterns, else those of the names that can be; give also what matches are numbered by.

    It takes seconds for our rules, and every redactor of a process has the same ones.
    """
    usable, many = named, _maybe_compiled(named, kept)
    if many is None:
        usable = tuple(one for one in named if _maybe_compiled((one,)))
        many = _maybe_compiled(usable, kept)
    return many, tuple(_numbered_by(usable))


def _numbered_by(named: _Named) -> Iterator[_What]:
    for name, several, placed in named:
        yield from ((name, at) for at in range(len(several))) if placed else ((name, None),)


def _maybe_compiled(named: _Named, kept: Kept | None = None) -> Many | None:
    """Compile the patterns; None when there are none, or when one of them is not in Hyperscan's language."""
    numbered: list[tuple[int, bytes]] = []
    once: set[int] = set()
    at = 0
    try:
        for _, several, placed in named:
            spelled = [spelled_out(one).encode("latin-1") for one in several]
            numbered += ((at + further * placed, one) for further, one in enumerate(spelled))
            once |= set() if placed else {at}
            at += len(several) if placed else 1
        return Many(numbered, once=frozenset(once), kept=kept) if numbered else None
    except ValueError:
        return None
