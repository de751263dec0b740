"""The bodies of many requests, put together of parts: consecutive requests share all but the last elements of lists.

A list is kept as the text that its elements come to, without marks. The next request of the conversation appends what
is new in its own to that text, so that it costs what is new and one copy, however many parts it has. Marks, which move
from turn to turn, are put between slices of the text.
"""

from array import array
from collections import OrderedDict
from collections.abc import Buffer, Callable, Iterator

from recorder.model import Slot
from recorder.store.content import NOT_THERE, Layout, read_layout
from recorder.store.lists import List, Lists, Node

_MOST_RUNS = 64
_MOST_BYTES = 32_000_000

type Content = Callable[[int], bytes | str]
"""Gives the content of a part, or as text why it is not there."""


class _Run:
    """A list as text."""

    def __init__(self) -> None:
        self.text = bytearray()
        self.starts = array("Q")
        """Where each element begins."""
        self.missing: dict[int, str] = {}
        """Position → why the content of that element is not there."""

    def append(self, node: Node, content: bytes | str) -> None:
        self.text += (b"," if self.starts else b"") if node.lead is None else node.lead
        if isinstance(content, str):
            self.missing[len(self.starts)] = content
        self.starts.append(len(self.text))
        self.text += NOT_THERE if isinstance(content, str) else content


class Joining:
    """Puts bodies together; keeps the lists that were used last."""

    def __init__(self, lists: Lists, content: Content) -> None:
        self._lists = lists
        self._content = content
        self._runs: OrderedDict[int | None, _Run] = OrderedDict()
        self._bytes = 0

    def body(self, envelope: bytes, layout: bytes | None, heads: dict[Slot, int | None], missing: list[str]) -> bytes:
        """Return a request's body; why elements of it are not there is added to `missing`."""
        cut = read_layout(layout)
        pieces: list[Buffer] = []
        position = 0
        for slot, offset in cut.slots:
            run = self._run(heads[slot])
            pieces.append(envelope[position:offset])
            pieces += _slices(run, _insertions(run, slot, cut))
            missing += run.missing.values()
            position = offset
        pieces.append(envelope[position:])
        return b"".join(pieces)

    def _run(self, head: int | None) -> _Run:
        nodes = self._lists.get(head)
        run, known = self._begun(nodes)
        for node in nodes[known:]:
            run.append(node, self._content(node.part))
        self._runs[head] = run
        self._bytes += len(run.text)
        while self._runs and (self._bytes > _MOST_BYTES or len(self._runs) > _MOST_RUNS) and len(self._runs) > 1:
            _, oldest = self._runs.popitem(last=False)
            self._bytes -= len(oldest.text)
        return run

    def _begun(self, nodes: List) -> tuple[_Run, int]:
        """Take the longest beginning of a list that is kept out of what is kept; return how many elements it has."""
        for known in range(len(nodes), 0, -1):
            if (run := self._runs.pop(nodes[known - 1].id, None)) is not None:
                self._bytes -= len(run.text)
                return run, known
        return _Run(), 0


def _insertions(run: _Run, slot: Slot, cut: Layout) -> list[tuple[int, bytes]]:
    """Say where in the text of a list which marks stand, in the order in which they do."""
    found = [
        (run.starts[position] + offset, data.encode("latin-1"))
        for marked, position, offset, data in cut.marks
        if marked is slot and position < len(run.starts) and position not in run.missing
    ]
    return sorted(found, key=lambda one: one[0])


def _slices(run: _Run, insertions: list[tuple[int, bytes]]) -> Iterator[Buffer]:
    position = 0
    for at, data in insertions:
        yield memoryview(run.text)[position:at]
        yield data
        position = at
    yield memoryview(run.text)[position:]
