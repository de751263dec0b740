r"""How far before its end a match of a pattern can begin, read off the pattern.

Strategy. Hyperscan tells where matches end, not where they begin. All parts of a match that are bounded are so many
bytes at most; each part that is not is a stretch without a line break, mostly without a blank, or one of blanks. What
may be missing at a pattern's end is missing in the shortest match from a place, and the end of that one is told, too.

RE2's syntax as far as our rules use it: characters, classes, groups, alternatives, repetitions, `\b`, `^`, `$`.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from recorder.redact.regex import PatternError, compile_bytes

_BLANKS = b" \t\r\n\f\v="
"""With the one sign that a rule lets stand among them, in any number."""
_FEW_BYTES = 4096
_ATOM = re.compile(
    r"(?P<open>\((?:\?[a-zA-Z]*:)?(?!\?))|(?P<flag>\(\?[a-zA-Z]+\))|(?P<close>\))|(?P<or>\|)|(?P<edge>\\[bBAz]|[$^])"
    r"|(?P<byte>\[\^?\]?(?:\\.|[^\]\\])*\]|\\x[0-9a-fA-F]{2}|\\[^0-9pPQEC]|[^\\()*+?\[])",
    re.DOTALL,
)
_REPEAT = re.compile(r"(?:\*|\+|\?|\{(\d+)(,?)(\d*)\})\??")


class Width(NamedTuple):
    """At most `bounded` bytes beside `free` parts of any length; `breaks`: with line breaks; `blank`: blanks alone.

    `spaced`: a space may stand in it; `loose`: in one of its free parts, among other characters.
    """

    bounded: int = 0
    free: int = 0
    breaks: bool = False
    blank: bool = True
    spaced: bool = False
    loose: bool = False


class Reach(NamedTuple):
    """What the shortest match from each place is made of, at most: `bounded` bytes and `free` stretches.

    `loose`: these may have spaces in them, so that only a line's end ends one.
    """

    bounded: int
    free: int
    loose: bool = False

    def back(self, text: bytes, end: int, floor: int) -> int:
        """Give a place, not before `floor`, behind which every match begins that first ends at `end`, or before it."""
        at = max(end - self.bounded, floor)
        for _ in range(self.free):
            before = _before_blanks(text, at, floor)
            at = text.rfind(b"\n", floor, before) + 1 or floor
            if not self.loose:
                at = max(at, text.rfind(b" ", at, before) + 1)
            at = max(at - self.bounded, floor)
        return at

    def ahead(self, text: bytes, start: int) -> int:
        """Give a place before which the shortest match ends from every place up to `start`."""
        at = start + self.bounded
        for _ in range(self.free):
            behind = _behind_blanks(text, at)
            end = text.find(b"\n", behind)
            if not self.loose and (space := text.find(b" ", behind, end if end >= 0 else len(text))) >= 0:
                end = space
            at = end + self.bounded if end >= 0 else len(text)
        return min(at, len(text))

    def around(self, text: bytes, ends: Iterable[int], *, are_last: bool) -> list[tuple[int, int]]:
        """Give the stretches that hold the shortest match from each place, in order; they do not touch.

        `ends`: in order, where matches end; without `are_last`, where something ends that is in every match.
        """
        stretches: list[tuple[int, int]] = []
        low = high = 0
        for end in ends:
            start = self.back(text, end, high)  # what is before, the one before holds already
            if start > high:
                if low < high:
                    stretches.append((low, high))
                low = start
            high = max(high, end if are_last else self.ahead(text, end))
            if high == len(text) and not are_last:
                break
        return [*stretches, (low, high)]


def _before_blanks(text: bytes, at: int, floor: int) -> int:
    low = max(floor, at - _FEW_BYTES)
    near = text[low:at].rstrip(_BLANKS)
    return low + len(near) if near or low == floor else floor + len(text[floor:low].rstrip(_BLANKS))


def _behind_blanks(text: bytes, at: int) -> int:
    near = text[at : at + _FEW_BYTES]
    left = near.lstrip(_BLANKS)
    return at + len(near) - len(left) if left else len(text) - len(text[at:].lstrip(_BLANKS))


@cache
def reach_of(pattern: str) -> Reach | None:
    """Read a pattern's reach; None when a part without bounds may go over lines, or the pattern cannot be read."""
    try:
        width = _Reader(pattern).width()
    except (ValueError, PatternError):
        return None
    return Reach(width.bounded, width.free, width.loose)


