"""What can be looked at apart from the rest, as shares of a work: done here, or by other processes meanwhile.

Strategy. Contents, lists and rows of interactions need nothing but their own ranges of numbers. Helpers read the
database themselves, each in a transaction of its own, and that all these are of one moment is made sure at the
beginning: what is verified changes only along with the last record and the newest checkpoint, so these must be the
same for all. Where that does not come about, or a helper is lost, the work is done here.
"""

import contextlib
import multiprocessing
import signal
from collections import deque
from collections.abc import Iterator
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, Self, cast

import msgspec
from sqlite_utils import Database

from recorder.errors import StoreError
from recorder.ledger.verdict import Findings, Verdict
from recorder.store.database import open_reader, reading
from recorder.store.verify_contents import read_contents
from recorder.store.verify_interactions import Wrong, compare_interactions
from recorder.store.verify_lists import wrong_nodes

MOST_HELPERS = 8
"""With more of them the ledger, which is gone through by one process, is what takes longest."""
_MOMENT = "SELECT (SELECT max(seq) FROM records), (SELECT note FROM tree_head)"
_TRIES = 50
"""A recorder commits every few milliseconds at most; to begin takes less than one."""
_AHEAD = 2
_SIZE = 5000
"""Numbers in a range: a fraction of a second of work."""
_LEAST = (4 * _SIZE, 1, 1)
"""Numbers in a range that is not empty: to begin amid parts, the ones before them in their block have to be read."""
_EXTENTS = (
    "SELECT coalesce(min(id), 1), coalesce(max(id), 0) FROM parts WHERE id >= ?",
    "SELECT coalesce(min(id), 1), coalesce(max(id), 0) FROM chains",
    "SELECT coalesce(min(seq), 1), coalesce(max(seq), 0) FROM interactions",
)
_COUNTS = (
    ("interactions", "SELECT count(*) FROM interactions", "SELECT count(*) FROM records WHERE kind = 'opened'"),
    ("endings", "SELECT count(closed_seq) FROM interactions", "SELECT count(*) FROM records WHERE kind = 'closed'"),
)

type Range = tuple[int, int]
"""Both ends included."""


class Share(msgspec.Struct, frozen=True):
    """What is looked at together."""

    parts: Range
    chains: Range
    interactions: Range
    after: int
    """Interactions that were closed up to this record are passed over."""


class Looked(msgspec.Struct):
    """What was found in a share, or in several."""

    wrong_parts: list[int] = []
    marked_parts: list[int] = []
    wrong_nodes: list[int] = []
    wrong_interactions: list[Wrong] = []
    nodes: int = 0
    """How many elements records added to lists."""

    def add(self, other: "Looked") -> None:
        """Take in what was found in the next share."""
        self.wrong_parts += other.wrong_parts
        self.marked_parts += other.marked_parts
        self.wrong_nodes += other.wrong_nodes
        self.wrong_interactions += other.wrong_interactions
        self.nodes += other.nodes

    def judge(self, db: Database, found: Findings, *, is_all: bool) -> None:
        """Say what is wrong with lists and rows; `is_all`: all interactions were looked at."""
        for node in self.wrong_nodes:
            found.add(Verdict.MODIFIED, f"chain node {node} is not what its digest was made of")
        for id_, names in self.wrong_interactions:
            found.add(Verdict.MODIFIED, f"interaction {id_}: {names} differ from the records")
        with reading():
            for name, rows, records in _COUNTS:
                (have,), (want,) = db.execute(rows).fetchone(), db.execute(records).fetchone()
                if have != want:
                    found.add(Verdict.MODIFIED, f"{name}: {have} rows, the records tell of {want}")
            (nodes,) = db.execute("SELECT count(*) FROM chains").fetchone()
        if is_all and nodes != self.nodes and not self.wrong_interactions:
            found.add(Verdict.MODIFIED, f"chains: {nodes} rows, the records tell of {self.nodes}")


def look(db: Database, share: Share) -> Looked:
    """Look at a share. Raises StoreError when SQLite cannot read what is in it."""
    read = read_contents(db, *share.parts)
    nodes = wrong_nodes(db, *share.chains)
    compared = compare_interactions(db, *share.interactions, share.after)
    return Looked(read.wrong, read.marked, nodes, compared.wrong, compared.nodes)


def divide(db: Database, after: int = 0, first_part: int = 0) -> list[Share]:
    """Divide the work. `after`: see `Share`; `first_part`: contents of parts before it are not looked at."""
    with reading():
        extents: list[Range] = [db.execute(sql, (first_part,) if "?" in sql else ()).fetchone() for sql in _EXTENTS]
    count = 1 + max(last - first for first, last in extents) // _SIZE
    parts, chains, interactions = (
        _ranges(first, last, count, size) for (first, last), size in zip(extents, _LEAST, strict=True)
    )
    return [Share(*ranges, after) for ranges in zip(parts, chains, interactions, strict=True)]


