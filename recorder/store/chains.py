"""The lists in requests, stored as chains that share their beginnings.

Strategy. A conversation grows at its end: all but the last elements of a request's list are those of the request
before. A node stands for a whole list up to an element, its digest is the hash of that list, and so a list of N
elements of which N - 2 are known costs two rows. The nodes of recent requests are kept in memory, found by the key of
their list (`list_key`): the known beginning of a list is then found without a query, and a row may name it by its key
alone. What memory does not have is found with one query for a few hundred elements. Nodes are never changed or
removed, so what memory holds cannot be wrong; it takes in only what was committed. After an erasure it is emptied:
whoever sends a list with erased parts once more has it stored anew.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence

import msgspec
from sqlite_utils import Database

from recorder.store.parts import Stored, look_up
from recorder.store.rows import EMPTY_LIST, Link, MissingParts, list_key

_INSERT = "INSERT INTO chains (id, parent, part, lead, position, digest) VALUES (?, ?, ?, ?, ?, ?)"
_MOST_NODES = 20_000
"""About 8 MB; a conversation of a thousand turns has some two thousand."""


class Node(msgspec.Struct, frozen=True):
    """A list, by its last element; the root is the empty list."""

    id: int
    digest: bytes
    key: bytes
    length: int


ROOT = Node(0, bytes(32), EMPTY_LIST, 0)


class Extended(msgspec.Struct, frozen=True):
    """A request's list in the database."""

    head: Node
    new: tuple[tuple[Stored, Link], ...]
    """The elements whose nodes were not there before; always the last ones."""

    @property
    def length(self) -> int:
        """How many elements the list has."""
        return self.head.length

    @property
    def known(self) -> int:
        """How many elements were there before."""
        return self.length - len(self.new)


class NodeCache:
    """The nodes of recent requests, by the key of their list."""

    def __init__(self) -> None:
        self._nodes: OrderedDict[bytes, Node] = OrderedDict()

    def get(self, key: bytes) -> Node | None:
        """Return a node that is known to be in the database."""
        node = self._nodes.get(key)
        if node is not None:
            self._nodes.move_to_end(key)
        return node

    def update(self, nodes: Mapping[bytes, Node]) -> None:
        """Take in nodes that were committed."""
        self._nodes.update(nodes)
        while len(self._nodes) > _MOST_NODES:
            self._nodes.popitem(last=False)

    def clear(self) -> None:
        """Forget all, when the parts of some may have been erased: a list that is sent again is stored anew, then."""
        self._nodes.clear()


class Chains:
    """The chains as one transaction sees them; `publish` when it is committed."""

    def __init__(self, db: Database, cache: NodeCache) -> None:
        self._db = db
        self._cache = cache
        self._fresh: dict[bytes, Node] = {}

    def known_prefix(self, links: Sequence[Link], start: bytes = EMPTY_LIST) -> tuple[Node, int]:
        """Return the longest beginning of a list that memory knows: its node, and how many of the links it covers.

        `start`: the key of the list that the links go on from. Raises MissingParts when memory does not know that one.
        """
        node = ROOT if start == EMPTY_LIST else self._node(start)
        if node is None:
            raise MissingParts(frozenset({start}))
        for position, link in enumerate(links):
            found = self._node(list_key(node.key, link))
            if found is None:
                return node, position
            node = found
        return node, len(links)

    def extend(
        self,
        links: Sequence[Link],
        parts: Mapping[bytes, Stored],
        new_parts: set[bytes],
        known: tuple[Node, int],
    ) -> Extended:
        """Put a list into the database as far as it is not there.

        `known` is what `known_prefix` says of it. `parts` has every part that this does not cover, by digest;
        `new_parts` are the digests of those that no earlier transaction stored: no node can end with them yet.
        """
        node, position = known
        for found in self._find(node, links[position:], parts, new_parts):
            node = self._remember(found)
            position += 1
        new = tuple((parts[link.part.digest], link) for link in links[position:])
        return Extended(self._insert(node, new) if new else node, new)

    def publish(self) -> None:
        """Let later transactions know the nodes that this one found or made."""
        self._cache.update(self._fresh)

    def _node(self, key: bytes) -> Node | None:
        return self._fresh.get(key) or self._cache.get(key)

    def _find(
        self, node: Node, links: Sequence[Link], parts: Mapping[bytes, Stored], new_parts: set[bytes]
    ) -> list[Node]:
        wanted: list[Node] = []
        for link in links:
            if link.part.digest in new_parts:
                break
            node = _child(node, parts[link.part.digest], link)
            wanted.append(node)
        found = look_up(self._db, "SELECT digest, id FROM chains WHERE digest IN", [node.digest for node in wanted])
        ids: dict[bytes, int] = dict(found)
        # A node is there only if its parent is: what was found is a beginning.
        return [msgspec.structs.replace(node, id=ids[node.digest]) for node in wanted if node.digest in ids]

    def _insert(self, parent: Node, new: Sequence[tuple[Stored, Link]]) -> Node:
        """Add nodes below one another; return the last. Nobody else writes, so the first one's id tells the others."""
        first_id = 0
        rows: list[tuple[int | None, int | None, int, bytes | None, int, bytes]] = []
        for at, (part, link) in enumerate(new):
            node = _child(parent, part, link)
            row = (parent.id or None, part.id, link.lead, parent.length, node.digest)
            if at == 0:
                inserted = self._db.execute(_INSERT, (None, *row)).lastrowid
                assert inserted
                first_id = inserted
            else:
                rows.append((first_id + at, *row))
            parent = self._remember(msgspec.structs.replace(node, id=first_id + at))
        self._db.conn.executemany(_INSERT, rows)
        return parent

    def _remember(self, node: Node) -> Node:
        self._fresh[node.key] = node
        return node


def node_digest(parent: bytes, part_commitment: bytes, lead: bytes | None) -> bytes:
    """Return SHA-256(parent's digest ‖ part's commitment ‖ 0x00, or 0x01 ‖ lead); the root's is 32 zero bytes."""
    tail = b"\x00" if lead is None else b"\x01" + lead
    return hashlib.sha256(parent + part_commitment + tail).digest()


def _child(parent: Node, part: Stored, link: Link) -> Node:
    """Return the node of one more element; its id is still to be found."""
    digest = node_digest(parent.digest, part.commitment, link.lead)
    return Node(0, digest, list_key(parent.key, link), parent.length + 1)
