"""Power cuts: what a disk holds when it stops in the middle, made from what was done to it.

The model is POSIX's with nothing added. What was written to a file before its last sync is there. Of what came after
it, each write is there or not, whatever came before or after it, and a write of several sectors in part; a truncation
is there or not; a file that was made or deleted is there or not until its folder is synced, which SQLite does with the
first sync of a log or journal that it made (unixSync in os_unix.c). SQLite relies on one thing more, as by default: a
write changes no byte outside of its range (powersafe overwrite).
"""

import random
from collections.abc import Iterable

from tests.faults.vfs import Op

SECTOR_BYTES = 512

type Files = dict[str, bytes]


def after_a_cut(start: Files, ops: Iterable[Op], dice: random.Random) -> Files:
    """Return the files after the power went off behind the last of `ops`; `start`: those before the first of them."""
    durable: dict[str, bytearray | None] = {name: bytearray(data) for name, data in start.items()}
    waiting: dict[str, list[Op]] = {}
    known: set[str] = set()
    for op in ops:
        if op.kind == "sync":
            _apply_all(durable, op.name, waiting.pop(op.name, []))
            if op.name not in known and op.name.endswith(("-wal", "-journal")):
                known.add(op.name)
                _sync_folder(durable, waiting)
        elif op.kind == "delete":
            known.discard(op.name)
            waiting.setdefault(op.name, []).append(op)
        elif op.kind in {"write", "truncate"}:
            waiting.setdefault(op.name, []).append(op)
    for name, unsynced in waiting.items():
        # Some disks lose all, some lose nothing, most something.
        share = dice.choice([0.0, 0.5, 0.9, 1.0])
        for op in unsynced:
            if dice.random() < share:
                _apply_all(durable, name, [_torn(op, dice) if dice.random() < 0.3 else op])
    return {name: bytes(data) for name, data in durable.items() if data is not None and not name.endswith("-shm")}


def _sync_folder(files: dict[str, bytearray | None], waiting: dict[str, list[Op]]) -> None:
    """Make deletions durable, with what was done to the files before them."""
    for name, ops in waiting.items():
        last = max((at for at, op in enumerate(ops) if op.kind == "delete"), default=-1)
        _apply_all(files, name, ops[: last + 1])
        del ops[: last + 1]


def _apply_all(files: dict[str, bytearray | None], name: str, ops: Iterable[Op]) -> None:
    for op in ops:
        if op.kind == "delete":
            files[name] = None
            continue
        data = files.get(name)
        if data is None:
            data = files[name] = bytearray()
        if op.kind == "truncate":
            del data[op.at :]
        elif op.data:
            data.extend(bytes(max(0, op.at - len(data))))
            data[op.at : op.at + len(op.data)] = op.data


def _torn(op: Op, dice: random.Random) -> Op:
    """Return a write of which only some sectors arrived: the first of them, as far as the head came."""
    if op.kind != "write":
        return op
    first = SECTOR_BYTES - op.at % SECTOR_BYTES
    ends = [*range(first, len(op.data), SECTOR_BYTES), len(op.data)]
    return Op("write", op.name, op.at, op.data[: dice.choice([0, *ends])])
