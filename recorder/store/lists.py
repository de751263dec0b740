"""The lists in many requests, walked once: consecutive requests share their lists but for the last elements.

A list is kept as its nodes from the first to the last. The list of a new node is found by going up until a list that is
kept, so that a request of a conversation that goes on costs what is new in it.
"""

from collections import Counter, OrderedDict, deque
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlite_utils import Database

from recorder.model import Slot

_MOST_NODES = 1_000_000
"""Of all lists that are kept; about 8 MB, because lists share the nodes that they have in common."""
_MOST_THREADS = 1000
CANDIDATES = 20
"""Among so many of the last requests of a session and agent is the one that a request goes on from."""

_NODE = "SELECT parent, part, lead FROM chains WHERE id = ?"
_BEFORE = """
SELECT seq, (SELECT position + 1 FROM chains WHERE id = messages_chain), system_chain, tools_chain, messages_chain
FROM interactions WHERE session_id = ? AND agent_id IS ? AND flow_class = ? AND seq > ? AND seq < ?
ORDER BY seq DESC LIMIT ?
"""


class Node(msgspec.Struct, frozen=True, gc=False):
    """An element of a list, and the beginning of the list up to it."""

    id: int
    part: int
    lead: bytes | None


type List = Sequence[Node]


class Lists:
    """Reads lists from one database."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._kept: OrderedDict[int, List] = OrderedDict()
        self._nodes = 0

    def get(self, head: int | None) -> List:
        """Return the list that ends with a node; an empty one for None."""
        if head is None:
            return ()
        if (found := self._kept.get(head)) is not None:
            self._kept.move_to_end(head)
            return found
        new: list[Node] = []
        above: int | None = head
        beginning: List = ()
        while above is not None:
            if (kept := self._kept.get(above)) is not None:
                beginning = kept
                break
            parent, part, lead = self._db.execute(_NODE, (above,)).fetchone()
            new.append(Node(above, part, None if lead is None else bytes(lead)))
            above = parent
        return self._keep(head, (*beginning, *reversed(new)))

    def _keep(self, head: int, nodes: List) -> List:
        self._kept[head] = nodes
        self._nodes += len(nodes)
        while self._nodes > _MOST_NODES and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self._nodes -= len(oldest)
        return nodes


class Thread(msgspec.Struct, frozen=True):
    """Whose requests go on from each other."""

    session_id: str | None
    agent_id: str | None
    flow_class: str


class News:
    """Finds what is new in requests, as `recorder.store.news` says it, for requests in the order of their numbers."""

    def __init__(self, db: Database, lists: Lists, *, every: bool = False) -> None:
        """`every`: no request of a thread is passed over, so that those before one need not be looked up."""
        self._db = db
        self._lists = lists
        self._every = every
        self._recent: OrderedDict[Thread, tuple[int, deque[tuple[Any, ...]]]] = OrderedDict()

    def positions(self, seq: int, thread: Thread, heads: dict[Slot, int | None]) -> dict[Slot, list[int]]:
        """Return the positions of the elements that the request before has not got, by slot."""
        before = dict(zip(Slot, (self._found(seq, thread, heads) or (None,) * (2 + len(Slot)))[2:], strict=True))
        return {
            slot: _new(self._lists.get(head), self._lists.get(before[slot])) if head != before[slot] else []
            for slot, head in heads.items()
        }

    def before(self, seq: int, thread: Thread, heads: dict[Slot, int | None]) -> int | None:
        """Return the number of the request before; None when it is the first of its kind."""
        found = self._found(seq, thread, heads)
        return None if found is None else int(found[0])

    def _found(self, seq: int, thread: Thread, heads: dict[Slot, int | None]) -> tuple[Any, ...] | None:
        """Find the request before: the latest of those that share the longest beginning of messages."""
        messages = self._lists.get(heads[Slot.MESSAGES])
        candidates = self._candidates(seq, thread)
        longest, found = 0, candidates[-1] if candidates else None
        for candidate in reversed(candidates):
            if (candidate[1] or 0) > longest:
                shared = shared_beginning(messages, self._lists.get(candidate[-1]))
                if shared > longest:
                    longest, found = shared, candidate
        if self._every and thread in self._recent:
            self._recent[thread][1].append((seq, len(messages) or None, *(heads[slot] for slot in Slot)))
        return found

    def _candidates(self, seq: int, thread: Thread) -> deque[tuple[Any, ...]]:
        if thread.session_id is None:
            return deque()
        is_known = thread in self._recent
        after, recent = self._recent.pop(thread) if is_known else (0, deque(maxlen=CANDIDATES))
        if not (is_known and self._every):
            parameters = (thread.session_id, thread.agent_id, thread.flow_class, after, seq, CANDIDATES)
            recent.extend(reversed(self._db.execute(_BEFORE, parameters).fetchall()))
        self._recent[thread] = (recent[-1][0] if recent else after, recent)
        if len(self._recent) > _MOST_THREADS:
            self._recent.popitem(last=False)
        return recent


def shared_beginning(a: List, b: List) -> int:
    """Return how many elements two lists share from the first on; where nodes are the same, all before them are."""
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[middle - 1].id == b[middle - 1].id:
            low = middle
        else:
            high = middle - 1
    return low


def _new(mine: List, before: List) -> list[int]:
    shared = shared_beginning(mine, before)
    old = Counter(node.part for node in before[shared:])
    new = []
    for position, node in enumerate(mine[shared:], shared):
        if old[node.part]:
            old[node.part] -= 1
        else:
            new.append(position)
    return new
