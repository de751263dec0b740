"""Files beside the database that are damaged, cut, missing or of another time: found or recovered from, always.

What a crash leaves is copied while the writer has it open. What was acknowledged is there at the next start, or that
start says in the record what is not, or it refuses.
"""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

from recorder.capture.head_memory import HeadMemory
from recorder.errors import RecorderError
from recorder.ledger.kinds import RecordKind
from recorder.store.database import open_reader
from recorder.store.queries import records
from tests.faults import workload
from tests.faults.counts import count

CASES = count("damaged files", ci=60, full=500)
MANY = 8
"""Interactions in the log when the recorder is gone."""


def cut(path: Path, dice: random.Random) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: dice.randrange(len(data))])


def flip(path: Path, dice: random.Random) -> None:
    data = bytearray(path.read_bytes())
    for _ in range(dice.choice([1, 3, 200])):
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    path.write_bytes(data)


def blank(path: Path, dice: random.Random) -> None:
    data = bytearray(path.read_bytes())
    start, size = dice.randrange(len(data)), dice.choice([1, 512, 4096, 40_000])
    data[start : start + size] = bytes(len(data[start : start + size]))
    path.write_bytes(data)


def fill(path: Path, dice: random.Random) -> None:
    path.write_bytes(dice.randbytes(path.stat().st_size))


def remove(path: Path, _dice: random.Random) -> None:
    path.unlink()


def append(path: Path, dice: random.Random) -> None:
    with path.open("ab") as file:
        file.write(dice.randbytes(dice.choice([1, 512, 9000])))


HARMS: tuple[Callable[[Path, random.Random], None], ...] = (cut, flip, blank, fill, remove, append)


def test_no_damage_goes_unnoticed(tmp_path: Path, detectors: None) -> None:
    left, acked, earlier = crashed(tmp_path)
    silent, outcomes = [], {"whole": 0, "told": 0, "refused": 0}
    for number in range(CASES):
        dice = random.Random(number)
        folder = tmp_path / f"case{number}"
        shutil.copytree(left, folder)
        side = folder / f"records.db-{dice.choice(['wal', 'wal', 'wal', 'shm'])}"
        if dice.random() < 0.1:
            shutil.copy(earlier / side.name, side)
        else:
            dice.choice(HARMS)(side, dice)
        outcome = started(folder, acked)
        if outcome == "silent":
            silent.append(f"case {number}: {side.name}")
        else:
            outcomes[outcome] += 1
    assert silent == []
    assert all(outcomes[name] for name in ("whole", "told")), outcomes


def crashed(tmp_path: Path) -> tuple[Path, workload.Acked, Path]:
    """Return what a crash leaves, what had been acknowledged, and the same files as they were somewhat earlier."""
    live, acked = tmp_path / "live", workload.Acked()
    desk = workload.take_a_seat(live, "run")
    workload.record(desk, range(MANY // 2), acked)
    shutil.copytree(live, tmp_path / "earlier")
    workload.record(desk, range(MANY // 2, MANY), acked)
    shutil.copytree(live, tmp_path / "left")
    desk.close()
    return tmp_path / "left", acked, tmp_path / "earlier"


def started(folder: Path, acked: workload.Acked) -> str:
    """Start a recorder on what is left; return whether all is there, what is missing is told, or it refused."""
    # The state folder remembers a database by its path: what was kept of the one that was copied is this one's.
    (note,) = (folder / "state" / "heads").iterdir()
    mine = workload.hello(folder, "next")
    note.rename(HeadMemory(Path(mine.state_dir or ""), Path(mine.db)).path)
    try:
        workload.take_a_seat(folder, "next").close()
    except RecorderError:
        return "refused"
    with open_reader(folder / "records.db") as db:
        if not workload.lost(db, acked):
            return "whole"
        told = any(record.kind is RecordKind.DISCREPANCY for record in records(db))
        return "told" if told else "silent"
