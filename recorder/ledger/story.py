"""What the records say, put together: runs that start and end, calls that open and close, gaps, and their clock."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from recorder.ledger.checkpoint import open_checkpoint
from recorder.ledger.kinds import RecordKind
from recorder.ledger.note import VerifierKey
from recorder.ledger.seen import Seen
from recorder.ledger.silence import Lives
from recorder.ledger.succession import open_succession
from recorder.ledger.verdict import Findings, Verdict

_SLACK = timedelta(hours=1)
"""A record is written when its call ends up on disk, and may be of a moment before that of its neighbour; by this much
only when a clock was set back."""

_DISCREPANCIES = {
    "unsigned": Verdict.UNSIGNED,
    "cut": Verdict.TRUNCATED,
    "replaced": Verdict.TRUNCATED,
    "forked": Verdict.FORKED,
    "damaged": Verdict.MODIFIED,
}


class Announced(msgspec.Struct, frozen=True, gc=False):
    """A part that a record brought: its size in bytes, and its commitment in hex."""

    kind: str
    bytes: int
    commitment: str
    role: str | None = None


class _Half(msgspec.Struct, frozen=True, gc=False):
    id: str
    run_id: str | None = None
    parts: tuple[Announced, ...] = ()


class _Event(msgspec.Struct, frozen=True):
    run_id: str | None = None
    reason: str | None = None
    checkpoint: str = ""
    by: str | None = None
    parts: int = 0
    bytes: int = 0
    root: str | None = None
    heartbeat_s: int | None = None
    successions: tuple[str, ...] = ()
    others: dict[str, int] = {}
    """Of a gap: the calls that it names beside the first."""


_KINDS = {kind.encode(): kind for kind in RecordKind}
"""Quicker than to ask the enumeration."""

_half = msgspec.json.Decoder(_Half).decode
_event = msgspec.json.Decoder(_Event).decode


def announced(body: bytes) -> Sequence[Announced]:
    """Return the parts that came with an opened or closed record; none when it does not have the form of one."""
    try:
        return _half(body).parts
    except ValueError:
        return ()


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """What a record says of content that was erased."""

    seq: int
    kind: str
    at_utc: str
    by: str | None
    reason: str | None
    parts: int
    bytes: int
    root: str | None
    """Of the tree of the parts' commitments in ascending order (hex)."""


class Story:
    """Takes the records in their order."""

    def __init__(
        self, keys: Sequence[VerifierKey], found: Findings, brought: Callable[[int, Sequence[Announced]], None]
    ) -> None:
        """`brought` is told the number of each record that brought parts, and these."""
        self.erasures: dict[int, Erased] = {}
        """The records by which content was erased, by number."""
        self.clock_set_back: list[int] = []
        """Numbers of records whose time is far before that of one before them."""
        self.lives = Lives()
        self._keys = keys
        self._found = found
        self._brought = brought
        self._open: dict[str, str | None] = {}
        self._closed = Seen()
        self._running: set[str | None] = set()
        self._latest = ""

    def record(self, seq: int, kind: bytes, at_utc: bytes, body: bytes) -> None:
        """Take the next record."""
        try:
            time = at_utc.decode()
            self._tell(seq, _KINDS[kind], time, body)
            if time >= self._latest:
                self._latest = time
            else:
                self._look_at_clock(seq, time)
        except (KeyError, ValueError):
            self._found.add(Verdict.MODIFIED, f"record {seq} does not have the form of a record")

    def resume(self, open_then: Mapping[str, str | None], at_utc: str) -> None:
        """Go on after halves that were not taken: these interactions were open (id → run) at that time."""
        self._open.update(open_then)
        self._latest = at_utc
        self.lives.resume(at_utc)

    def finish(self) -> None:
        """Say which calls were never closed although their recorder ended."""
        for id_, run_id in self._open.items():
            if run_id not in self._running:
                self._found.add(Verdict.GAP, f"interaction {id_} was opened and never closed")

    def _tell(self, seq: int, kind: RecordKind, at_utc: str, body: bytes) -> None:
        if kind is RecordKind.OPENED or kind is RecordKind.CLOSED:
            half = _half(body)
            if half.parts:
                self._brought(seq, half.parts)
            if kind is RecordKind.OPENED:
                self._opened(seq, half)
                self.lives.sign(half.run_id, at_utc)
            else:
                self.lives.sign(self._open.get(half.id), at_utc)
                self._close(seq, half)
        else:
            self._happen(seq, kind, at_utc, _event(body))

    def _opened(self, seq: int, half: _Half) -> None:
        if half.id in self._open or half.id in self._closed:
            self._found.add(Verdict.MODIFIED, f"record {seq} opens interaction {half.id} a second time")
        self._open[half.id] = half.run_id

    def _close(self, seq: int, half: _Half) -> None:
        if half.id not in self._open:
            self._found.add(Verdict.MODIFIED, f"record {seq} closes interaction {half.id}, which is not open")
        else:
            del self._open[half.id]
        self._closed.add(half.id)

    def _happen(self, seq: int, kind: RecordKind, at_utc: str, event: _Event) -> None:
        if kind is RecordKind.START:
            self._running.add(event.run_id)
            self.lives.begin(event.run_id or "", at_utc, event.heartbeat_s)
        elif kind in {RecordKind.STOP, RecordKind.CRASH}:
            self._running.discard(event.run_id)
            self.lives.end(event.run_id, at_utc)
        else:
            self.lives.sign(event.run_id, at_utc)
            self._admit(seq, kind, at_utc, event)

    def _admit(self, seq: int, kind: RecordKind, at_utc: str, event: _Event) -> None:
        if kind is RecordKind.KEY:
            for note in event.successions:
                open_succession(note)
        elif kind is RecordKind.GAP:
            what = f"{len(event.others) + 1} calls were" if event.others else "something was"
            self._found.add(Verdict.GAP, f"record {seq} says that {what} not recorded: {event.reason}")
        elif kind in {RecordKind.ERASURE, RecordKind.RETENTION} and event.parts:
            self._found.add(Verdict.ERASED, f"record {seq} says that {_erased(at_utc, event)}")
            self.erasures[seq] = Erased(
                seq=seq,
                kind=kind,
                at_utc=at_utc,
                by=event.by,
                reason=event.reason,
                parts=event.parts,
                bytes=event.bytes,
                root=event.root,
            )
        elif kind is RecordKind.DISCREPANCY and not self._is_known_key(event):
            verdict = _DISCREPANCIES.get(event.reason or "", Verdict.WRONG_KEY)
            text = f"record {seq} says that the record was not found as it was left: {event.reason}"
            self._found.add(verdict, text)

    def _is_known_key(self, event: _Event) -> bool:
        if event.reason != "other key":
            return False
        try:
            open_checkpoint(event.checkpoint, self._keys)
        except ValueError:
            return False
        return True

    def _look_at_clock(self, seq: int, at_utc: str) -> None:
        if datetime.fromisoformat(self._latest) - datetime.fromisoformat(at_utc) > _SLACK:
            self.clock_set_back.append(seq)


def _erased(at_utc: str, event: _Event) -> str:
    why = event.reason or "it was older than it is to be kept"
    return f"{event.parts} parts ({event.bytes} bytes) were erased on {at_utc} by {event.by}: {why}"
