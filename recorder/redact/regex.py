"""google-re2 over bytes: linear in its input whatever the input is, and it lets other threads run meanwhile.

Patterns work on the bytes of UTF-8 text (Latin-1 mode: one byte, one character), so that offsets are byte offsets and
invalid UTF-8 hurts nothing.
"""

from typing import Any

import re2  # type: ignore[import-untyped]  # google-re2 ships no type hints

PatternError: type[Exception] = re2.error

# Above this RE2 forgets cached states and goes on more slowly; it does not fail.
MAX_MEMORY_BYTES = 128 << 20


def compile_bytes(pattern: str, *, ignore_case: bool = False, characters: bool = False) -> Any:
    """Compile an RE2 pattern over bytes; `.` does not match a newline. Raises `re2.error` on a wrong pattern.

    With `characters`, the pattern is about the characters that the UTF-8 spells; offsets are bytes all the same.
    """
    options = re2.Options()
    options.encoding = re2.Options.Encoding.UTF8 if characters else re2.Options.Encoding.LATIN1
    options.max_mem = MAX_MEMORY_BYTES
    options.case_sensitive = not ignore_case
    options.log_errors = False
    return re2.compile(pattern.encode("utf-8" if characters else "latin-1"), options)


def quote(literal: bytes) -> str:
    """Quote bytes for a pattern."""
    return str(re2.escape(literal).decode("latin-1"))
