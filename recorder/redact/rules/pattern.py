"""A rule's pattern twice: one to look for, which only tells where it matches, and one to take the secret out.

RE2 finds a match by an automaton whose time does not depend on the groups of the pattern; to tell where those are costs
as much again, and of a match of a megabyte a second a rule. So groups are asked for where a rule matches, and in the
first bytes of a long match alone: what runs on to the end of these runs on to the end of the match.
"""

from functools import cached_property
from typing import Any

from recorder.redact.regex import compile_bytes

_LONG_BYTES = 4096


class Pattern:
    """One pattern. The secret is the first group that took part in the match; without groups, the match.

    It is compiled when it is first asked: few of two hundred are in the first minute of a recorder, and all of them are
    a third of a second of its start.
    """

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self.uncaptured = uncaptured(pattern)

    @cached_property
    def _plain(self) -> Any:
        return compile_bytes(self.uncaptured)

    @cached_property
    def _full(self) -> Any:
        return compile_bytes(self._pattern)

    @cached_property
    def _groups(self) -> range:
        return range(1, self._full.groups + 1)

    def search(self, text: bytes, start: int, end: int) -> int:
        """Give where the first match in `text[start:end]` begins; -1 when there is none."""
        match = self._plain.search(text, start, end)
        return -1 if match is None else int(match.start())

    def match(self, text: bytes, start: int) -> tuple[int, int, int] | None:
        """Give, of the match that begins at `start`, the secret's begin and end, and the end of the match."""
        limit = start + _LONG_BYTES
        match = self._full.match(text, start, limit)
        if match is None:
            match = self._full.match(text, start) if limit < len(text) else None
            return match and self._parts(match)
        begin, end, last = self._parts(match)
        if last < limit or limit >= len(text):
            return begin, end, last
        whole = self._plain.match(text, start)
        if whole is None:
            return None
        last = whole.end()
        return begin, last if end == limit else end, last

    def _parts(self, match: Any) -> tuple[int, int, int]:
        first, last = match.span()
        for group in self._groups:
            start, end = match.span(group)
            if start >= 0:
                return start, end, last
        return first, last, last


def uncaptured(pattern: str) -> str:
    """Make every capturing group of a pattern a plain one."""
    out, escaped, in_class = [], False, False
    for index, char in enumerate(pattern):
        opens = char == "(" and not escaped and not in_class and pattern[index + 1 : index + 2] != "?"
        out.append("(?:" if opens else char)
        if not escaped:
            in_class = (in_class or char == "[") and char != "]"
        escaped = char == "\\" and not escaped
    return "".join(out)
