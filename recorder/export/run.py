"""One export, from its first interaction to its last.

Nothing is kept of what was written: interactions come one at a time, in the order of their numbers, and go out at once.
"""

import hashlib
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from recorder.errors import RecorderError
from recorder.export.asked import Asked
from recorder.export.bundle import Bundling
from recorder.export.formats import FORMATS, make
from recorder.export.partial import Partial, State
from recorder.export.push import Push
from recorder.store import queries
from recorder.store.database import Database
from recorder.store.results import Whole

if TYPE_CHECKING:
    from recorder.export.columns import Folder

_SAVE_AFTER = 500
"""Interactions after which it is noted how far a file is; 100 ms or so of work."""

type Progress = Callable[[int, int], None]
"""Is told how many interactions are done, and of how many."""
type Write = Callable[[bytes], None]


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
            if FORMATS[self.asked.format].is_session:
                self._write_session(write)
            else:
                self._write_text(write, lambda: None, self.asked.after, self._end())
            stream.flush()
            self.complete = True
        finally:
            self.sha256 = digest.hexdigest()

    def to_endpoint(self, push: Push) -> None:
        """Send it as spans. Raises RecorderError when the endpoint does not take it."""
        digest, text = hashlib.sha256(), make(self.asked.format, content=self.asked.content)

        def add(whole: Whole) -> bool:
            line = text.add(whole)
            digest.update(line)
            return push.add(line)

        taken = self.asked.after

        def send() -> None:
            nonlocal taken
            push.flush()
            taken = self.last

        try:
            self._go(add, send, self.asked.after, self._end())
            send()
            self.complete = True
        except RecorderError as error:
            raise RecorderError(f"{error}; {push.taken} interactions were taken: go on with --after {taken}") from None
        finally:
            self.count = push.taken
            self.sha256 = digest.hexdigest()

    def to_path(self, path: Path, *, force: bool) -> None:
        """Write it to a new file, or a folder of files for a format that is one."""
        if FORMATS[self.asked.format].is_folder:
            folder = _folder(path)
            folder.begin(force=force)
            self._to_folder(folder, self.asked.after, self._end())
        else:
            partial = Partial(path)
            partial.begin(force=force)
            if FORMATS[self.asked.format].is_session:
                self._bundle_to_partial(partial)
            else:
                self._to_partial(partial, self.asked.after, self._end())

    def resume(self, path: Path) -> None:
        """Go on with one that was broken off. Raises RecorderError when there is none, or one of another record."""
        target = _folder(path) if path.is_dir() else Partial(path)
        state = target.resume()
        if state.origin != self._origin():
            if isinstance(target, Partial):
                target.close()
            raise RecorderError(
                f"{path}: was taken from another record; name that one with --db, or begin with --force"
            )
        self._asked, self.count = state.asked, state.count
        if isinstance(target, Partial):
            self._to_partial(target, state.seq, state.to)
        else:
            self._to_folder(target, state.seq, state.to)

    def _to_partial(self, partial: Partial, after: int, to: int) -> None:
        origin = self._origin()
        try:
            self._write_text(
                partial.write, lambda: partial.save(self._state(origin, after, to, partial.size)), after, to
            )
            partial.finish()
            self.complete = True
        finally:
            self.sha256 = partial.digest()
            partial.close()

    def _bundle_to_partial(self, partial: Partial) -> None:
        try:
            self._write_session(partial.write)
            partial.finish()
            self.complete = True
        finally:
            self.sha256 = partial.digest()
            partial.close()

    def _write_session(self, write: Write) -> None:
        bundling = Bundling(self._db, self.asked.session or "", write)
        try:
            bundling.run(self._progress)
        finally:
            self.count = self.total = bundling.interactions
            self.incomplete = bundling.erased

    def _to_folder(self, folder: "Folder", after: int, to: int) -> None:
        origin = self._origin()

        def save() -> None:
            folder.write()
            folder.save(self._state(origin, after, to, 0))

        try:
            save()
            self._go(folder.add, save, after, to)
            folder.write()
            folder.finish()
            self.complete = True
        finally:
            self.sha256 = folder.digest()

    def _write_text(self, write: Write, save: Callable[[], None], after: int, to: int) -> None:
        between = FORMATS[self.asked.format].between
        text = make(self.asked.format, content=self.asked.content)

        def add(whole: Whole) -> bool:
            write((between if self.count else b"") + text.add(whole))
            return (self.count + 1) % _SAVE_AFTER == 0

        if after == self.asked.after:
            write(text.begin())
            save()
        self._go(add, save, after, to)
        write(text.end())

    def _go(self, add: Callable[[Whole], bool], save: Callable[[], None], after: int, to: int) -> None:
        self.total = self.count + queries.extent(self._db, after=after, **self.asked.filters()).count
        for whole in queries.wholes(self._db, after=after, to=to, **self.asked.filters()):
            is_time = add(whole)
            self.count += 1
            self.last = whole.seq
            self.incomplete += bool(whole.missing)
            if is_time:
                save()
                self._progress(self.count, self.total)
        self._progress(self.count, self.total)

    def _state(self, origin: str, after: int, to: int, size: int) -> State:
        seq = self.last or after
        return State(asked=self.asked, origin=origin, to=to, seq=seq, count=self.count, size=size)

    def _end(self) -> int:
        return queries.extent(self._db, after=self.asked.after, **self.asked.filters()).last

    def _origin(self) -> str:
        """Tell which record it is: the leaf hash of its first record, in hex."""
        return "".join(record.leaf_hash.hex() for record in islice(queries.records(self._db, limit=1), 1))


def _folder(path: Path) -> "Folder":
    from recorder.export.columns import Folder  # noqa: PLC0415 -- pyarrow is an extra

    return Folder(path)
