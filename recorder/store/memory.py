"""What a writer takes along from one transaction to the next."""

from collections import OrderedDict
from collections.abc import Mapping

from recorder.store.blocks import BlockWriter
from recorder.store.chains import NodeCache
from recorder.store.parts import Stored
from recorder.store.record_bodies import BodyWriter

_MOST_OWN = 256

type Own = tuple[str, bytes]
"""Kind and content of a part that has no digest: headers, layouts, messages of errors."""


class Memory:
    """`failed` after a transaction that was not committed."""

    def __init__(self) -> None:
        self.nodes = NodeCache()
        self.blocks = BlockWriter()
        self.bodies = BodyWriter()
        self._own: OrderedDict[Own, Stored] = OrderedDict()
        self._last_erasure = 0

    def erased(self, last: int) -> None:
        """Let go of what refers to parts that may be gone, when the last erasure is another one than before."""
        if last != self._last_erasure:
            self._last_erasure = last
            self.nodes.clear()
            self.blocks.end()
            self._own.clear()

    def failed(self) -> None:
        """Let go of what would go on from rows that are not there."""
        self.blocks.end()
        self.bodies.forget()

    def recall(self, own: Own) -> Stored | None:
        """Return a part that was stored lately and committed."""
        return self._own.get(own)

    def remember(self, stored: Mapping[Own, Stored]) -> None:
        """Take in parts that were committed; the ones used longest ago are let go."""
        for own, part in stored.items():
            self._own[own] = part
            self._own.move_to_end(own)
        while len(self._own) > _MOST_OWN:
            self._own.popitem(last=False)
