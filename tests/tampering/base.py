"""A record that is whole, made once, and both verifiers to run over copies of it."""

import contextlib
import functools
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import zstandard

from recorder.ledger.checkpoint import claimed_checkpoint
from recorder.ledger.kinds import RecordKind
from recorder.ledger.note import SigningKey, VerifierKey
from recorder.ledger.verdict import Verdict
from recorder.model import State
from recorder.store import tree_head
from recorder.store.database import open_reader, open_writer
from recorder.store.verification import Report, verify
from recorder.store.writer import Writer
from scripts import verify_ledger
from tests.store.conftest import Make

KEY = SigningKey(bytes(range(32)))
THIEF = SigningKey(bytes(32))
KEPT_EVERY = 16
INTERACTIONS = 24
NO_EVIDENCE = {
    "cleared": "which parts need not be scanned again by which detectors",
    "detectors": "which detectors these were",
    "in_flight": "what is under way, until its record is written",
    "reservations": "what budgets hold back while a call is under way",
    "buckets": "how full the buckets of rate limits are",
}
NO_EVIDENCE_COLUMNS = {
    ("_sqlite_migrations", "id"): "the names are what is verified",
    ("_sqlite_migrations", "applied_at"): "a program's note for itself",
    ("parts", "digest"): "keyed with a key that is not in the file; with another one the same content is stored again",
}

if sys.version_info < (3, 14):

    def _decompress(data: bytes, dictionary: bytes) -> bytes:
        """What Python 3.14 brings along."""
        raw = zstandard.ZstdCompressionDict(dictionary, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
        try:
            return zstandard.ZstdDecompressor(dict_data=raw).decompress(data)
        except (zstandard.ZstdError, MemoryError):
            return b""

    verify_ledger.decompress = _decompress

# The same few notes are verified thousands of times.
verify_ledger.signature_holds = functools.cache(verify_ledger.signature_holds)


def fill(path: Path, key: SigningKey = KEY, interactions: int = INTERACTIONS) -> None:
    """Write a record with a bit of everything; checkpoints stay every 16 records."""
    make = Make()
    with kept_every(KEPT_EVERY), open_writer(path) as db:
        store = Writer(db, key=key)
        store.write([make.event(RecordKind.START, run_id="run1", host="box", pid=1, version="0")])
        for number in range(interactions):
            add_interaction(store, make, number)
        store.write([make.event(RecordKind.STOP, run_id="run1")])


@contextlib.contextmanager
def kept_every(records: int) -> Iterator[None]:
    """Keep a checkpoint every so many records."""
    kept, tree_head.KEPT_EVERY = tree_head.KEPT_EVERY, records
    try:
        yield
    finally:
        tree_head.KEPT_EVERY = kept


def add_interaction(store: Writer, make: Make, number: int) -> None:
    name = f"call{number}"
    turns = [{"role": "user", "content": f"{turn} of {number // 4}"} for turn in range(1 + number % 4)]
    opened = make.opened(name, turns, session=f"s{number // 4}", headers=(("x-app", "cli"),))
    if number % 5 == 3:
        store.write([opened, make.closed(name, State.FAILED, error_message="no", error_type="overloaded_error")])
        return
    store.write([opened])
    answer = make.part("answer", {"role": "assistant", "content": [{"type": "text", "text": name}]}, "assistant")
    store.write([make.priced(name, "0.25", tools=(f"t{number}",) * (number % 2), answer=answer)])


def origin(path: Path) -> str:
    return claimed_checkpoint(head(path)).origin


def head(path: Path) -> str:
    """The newest checkpoint."""
    with open_reader(path) as db:
        note: str = db.execute("SELECT note FROM tree_head").fetchone()[0]
    return note


def ours(path: Path, keys: tuple[VerifierKey, ...], notes: tuple[str, ...] = ()) -> Report:
    with open_reader(path) as db:
        return verify(db, keys, [("kept elsewhere", note) for note in notes])


def independent(path: Path, keys: tuple[VerifierKey, ...], notes: tuple[str, ...] = ()) -> Verdict:
    parsed = [verify_ledger.parse_key(str(key)) for key in keys]
    found = verify_ledger.verify(path, parsed, [("kept elsewhere", note) for note in notes])
    return Verdict(found.verdict())


class Unguarded(sqlite3.Connection):
    """Takes the triggers away while it is open, and puts them back: without them the edit would be found by that."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, isolation_level=None)
        self.execute("PRAGMA synchronous = OFF")
        self.execute("PRAGMA foreign_keys = OFF")
        self._triggers = self.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in self._triggers:
            self.execute(f"DROP TRIGGER {name}")

    def close(self) -> None:
        for _, sql in self._triggers:
            self.execute(sql)
        super().close()


def unguarded(path: Path) -> sqlite3.Connection:
    """Open a database as somebody does who wants to change it: no triggers, no checks; to be closed."""
    return Unguarded(path)
