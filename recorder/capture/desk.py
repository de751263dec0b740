"""What the writer process does with a batch of frames: make rows of them, write them in one transaction, answer.

A frame that cannot be turned into a row is answered with an error, and the others of its batch are written. A store
that fails is closed and opened anew for the next batch, so that it recovers by itself.
"""

import math
import os
import platform
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

import recorder
from recorder.capture.answer_side import AnswerSide
from recorder.capture.asked import Asked
from recorder.capture.crash import close_lost
from recorder.capture.detectors import detectors_version
from recorder.capture.frames import Frame
from recorder.capture.head_memory import HeadMemory
from recorder.capture.interlude import Interlude
from recorder.capture.key_ring import ensure_ring
from recorder.capture.lessons import Lessons
from recorder.capture.lost_side import LostSide
from recorder.capture.messages import Ack, Close, Hello, Message, Note, Open, Progress
from recorder.capture.partial_side import PartialSide
from recorder.capture.recall import Recall
from recorder.capture.redaction import make_redactor
from recorder.capture.request_side import RequestSide
from recorder.capture.run import now_us
from recorder.capture.settings_change import changed
from recorder.capture.shelf import Shelf, unshared_part
from recorder.capture.signing_keys import maybe_lineage
from recorder.capture.tripwire import TrippedError, inspected
from recorder.capture.warming import warming
from recorder.capture.wash import Wash, utc
from recorder.capture.withheld import FOUND, withheld_closed, withheld_opened
from recorder.errors import RecorderError
from recorder.ledger.kinds import RecordKind
from recorder.model import Credential
from recorder.redact import RedactionError, derive_key
from recorder.store.database import open_writer
from recorder.store.files import OpenFiles
from recorder.store.rows import Closed, Event, InFlight, MissingOpened, MissingParts, Opened, Row
from recorder.store.writer import Writer

type Limit = Callable[[int], AbstractContextManager[object]]
type _Job = tuple[Frame, Row]
type _Failures = dict[int, str]
"""Frame number → why it could not be recorded."""


def _without_limit(_size: int) -> AbstractContextManager[object]:
    return nullcontext()


