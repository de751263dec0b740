"""One export, from its first interaction to its last.

Nothing is kept of what was written: interactions come one at a time, in the order of their numbers, and go out at once.
"""

import hashlib
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from recorder.errors import RecorderError
from recorder.export.asked import Asked
from recorder.export.formats import FORMATS, make
from recorder.export.partial import Partial, State
from recorder.store import queries
from recorder.store.database import Database

_SAVE_AFTER = 500
"""Interactions after which it is noted how far a file is; 100 ms or so of work."""

type Progress = Callable[[int, int], None]
"""Is told how many interactions are done, and of how many."""


class Export:
    """An export; its attributes say how far it came, whatever happened."""

    def __init__(self, db: Database, asked: Asked | None, progress: Progress) -> None:
        self._db = db
        self._asked = asked
        self._progress = progress
        self.count = 0
        self.total = 0
        self.last = 0
        """Number of the last interaction written."""
        self.incomplete = 0
        """Interactions of which some content was erased or is damaged."""
        self.sha256 = ""
        self.complete = False

    @property
    def asked(self) -> Asked:
        """What was asked for; of an export that is gone on with, what was asked for then."""
        assert self._asked is not None, "neither begun nor resumed"
        return self._asked

    def to_stream(self, stream: BinaryIO) -> None:
        """Write it to a stream."""
        digest = hashlib.sha256()

        def write(data: bytes) -> None:
            digest.update(data)
            stream.write(data)

        try:
            self._go(write, lambda: None, self.asked.after, self._end())
            stream.flush()
            self.complete = True
        finally:
            self.sha256 = digest.hexdigest()

    def to_file(self, path: Path, *, force: bool) -> None:
        """Write it to a new file."""
        partial = Partial(path)
        partial.begin(force=force)
        self._to_partial(partial, self.asked.after, self._end())

    def resume(self, path: Path) -> None:
        """Go on with one that was broken off. Raises RecorderError when there is none, or one of another record."""
        partial = Partial(path)
        state = partial.resume()
        if state.origin != self._origin():
            partial.close()
            raise RecorderError(
                f"{path}: was taken from another record; name that one with --db, or begin with --force"
            )
        self._asked, self.count = state.asked, state.count
        self._to_partial(partial, state.seq, state.to)

    def _to_partial(self, partial: Partial, after: int, to: int) -> None:
        origin = self._origin()

        def save() -> None:
            seq = self.last or after
            partial.save(State(asked=self.asked, origin=origin, to=to, seq=seq, count=self.count, size=partial.size))

        try:
            self._go(partial.write, save, after, to)
            partial.finish()
            self.complete = True
        finally:
            self.sha256 = partial.digest()
            partial.close()

    def _go(self, write: Callable[[bytes], None], save: Callable[[], None], after: int, to: int) -> None:
        form = FORMATS[self.asked.format]
        text = make(self.asked.format, content=self.asked.content)
        self.total = self.count + queries.extent(self._db, after=after, **self.asked.filters()).count
        if after == self.asked.after:
            write(text.begin())
            save()
        for whole in queries.wholes(self._db, after=after, to=to, **self.asked.filters()):
            write((form.between if self.count else b"") + text.add(whole))
            self.count += 1
            self.last = whole.seq
            self.incomplete += bool(whole.missing)
            if self.count % _SAVE_AFTER == 0:
                save()
                self._progress(self.count, self.total)
        self._progress(self.count, self.total)
        write(text.end())

    def _end(self) -> int:
        return queries.extent(self._db, after=self.asked.after, **self.asked.filters()).last

    def _origin(self) -> str:
        """Tell which record it is: the leaf hash of its first record, in hex."""
        return "".join(record.leaf_hash.hex() for record in islice(queries.records(self._db, limit=1), 1))
