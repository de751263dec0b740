"""google-re2 over bytes: linear in its input whatever the input is, and it lets other threads run meanwhile.

Patterns work on the bytes of UTF-8 text (Latin-1 mode: one byte, one character), so that offsets are byte offsets and
invalid UTF-8 hurts nothing.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import re2  # type: ignore[import-untyped]  # google-re2 ships no type hints

PatternError: type[Exception] = re2.error

# Above this RE2 forgets cached states and goes on more slowly; it does not fail.
MAX_MEMORY_BYTES = 128 << 20


@cache
def compile_bytes(pattern: str, *, ignore_case: bool = False, characters: bool = False) -> Any:
    """Compile an RE2 pattern over bytes; `.` does not match a newline. Raises `re2.error` on a wrong pattern.

    With `characters`, the pattern is about the characters that the UTF-8 spells; offsets are bytes all the same. Each
    pattern is compiled once a process: redactors share it, and the states that RE2 has built for it.
    """
    options = _options()
    if characters:
        options.encoding = re2.Options.Encoding.UTF8
    options.case_sensitive = not ignore_case
    return re2.compile(pattern.encode("utf-8" if characters else "latin-1"), options)


def compile_set(patterns: Sequence[str]) -> Any:
    """Compile patterns into one: its `Match(data)` gives the indices of those that match at the start, or None."""
    together = re2.Set.MatchSet(_options())
    for pattern in patterns:
        together.Add(pattern.encode("latin-1"))
    together.Compile()
    return together


def quote(literal: bytes) -> str:
    """Quote bytes for a pattern."""
    return str(re2.escape(literal).decode("latin-1"))


def _options() -> Any:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.max_mem = MAX_MEMORY_BYTES
    options.log_errors = False
    return options
