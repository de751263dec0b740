"""Many patterns looked for in one pass over a text: Hyperscan, behind the least of its interface that is needed here.

Its time does not grow with the number of patterns as that of RE2 does, and it lets other threads run meanwhile.
https://intel.github.io/hyperscan/dev-reference/
"""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import hyperscan


class Many:
    """Numbered patterns, in Hyperscan's dialect, over bytes. Raises ValueError when one is not in it.

    `once`: each pattern is reported at most once a text; else at each place where a match may end.
    """

    def __init__(self, numbered: Sequence[tuple[int, bytes]], *, once: bool) -> None:
        self._database: Any = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        self._threads = threading.local()
        flag = hyperscan.HS_FLAG_SINGLEMATCH if once else 0
        reason = ""
        try:
            self._database.compile(
                expressions=[pattern for _, pattern in numbered],
                ids=[number for number, _ in numbered],
                elements=len(numbered),
                flags=[flag] * len(numbered),
            )
        except hyperscan.error as error:
            reason = str(error)
        if reason:
            raise ValueError(f"{len(numbered)} patterns cannot be compiled into one: {reason}")

    def scan(self, text: bytes, report: Callable[[int, int], None]) -> None:
        """Call `report` with a pattern's number and where its match ends. Raises what `report` raises."""
        self._database.scan(text, match_event_handler=lambda n, _, end, *__: report(n, end), scratch=self._scratch())

    def ends(self, text: bytes) -> list[tuple[int, int]]:
        """Give each match's pattern's number and where it ends, in the order of their ends."""
        found: list[tuple[int, int]] = []
        self.scan(text, lambda number, end: found.append((number, end)))
        return found

    def _scratch(self) -> Any:
        """Working memory, which two scans at a time must not share: one for each thread."""
        scratch = getattr(self._threads, "scratch", None)
        if scratch is None:
            scratch = self._threads.scratch = hyperscan.Scratch(self._database)
        return scratch


def literal(value: bytes) -> bytes:
    """Write bytes as a pattern for themselves."""
    return b"".join(b"\\x%02x" % byte for byte in value)
