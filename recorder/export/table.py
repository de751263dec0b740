"""CSV: one row an interaction, without its content, safe to open in a spreadsheet.

A cell that begins with one of `FORMULA` is taken for a formula by spreadsheets, whoever wrote it; an apostrophe before
it makes it text (OWASP, "CSV Injection", seen 2026-11-25).
"""

import csv
import io
from typing import Any

import msgspec

from recorder.store.results import Whole
from recorder.view import asjson

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class Csv:
    """Writes rows as RFC 4180 has them."""

    def __init__(self) -> None:
        self._text = io.StringIO()
        self._writer = csv.writer(self._text)

    def begin(self) -> bytes:
        """Give the names of the columns."""
        return self._line(["seq", *asjson.COLUMNS])

    def add(self, whole: Whole) -> bytes:
        """Give an interaction."""
        values = msgspec.structs.asdict(whole.row)
        return self._line([whole.seq, *(cell(values[name]) for name in asjson.COLUMNS)])

    def end(self) -> bytes:
        """Give nothing: a table has no end."""
        return b""

    def _line(self, cells: list[Any]) -> bytes:
        self._writer.writerow(cells)
        line = self._text.getvalue().encode()
        self._text.seek(0)
        self._text.truncate()
        return line


def cell(value: Any) -> Any:
    """Make a cell that no spreadsheet computes."""
    if isinstance(value, str):
        # What a cell may hold at most in the common spreadsheets is theirs to say; NUL is what their readers stop at.
        text = value.replace("\0", "\N{SYMBOL FOR NULL}")
        return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text
    return {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value
