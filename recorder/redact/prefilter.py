r"""One pass over a text that says which of many patterns may match somewhere in it.

Hyperscan runs all of them at once in the time that RE2 takes for two, and what it calls impossible need not be looked
for. It may say "perhaps" where RE2 finds nothing, never the reverse: RE2's `\s` is spelled out (the one of PCRE syntax
has a vertical tab more, so its complement has one less), and a `$` before a last line break is one place more.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache

from recorder.redact.many import Kept, Many

type _Named = tuple[tuple[str, tuple[str, ...]], ...]

_ATOM = re.compile(r"\\.|.", re.DOTALL)
_ANY = r"[\x00-\xff]"
_SPACES = r"\t\n\f\r\x20"


class Prefilter:
    """Names with patterns (RE2 syntax, over bytes) → the names of which a pattern may match a text.

    A name of which a pattern is not in Hyperscan's language, or that has none, may always match.
    """

    def __init__(self, patterns: Mapping[str, Sequence[str]], kept: Kept | None = None) -> None:
        """`kept`: where compiled patterns lie between two processes."""
        self._many, self._names = _compiled_as_far_as_possible(
            tuple((name, tuple(several)) for name, several in patterns.items() if several), kept
        )
        self._always = frozenset(patterns).difference(self._names)

    def possible(self, text: bytes) -> frozenset[str]:
        """Give the names that may match. Raises `hyperscan.error` when that cannot be told."""
        if self._many is None:
            return self._always
        seen: set[int] = set()
        self._many.scan(text, lambda number, _: seen.add(number))
        return self._always.union([self._names[number] for number in seen])


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
def _compiled_as_far_as_possible(named: _Named, kept: Kept | None) -> tuple[Many | None, tuple[str, ...]]:
    """Compile all patterns, else those of the names that can be; give also the names that matches are numbered by.

    It takes seconds for our rules, and every redactor of a process has the same ones.
    """
    usable, many = named, _maybe_compiled(named, kept)
    if many is None:
        usable = tuple(one for one in named if _maybe_compiled((one,)))
        many = _maybe_compiled(usable, kept)
    return many, tuple(name for name, _ in usable)


def _maybe_compiled(named: _Named, kept: Kept | None = None) -> Many | None:
    """Compile the patterns; None when there are none, or when one of them is not in Hyperscan's language."""
    try:
        numbered = [
            (at, spelled_out(one).encode("latin-1")) for at, (_, several) in enumerate(named) for one in several
        ]
        return Many(numbered, once=True, kept=kept) if numbered else None
    except ValueError:
        return None
