"""Many patterns looked for in one pass over a text: Hyperscan, behind the least of its interface that is needed here.

Its time does not grow with the number of patterns as that of RE2 does, and it lets other threads run meanwhile.
https://intel.github.io/hyperscan/dev-reference/
"""

import hashlib
import threading
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any, Protocol

import hyperscan

_SUM_BYTES = 32


class Kept(Protocol):
    """Where compiled patterns lie between two processes, by name. Nothing here raises."""

    def __hash__(self) -> int:
        """Two with the same hash that are equal keep the same."""

    def get(self, name: str) -> bytes | None:
        """Return what lies there; None when nothing does."""

    def put(self, name: str, data: bytes) -> None:
        """Let it lie there, if that can be."""


class Many:
    """Numbered patterns, in Hyperscan's dialect, over bytes. Raises ValueError when one is not in it.

    `once`: numbers, or all of them, that are reported at most once a text; others at each place where a match may end.
    """

    def __init__(
        self, numbered: Sequence[tuple[int, bytes]], *, once: bool | frozenset[int], kept: Kept | None = None
    ) -> None:
        """`kept`: looked into before anything is compiled, which takes seconds for a thousand patterns.

        Never for patterns that hold a value of somebody's: what is compiled can be read out of it.
        """
        self._threads = threading.local()
        single = frozenset(number for number, _ in numbered if once is True or (once and number in once))
        self._database: Any = _kept(numbered, single, kept) if kept else _compiled(numbered, single)

    def scan(self, text: bytes, report: Callable[[int, int], bool | None]) -> bool:
        """Call `report` with a pattern's number and where its match ends. Raises what `report` raises.

        When it returns True there is no more of it: then False is given, else True.
        """
        try:
            self._database.scan(
                text, match_event_handler=lambda n, _, end, *__: report(n, end), scratch=self._scratch()
            )
        except hyperscan.ScanTerminated:
            return False
        return True

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


def _kept(numbered: Sequence[tuple[int, bytes]], single: frozenset[int], kept: Kept) -> Any:
    name = _name(numbered, single)
    database = _loaded(kept.get(name))
    if database is None:
        database = _compiled(numbered, single)
        data = hyperscan.dumpb(database)
        kept.put(name, hashlib.sha256(data).digest() + data)
    return database


def _compiled(numbered: Sequence[tuple[int, bytes]], single: frozenset[int]) -> Any:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    reason = ""
    try:
        database.compile(
            expressions=[pattern for _, pattern in numbered],
            ids=[number for number, _ in numbered],
            elements=len(numbered),
            flags=[hyperscan.HS_FLAG_SINGLEMATCH if number in single else 0 for number, _ in numbered],
        )
    except hyperscan.error as error:
        reason = str(error)
    if reason:
        raise ValueError(f"{len(numbered)} patterns cannot be compiled into one: {reason}")
    return database


def _name(numbered: Sequence[tuple[int, bytes]], single: frozenset[int]) -> str:
    """Name patterns so that others, and those of another version of Hyperscan, have another name."""
    seen = hashlib.sha256(f"{version('hyperscan')} {sorted(single)}".encode())
    for number, pattern in numbered:
        seen.update(b"%d %d " % (number, len(pattern)) + pattern)
    return seen.hexdigest()


def _loaded(data: bytes | None) -> Any:
    """Load what was compiled before; None for what is damaged, or made for another processor."""
    # The sum first: what follows is read by native code, which looks at its own beginning alone.
    if data is None or hashlib.sha256(data[_SUM_BYTES:]).digest() != data[:_SUM_BYTES]:
        return None
    try:
        return hyperscan.loadb(data[_SUM_BYTES:], hyperscan.HS_MODE_BLOCK)
    except hyperscan.error:
        return None


def literal(value: bytes) -> bytes:
    """Write bytes as a pattern for themselves."""
    return b"".join(b"\\x%02x" % byte for byte in value)
