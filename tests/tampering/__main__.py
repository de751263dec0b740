"""Many edits of a record: `python -m tests.tampering --count 10000`. Exit code 1 when one was not found.

Each of the edits of `edits.py` in turn, with other dice each time, on a fresh copy; and single bits of the file itself.
Of an edit of records both verifiers must give the same verdict, one that `edits.py` allows; of an edit of content and
tables the independent one, which does not look there, must find the ledger whole. A flipped bit must be found unless
no value in any table is another one, but those that are no evidence (`base.py` says which, and why).
"""

# ruff: noqa: T201 -- a report is printed

import argparse
import random
import shutil
import sqlite3
import tempfile
import time
from collections import Counter
from pathlib import Path

from recorder.errors import RecorderError
from recorder.ledger.note import VerifierKey
from recorder.ledger.verdict import Verdict
from tests.tampering.base import KEY, NO_EVIDENCE, NO_EVIDENCE_COLUMNS, fill, independent, origin, ours, unguarded
from tests.tampering.edits import LEDGER, REST, Edit, flipped

BITS = "flip_a_bit_of_the_file"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", default="")
    options = parser.parse_args()
    began = time.process_time()
    with tempfile.TemporaryDirectory(prefix="recorder-") as folder:
        missed, done = Tampering(Path(folder), options.seed).run(options.count)
    for name, verdicts in sorted(done.items()):
        print(f"{name}: {', '.join(f'{count} {verdict}' for verdict, count in sorted(verdicts.items()))}")
    print(*missed, sep="\n")
    total = sum(verdicts.total() for verdicts in done.values())
    print(f"{total} edits, {total - len(missed)} found, {time.process_time() - began:.0f} s of a processor")
    raise SystemExit(1 if missed else 0)


class Tampering:
    """Edits copies of one record."""

    def __init__(self, folder: Path, seed: str) -> None:
        self._base, self._copy, self._seed = folder / "base.db", folder / "copy.db", seed
        fill(self._base)
        with sqlite3.connect(self._base) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()
        self._keys: tuple[VerifierKey, ...] = (KEY.verifier(origin(self._base)),)
        self._dump = dumped(self._base)

    def run(self, count: int) -> tuple[list[str], dict[str, Counter[str]]]:
        """Make that many edits; return those that were missed, and what became of each kind."""
        missed: list[str] = []
        done: dict[str, Counter[str]] = {}
        kinds: list[tuple[Edit | None, set[Verdict], bool]] = [
            *((edit, verdicts, True) for edit, verdicts in LEDGER),
            *((edit, verdicts, False) for edit, verdicts in REST),
            *[(None, set(Verdict) - {Verdict.OK}, False)] * 4,
        ]
        for number in range(count):
            edit, verdicts, is_ledger = kinds[number % len(kinds)]
            name = edit.__name__ if edit else BITS
            dice = random.Random(f"{self._seed} {name} {number}")
            verdict, is_found = self._edit(edit, verdicts, dice, is_ledger=is_ledger)
            done.setdefault(name, Counter())[verdict] += 1
            if not is_found:
                missed.append(f"missed: {name} {number}: {verdict}")
        return missed, done

    def _edit(
        self, edit: Edit | None, verdicts: set[Verdict], dice: random.Random, *, is_ledger: bool
    ) -> tuple[str, bool]:
        shutil.copy(self._base, self._copy)
        for side in ("-wal", "-shm"):
            self._copy.with_name(self._copy.name + side).unlink(missing_ok=True)
        if edit is None:
            return self._bit(dice)
        db = unguarded(self._copy)
        edit(db, dice)
        db.close()
        verdict = ours(self._copy, self._keys).verdict
        other = independent(self._copy, self._keys)
        return verdict, verdict in verdicts and other is (verdict if is_ledger else Verdict.OK)

    def _bit(self, dice: random.Random) -> tuple[str, bool]:
        self._copy.write_bytes(flipped(self._copy.read_bytes(), dice))
        try:
            verdict = ours(self._copy, self._keys).verdict
        except RecorderError:
            return "refused", True
        if verdict is Verdict.OK:
            now = dumped(self._copy)
            other = [name for name, rows in self._dump.items() if now.get(name) != rows]
            return " ".join(["in no value", *other]), not other
        return verdict, True


def dumped(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All tables with all their values, but those that are no evidence."""
    db = sqlite3.connect(path)
    db.text_factory = bytes
    try:
        names = [name.decode() for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: db.execute(f"SELECT {_columns(db, name)} FROM {name}").fetchall() for name in names}
    finally:
        db.close()


def _columns(db: sqlite3.Connection, table: str) -> str:
    if table in NO_EVIDENCE:
        return "1"
    names = [row[1].decode() for row in db.execute(f"PRAGMA table_info({table})")]
    return ", ".join(f'"{name}"' for name in names if (table, name) not in NO_EVIDENCE_COLUMNS)


if __name__ == "__main__":
    main()
