"""A whole stream of server-sent events for an assembler, each event with the time at which it was whole.

Runs of pieces of text are taken at once (`recorder.wire.runs`), all else goes through the decoder of lines. That one
takes any cut, and is given the bytes as they came, so that the two read the same.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate

from recorder.wire.anomaly import Anomaly
from recorder.wire.bedrock import Assembler
from recorder.wire.journal import Delta, Journal
from recorder.wire.messages import MessageAssembler
from recorder.wire.runs import find_run
from recorder.wire.sse import SseDecoder, SseEvent


def read_sse(data: bytes, arrivals: Sequence[tuple[int, bytes]], assembler: Assembler, journal: Journal) -> None:
    """Hand the events of a stream to their assembler. `arrivals`: the pieces of `data`, each with its time in µs."""
    reader = _Reader(data, arrivals, assembler, journal)
    at = 0
    while at < len(data):
        at = reader.step(at)
    reader.finish()


class _Reader:
    def __init__(
        self, data: bytes, arrivals: Sequence[tuple[int, bytes]], assembler: Assembler, journal: Journal
    ) -> None:
        self._data = data
        self._times = [at_us for at_us, _ in arrivals]
        self._ends = list(accumulate(len(piece) for _, piece in arrivals))
        self._assembler = assembler
        self._messages = assembler if isinstance(assembler, MessageAssembler) else None
        self._journal = journal
        self._decoder = SseDecoder()

    def step(self, at: int) -> int:
        """Read a run, or what stands before the next; return where it ends."""
        if self._messages is None:
            return self._read(at, len(self._data))
        end = at
        if self._decoder.is_between:
            end, run = find_run(self._data, at)
            if run and self._messages.take_texts(run, [self._times_of(texts.ends) for texts in run]):
                return end
        if end == at:
            end = self._data.find(b"\n\n", at) + 2
        return self._read(at, end if end > 1 else len(self._data))

    def _read(self, at: int, end: int) -> int:
        """Read bytes that may hold anything."""
        for at_us, start, stop in self._pieces(at, end):
            for item in self._decoder.feed(self._data[start:stop]):
                self._take(item, at_us)
        return end

    def finish(self) -> None:
        """Take what the end of the stream leaves."""
        for item in self._decoder.finish():
            self._take(item, self._times[-1] if self._times else 0)

    def _take(self, item: SseEvent | Anomaly, at_us: int) -> None:
        if isinstance(item, Anomaly):
            self._journal.add(item)
            return
        for comment in item.comments:
            self._journal.deltas.append(Delta(at_us, "comment", None, len(comment)))
        self._assembler.event(item.event, item.data, at_us)

    def _times_of(self, ends: list[int]) -> list[int]:
        """Return when the bytes before these offsets came."""
        first = bisect_left(self._ends, ends[0])
        if ends[-1] <= self._ends[first]:
            return [self._times[first]] * len(ends)
        return [self._times[bisect_left(self._ends, end)] for end in ends]

    def _pieces(self, at: int, end: int) -> Iterator[tuple[int, int, int]]:
        """Yield when each piece of a stretch came, and where it begins and ends."""
        number = bisect_left(self._ends, at + 1)
        while at < end:
            stop = min(self._ends[number], end)
            if at < stop:
                yield self._times[number], at, stop
            at, number = stop, number + 1