class Desk:
    """The writer process's work, without its socket."""

    def __init__(self, hello: Hello, limit: Limit = _without_limit) -> None:
        """Open the database and write the start record. Raises ConfigError or StoreError.

        `limit(size)` bounds the time that is spent on a frame of that many bytes.
        """
        self._hello = hello
        self._limit = limit
        self._keys = ensure_ring(Path(hello.config_dir))
        # Without it recording goes on, unsigned: the start record, the next signature, `doctor` and `verify` tell.
        self._signing = maybe_lineage(Path(hello.config_dir))
        self._head = HeadMemory(Path(hello.state_dir), Path(hello.db)) if hello.state_dir else None
        self._learned: list[Credential] = []
        self._opened: dict[int, Opened] = {}
        """The requests of a batch, by the number of their frame."""
        self._asked = Asked()
        self._files = OpenFiles(Path(hello.db))
        self._store: Writer | None = self._open()
        if not hello.resumed:
            found = self._discrepancy(self._store)
            side = LostSide(hello.model_names, partial(unshared_part, self._keys.parts))
            close_lost(self._store, Path(hello.db), hello.run_id, side)
            start = self._start_record()
            self._store.write([*found, *changed(self._store.last_start(), start), start])
            self._remember()

    def sit_down(
        self,
        arrived: Callable[[str, int], list[Frame]] = lambda _id, _most: [],
        answer: Callable[[list[Ack]], None] = lambda _acks: None,
    ) -> Iterator[None]:
        """Load the detectors, which takes seconds the first time: after the greeting, before the first `take`.

        `arrived` gives small frames that may go before a large one (`Interlude`); `answer` sends what became of them.
        Returns steps of some milliseconds that make the first texts quicker, for when there is nothing else to do.
        """
        hello, keys = self._hello, self._keys
        self._answer = answer
        self._interlude = Interlude(arrived, self._take_aside)
        self._redactor = make_redactor(
            keys.current.fingerprints,
            hello.known,
            hello.redact,
            former_keys=keys.former_fingerprints,
            cache_dir=Path(hello.cache_dir),
            pause=self._interlude.pause,
        )
        # From the key that stays: what was found clean under an old key is clean under a new one.
        detectors = detectors_version(derive_key(keys.parts, "detectors"), msgspec.json.encode(hello.redact))
        recall, pause = Recall(keys.current.bodies), self._interlude.pause
        self._shelf = Shelf(keys.parts, self._redactor, recall, detectors, self._find_cleared, pause=pause)
        wash = Wash(self._redactor, keys.current.bodies)
        self._requests = RequestSide(hello, self._redactor, self._shelf, wash, pause)
        self._answers = AnswerSide(hello, self._redactor, self._shelf, wash)
        self._partials = PartialSide(self._redactor)
        self._lessons = Lessons(self._redactor)
        return warming(self._redactor)

    def take(self, frames: list[Frame]) -> list[Ack]:
        """Make the batch durable; return one acknowledgement for each frame, in order."""
        self._learned = []
        jobs, failed = self._jobs(frames)
        failed |= self._write(jobs)
        learned = tuple(self._learned)
        return [
            self._ack(frame, failed.get(frame.number), () if index else learned) for index, frame in enumerate(frames)
        ]

    def _take_aside(self, frames: list[Frame]) -> None:
        learned = self._learned
        with self._shelf.aside():
            self._answer(self.take(frames))
        self._learned = learned

    def _ack(self, frame: Frame, error: str | None, learned: tuple[Credential, ...]) -> Ack:
        row = self._opened.pop(frame.number, None)
        if error is not None and isinstance(frame.message, Open | Progress):
            self._partials.end(frame.message.id)  # it is told from its beginning again, or not at all
        return Ack(
            number=frame.number,
            error=error,
            learned=learned,
            outbound=row.outbound if row else (),
            unchecked=row is not None and FOUND[0] in row.findings,
        )

    def _jobs(self, frames: list[Frame]) -> tuple[list[_Job], _Failures]:
        jobs: list[_Job] = []
        failed: _Failures = {}
        for frame in frames:
            try:
                with self._limit(len(frame.body)), self._interlude.during(frame, alone=len(frames) == 1):
                    row = self._row(frame.message, frame.body)
                if row is None:
                    continue
                jobs.append((frame, row))
                if isinstance(row, Opened):
                    self._opened[frame.number] = row
                    self._asked.note(row)
            except Exception as error:  # noqa: BLE001 -- one bad frame must not take the others with it
                failed[frame.number] = _blame(error)
        return jobs, failed

    def _row(self, message: Message, body: bytes) -> Row | None:
        if isinstance(message, Close):
            self._partials.end(message.id)
        match message:
            case Open() | Close() if message.withhold:
                return self._withheld(message, message.withhold)
            case Open() | Close():
                try:
                    return self._whole(message, body)
                except (RedactionError, TrippedError) as error:
                    self._shelf.drop()  # it remembers as stored what will not be
                    return self._withheld(message, str(error))
                except Exception as error:  # noqa: BLE001 -- whatever it was, there is metadata to record
                    self._shelf.drop()
                    return self._withheld(message, _blame(error))
            case Progress():
                return self._under_way(message, body)
            case Note():
                return Event(kind=RecordKind(message.kind), at_utc=utc(message.at_us), body=dict(message.body))
            case Hello():
                raise ValueError("greeted twice")

    def _under_way(self, message: Progress, body: bytes) -> InFlight | None:
        """Return what can be kept of an answer already; of one that gives trouble nothing more, before its end."""
        if message.offset == 0 and not self._is_open(message.id):
            return None  # nothing would ever end it
        try:
            row = self._partials.row(message, body, now_us())
        except Exception:  # noqa: BLE001 -- its end will say what was the matter with it
            row = None
            self._partials.give_up(message.id)
        if row is not None and self._redactor.left_in(row.content):
            row = None
            self._partials.give_up(message.id)
        return row

    def _is_open(self, id_: str) -> bool:
        if self._store is None or any(row.id == id_ for row in self._opened.values()):
            return True
        try:
            return self._store.is_open(id_)
        except RecorderError:  # the write will tell what is wrong
            return True

    def _whole(self, message: Open | Close, body: bytes) -> Opened | Closed:
        for credential in self._lessons.teach(message):
            self._shelf.learned()
            self._learned.append(credential)
        known = self._shelf.generation
        row = self._inspected(self._made(message, body))
        self._interlude.pause()
        if known != self._shelf.generation:  # what went first brought up a secret: it may stand in this one
            self._shelf.drop(())
            self._interlude.end()
            row = self._inspected(self._made(message, body))
        return row

    def _made(self, message: Open | Close, body: bytes) -> Opened | Closed:
        if isinstance(message, Open):
            return self._requests.opened(message, body)
        return self._answers.closed(message, body, self._asked_model(message.id))

    def _inspected[R: Opened | Closed](self, row: R) -> R:
        inspected_row = inspected(row, self._redactor)
        if inspected_row is not row:
            self._shelf.drop()  # it remembers as stored what will not be
        return inspected_row

    def _withheld(self, message: Open | Close, reason: str) -> Opened | Closed:
        if isinstance(message, Open):
            return withheld_opened(self._hello, message, reason)
        return withheld_closed(message, reason)

    def _asked_model(self, interaction: str) -> str | None:
        return self._asked.model(interaction) or (self._store.asked_model(interaction) if self._store else None)

    def _find_cleared(self, digests: list[bytes], detectors: str) -> frozenset[bytes]:
        try:
            return self._store.find_cleared(digests, detectors) if self._store else frozenset()
        except RecorderError:  # then they are scanned once more; the write will tell what is wrong
            return frozenset()

    def _write(self, jobs: list[_Job]) -> _Failures:
        """Write the rows in one transaction; return what could not be written, with the reason."""
        if not jobs:
            return {}
        try:
            failed = self._write_all(jobs)
        except RecorderError as error:  # the store as a whole: locked, full, gone
            self.close()
            return {frame.number: str(error) for frame, _ in jobs}
        except Exception as error:  # noqa: BLE001 -- one row that does not fit: find it, write the others
            self.close()
            if len(jobs) == 1:
                return {jobs[0][0].number: _blame(error)}
            return {number: why for job in jobs for number, why in self._write([job]).items()}
        self._shelf.confirm()
        self._redactor.links.clear()
        self._remember()
        return failed

    def _write_all(self, jobs: list[_Job]) -> _Failures:
        store = self._store_that_is_there()
        try:
            store.write([*(row for _, row in jobs), *self._links(store)])
            if self._files.changed():
                # It may have been written into a file that nobody will ever find again: once more, into the one there.
                self.close()
                store = self._store_that_is_there()
                store.write([*(row for _, row in jobs), *self._links(store)])
        except MissingParts as missing:
            # Erased, or another database in the place of the old one: once more with these parts whole.
            self._shelf.drop(missing.digests)
            jobs, failed = self._jobs([frame for frame, _ in jobs])
            return failed | self._write_all(jobs)
        except MissingOpened as missing:
            orphans = [job for job in jobs if isinstance(job[1], Closed) and job[1].id in missing.ids]
            rest = [job for job in jobs if job not in orphans]
            failed = {frame.number: "its request is not on the record" for frame, _ in orphans}
            return failed | (self._write_all(rest) if rest else {})
        return {}

    def _links(self, store: Writer) -> list[Event]:
        """Note which secrets of the batch had another fingerprint before the key was rotated."""
        links = store.links_to_note(self._redactor.links) if self._redactor.links else []
        if not links:
            return []
        said = [{"fingerprint": fingerprint, "former": former} for fingerprint, former in links]
        return [Event(kind=RecordKind.KEY, at_utc=utc(now_us()), body={"event": "recognised", "links": said})]

    def _open(self) -> Writer:
        folder = Path(self._hello.config_dir)
        db = open_writer(Path(self._hello.db))
        self._files = OpenFiles(Path(self._hello.db))
        return Writer(db, key=self._signing, reload=lambda: maybe_lineage(folder))

    def _store_that_is_there(self) -> Writer:
        """Return the store, opened anew when its file is not the one that has this name any more."""
        if self._store and self._files.changed():
            self.close()
        if self._store is None:
            self._store = self._open()
            # It may be another one: then it has to be told whose records follow, and that those before are not there.
            self._store.write([*self._discrepancy(self._store), self._start_record()])
        return self._store

    def close(self) -> None:
        """Close the database, which puts its log into its file; the next `take` opens it anew."""
        self._shelf.drop()
        store, self._store = self._store, None
        if store:
            store.close()

    def _discrepancy(self, store: Writer) -> list[Event]:
        note = self._head.read() if self._head else None
        body = store.contradicts(note) if note else None
        at_utc = utc(self._hello.started_us)
        return [Event(kind=RecordKind.DISCREPANCY, at_utc=at_utc, body=dict(body))] if body else []

    def _remember(self) -> None:
        if self._head and self._store and (note := self._store.checkpoint):
            self._head.write(note)

    def _start_record(self) -> Event:
        hello = self._hello
        body: dict[str, Any] = {
            "run_id": hello.run_id,
            "host": platform.node(),
            "pid": os.getppid(),
            "version": recorder.__version__,
            "on_failure": hello.on_failure,
            "project": hello.project,
            "user": hello.user,
            "redacted_by": self._keys.current.id,
            "team": hello.team,
            "heartbeat_s": math.ceil(hello.heartbeat_seconds),
            "config": hello.config,
            "settings": hello.settings,
            "signed_by": self._signing.key.public.hex() if self._signing else None,
        }
        return Event(kind=RecordKind.START, at_utc=utc(hello.started_us), body=body)


def _blame(error: Exception) -> str:
    # The type alone: a message could quote what it failed on.
    return f"{type(error).__name__} while its record was made; please report this"