def _ranges(first: int, last: int, count: int, least: int) -> Iterator[Range]:
    """Divide into `count` ranges; those that would be shorter than `least` are empty, and the others longer."""
    size = max(0, last - first + 1)
    filled = max(1, min(count, size // least))
    ends = [first + size * ((at + 1) * filled // count) // filled for at in range(count)]
    for begin, end in zip((first, *ends), ends, strict=False):
        yield begin, end - 1


class Helpers:
    """Processes that take shares of the work; to be used as a context, which ends them."""

    def __init__(self, path: Path, count: int) -> None:
        """Start that many on the database at `path`."""
        self.processes: list[SpawnProcess] = []
        self._pipes: list[Connection] = []
        context = multiprocessing.get_context("spawn")
        for _ in range(count):
            ours, theirs = context.Pipe()
            process = context.Process(target=_help, args=(theirs, path), daemon=True)
            process.start()
            self.processes.append(process)
            theirs.close()
            self._pipes.append(ours)
        self._left: list[Share] = []
        self._given: list[deque[Share]] = []
        """To each of them, and not answered yet."""
        self._lost: list[Share] = []
        """With the helper to which they were given."""
        self._heard: list[Looked] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in self._pipes:
            pipe.close()  # at which the helper ends

    def join(self, db: Database) -> bool:
        """Let all helpers begin at the moment that is looked at here; return whether it had to become a newer one.

        Where that does not come about, or one is lost, all is left to us.
        """
        tries = 0
        try:
            for tries in range(_TRIES):
                for pipe in self._pipes:
                    pipe.send(None)
                with reading():
                    if tries:
                        db.rollback()
                        db.execute("BEGIN")
                    ours = _moment(db)
                if all([pipe.recv() == ours for pipe in self._pipes]):  # noqa: C419 -- each has to be received
                    return tries > 0
        except (EOFError, OSError):
            pass
        self._pipes.clear()
        return tries > 0

    def give(self, shares: list[Share]) -> None:
        """Let them begin with it. Each is given one more share than it is at work on, so that none waits for orders."""
        self._left = list(reversed(shares))
        self._given = [deque() for _ in self._pipes]
        for at, _ in enumerate(self._pipes):
            for _ in range(_AHEAD):
                self._order(at)

    def looked(self, db: Database) -> Iterator[Looked]:
        """Yield what they find, share by share, and what is found here. Raises StoreError as `look` does."""
        yield from self._heard
        while self._left:
            yield from self._answered(0)
            if self._left:
                yield look(db, self._left.pop())
        while any(self._given):
            yield from self._answered(None)
        yield from (look(db, share) for share in self._lost)

    def hear(self) -> None:
        """Take what was found meanwhile, and give new orders; to be called now and then while there is other work."""
        self._heard += self._answered(0)

    def _order(self, at: int) -> None:
        if not self._left:
            return
        share = self._left.pop()
        self._given[at].append(share)
        with contextlib.suppress(OSError):  # then its end is noticed where it answers
            self._pipes[at].send(share)

    def _answered(self, wait_s: float | None) -> Iterator[Looked]:
        busy = [pipe for pipe, given in zip(self._pipes, self._given, strict=True) if given]
        for pipe in wait(busy, wait_s):
            at = self._pipes.index(cast("Connection", pipe))
            try:
                answer = self._pipes[at].recv()
            except (EOFError, OSError):
                self._lost += self._given[at]  # all this is looked at here
                self._given[at].clear()
                continue
            self._given[at].popleft()
            self._order(at)
            if isinstance(answer, str):
                raise StoreError(answer)
            yield answer


def _help(pipe: Connection, path: Path) -> None:
    """Take orders until nobody is there to give them: None to begin at this moment, else a share to look at."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is for who gives the orders
    with contextlib.suppress(EOFError, OSError), open_reader(path) as db:
        while True:
            order = pipe.recv()
            if order is None:
                db.rollback()
                db.execute("BEGIN")
                pipe.send(_moment(db))
            else:
                pipe.send(_answer(db, order))


def _answer(db: Database, share: Share) -> Looked | str:
    try:
        return look(db, share)
    except StoreError as error:
        return str(error)


def _moment(db: Database) -> tuple[Any, ...]:
    moment: tuple[Any, ...] = db.execute(_MOMENT).fetchone()
    return moment