def brief(pattern: str) -> str:
    """Leave out what may follow at a pattern's end, so that of a long match one end is told instead of all.

    What is left begins to match where the pattern does, and nowhere else.
    """
    return re.sub(r"(?<!\\)\{(\d+),\}(?:=\{0,2\})?(\)*)\Z", r"{\1}\2", pattern)


class _Node(NamedTuple):
    """A piece of a pattern: `one` byte at most, or the parts of a repetition (`in_turn`), or its alternatives."""

    parts: tuple["_Node", ...] = ()
    in_turn: bool = True
    least: int = 1
    most: int | None = 1
    one: Width | None = None


class _Reader:
    """Reads a pattern into nodes. Raises ValueError for what it cannot read."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0

    def width(self) -> Width:
        node = self._alternatives()
        if self._at < len(self._pattern):
            raise ValueError("a group has no beginning")
        return _shortest(node)

    def _alternatives(self) -> _Node:
        branches: list[list[_Node]] = [[]]
        while self._at < len(self._pattern):
            found = _ATOM.match(self._pattern, self._at)
            kind = found.lastgroup if found else None
            if found is None or kind == "close":
                break
            self._at = found.end()
            if kind == "or":
                branches.append([])
            elif kind == "flag" and "s" in found.group():
                raise ValueError("a point may match a line break")
            elif kind != "flag":
                branches[-1].append(self._repeated(self._atom(str(kind), found.group())))
        return _Node(tuple(_Node(tuple(parts)) for parts in branches), in_turn=False)

    def _atom(self, kind: str, text: str) -> _Node:
        if kind == "open":
            node = self._alternatives()
            if not self._pattern.startswith(")", self._at):
                raise ValueError("a group has no end, or something unknown in it")
            self._at += 1
            return node
        return _Node(one=_width_of(text) if kind == "byte" else Width())

    def _repeated(self, node: _Node) -> _Node:
        found = _REPEAT.match(self._pattern, self._at)
        if found is None:
            return node
        self._at = found.end()
        least, comma, most = found.groups()
        if least is None:
            sign = found.group()[0]
            return _Node((node,), least=sign == "+", most=1 if sign == "?" else None)
        return _Node((node,), least=int(least), most=int(most) if most else None if comma else int(least))


@cache
def _width_of(text: str) -> Width:
    if len(text) == 1:  # a point matches no line break, nor does a character that stands for itself
        return Width(1, blank=False, spaced=text in ". ")
    one = compile_bytes(text)
    spaced = one.fullmatch(b" ") is not None
    blank = all(byte in _BLANKS for byte in range(256) if one.fullmatch(bytes([byte])))
    return Width(1, 0, one.fullmatch(b"\n") is not None, blank, spaced)


def _full(node: _Node) -> Width:
    """Give the width of the longest that a node may match."""
    if node.one is not None:
        return node.one
    once = _sum(map(_full, node.parts)) if node.in_turn else _largest(map(_full, node.parts))
    if node.most is not None:
        return once._replace(bounded=once.bounded * node.most, free=once.free * node.most)
    if once.breaks and not once.blank:
        raise ValueError("what repeats without bounds may go over lines")
    return once._replace(bounded=0, free=1, loose=once.loose or (once.spaced and not once.blank))


def _shortest(node: _Node) -> Width:
    """Give the width of the shortest match of a node that a pattern ends with: what may be missing there, is."""
    if node.one is not None:
        return node.one
    if not node.in_turn:
        return _largest(map(_shortest, node.parts))
    parts = list(node.parts)
    while parts and parts[-1].least == 0:
        parts.pop()
    if not parts or node.least == 0:
        return Width()
    rounds = [_sum(map(_full, node.parts))] * (node.least - 1) if node.least > 1 else []
    return _sum([*rounds, *map(_full, parts[:-1]), _shortest(parts[-1])])


def _sum(widths: Iterable[Width]) -> Width:
    some = list(widths)
    return _either(some, sum(one.bounded for one in some), sum(one.free for one in some))


def _largest(widths: Iterable[Width]) -> Width:
    some = list(widths)
    return _either(some, max(one.bounded for one in some), max(one.free for one in some))


def _either(some: Sequence[Width], bounded: int, free: int) -> Width:
    return Width(
        bounded,
        free,
        any(one.breaks for one in some),
        all(one.blank for one in some),
        any(one.spaced for one in some),
        any(one.loose for one in some),
    )
