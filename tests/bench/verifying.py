"""How fast a record is verified: `python -m tests.bench.verifying --records 200000`.

Writes a record of that many entries (or takes one with `--db`, which is written when it is not there) and prints, in
processor time of this process, what the ledger alone costs (leaves, tree, signatures, story) and what all of it does.
"""

# ruff: noqa: T201 -- a report is printed

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from recorder.ledger.kinds import RecordKind
from recorder.ledger.note import SigningKey, VerifierKey
from recorder.ledger.story import Story
from recorder.ledger.succession import trust
from recorder.ledger.verdict import Findings, Verdict
from recorder.ledger.walk import Walk, read_claims
from recorder.store.database import Database, open_reader, open_writer
from recorder.store.ledger_rows import raw_records, stored_notes, stored_successions
from recorder.store.rows import Row
from recorder.store.verification import verify
from recorder.store.writer import Writer
from tests.store.conftest import Make
from tests.tampering.base import origin

KEY = SigningKey(bytes(range(32)))
TURNS = 8
"""Calls of one session; each brings a message and an answer of its own."""
HEADERS = tuple((f"x-header-{number}", "value " * 3) for number in range(12))
BATCH = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--db", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="recorder-") as folder:
        path = options.db or Path(folder) / "records.db"
        if not path.exists():
            _timed("written", options.records, lambda: write(path, options.records))
        keys = (KEY.verifier(origin(path)),)
        with open_reader(path) as db:
            records = _timed("ledger alone", options.records, lambda: ledger(db, keys))
            verdict = _timed("all of it", options.records, lambda: verify(db, keys).verdict)
    print(f"{records} records, {path.stat().st_size if path.exists() else 0} bytes: {verdict}")


def write(path: Path, records: int) -> None:
    """Write a record with a start and as many calls as fit, several in a commit."""
    with open_writer(path) as db:
        store = Writer(db, key=KEY)
        rows: list[Row] = []
        for row in _rows(records):
            rows.append(row)
            if len(rows) == BATCH:
                store.write(rows)
                rows.clear()
        store.write(rows)


def ledger(db: Database, keys: tuple[VerifierKey, ...]) -> int:
    """Verify records, tree, signatures and story, without contents and tables; return how many records there were."""
    found = Findings()
    notes = list(stored_notes(db))
    trusted = trust(keys, stored_successions(db), (note for _, note in notes))
    walk, story = Walk(read_claims(notes, trusted, found), found), Story(trusted.keys, found, lambda _seq, _parts: None)
    for seq, kind, at_utc, body, leaf in raw_records(db):
        walk.record(seq, kind, at_utc, body, leaf)
        story.record(seq, kind, at_utc, body)
    walk.finish()
    story.finish()
    assert found.verdict is Verdict.OK, found.shown
    return walk.size


def _rows(records: int) -> Iterator[Row]:
    make = Make()
    yield make.event(RecordKind.START, run_id="run1", host="box", pid=1, version="0")
    for number in range((records - 1) // 2):
        session, turn = divmod(number, TURNS)
        turns = [{"role": "user", "content": f"what was said as turn {one} of {session}"} for one in range(turn + 1)]
        yield make.opened(f"call{number}", turns, session=f"s{session}", headers=HEADERS)
        said = {"role": "assistant", "content": [{"type": "text", "text": f"answer {number}"}]}
        answer = make.part("answer", said, "assistant")
        yield make.priced(f"call{number}", "0.25", tools=(f"t{number}",) * (number % 2), answer=answer)


def _timed[T](what: str, records: int, work: Callable[[], T]) -> T:
    began = time.process_time()
    result = work()
    seconds = time.process_time() - began
    print(f"{what}: {seconds:.1f} s of a processor, {records / seconds:,.0f} records/s")
    return result


if __name__ == "__main__":
    main()
