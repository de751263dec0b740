"""The lists in requests, stored as chains that share their beginnings.

Strategy. A conversation grows at its end: all but the last elements of a request's list are those of the request
before. A node stands for a whole list up to an element, its digest is the hash of that list, and so a list of N
elements of which N - 2 are known costs two rows. The nodes of recent requests are kept in memory, found by their
parent and the digest of their part: the known beginning of a list is then found without a query. What memory does not
have is found with one query for a few hundred elements. Nodes are never changed or removed, so what memory holds cannot
be wrong; it takes in only what was committed.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence

import msgspec
from sqlite_utils import Database

from recorder.store.parts import Stored, look_up
from recorder.store.rows import Link

_MOST_NODES = 100_000
"""About 40 MB; a conversation of a thousand turns has some two thousand."""


class Node(msgspec.Struct, frozen=True):
    """A list, by its last element; the root is the empty list."""

    id: int
    digest: bytes


ROOT = Node(0, bytes(32))

type _Key = tuple[int, bytes, bytes | None]
"""Parent's id, digest of the part, lead."""


class Extended(msgspec.Struct, frozen=True):
    """A request's list in the database."""

    head: Node
    length: int
    new: tuple[tuple[Stored, Link], ...]
    """The elements whose nodes were not there before; always the last ones."""

    @property
    def known(self) -> int:
        """How many elements were there before."""
        return self.length - len(self.new)


class NodeCache:
    """The nodes of recent requests."""

    def __init__(self) -> None:
        self._nodes: OrderedDict[_Key, Node] = OrderedDict()

    def get(self, key: _Key) -> Node | None:
        """Return a node that is known to be in the database."""
        node = self._nodes.get(key)
        if node is not None:
            self._nodes.move_to_end(key)
        return node

    def update(self, nodes: Mapping[_Key, Node]) -> None:
        """Take in nodes that were committed."""
        self._nodes.update(nodes)
        while len(self._nodes) > _MOST_NODES:
            self._nodes.popitem(last=False)


class Chains:
    """The chains as one transaction sees them; `publish` when it is committed."""

    def __init__(self, db: Database, cache: NodeCache) -> None:
        self._db = db
        self._cache = cache
        self._fresh: dict[_Key, Node] = {}

    def known_prefix(self, links: Sequence[Link]) -> tuple[Node, int]:
        """Return the longest beginning of a list that memory knows: its node, and how many elements it has."""
        node = ROOT
        for position, link in enumerate(links):
            key = _key(node, link)
            found = self._fresh.get(key) or self._cache.get(key)
            if found is None:
                return node, position
            node = found
        return node, len(links)

    def extend(self, links: Sequence[Link], parts: Mapping[bytes, Stored], new_parts: set[bytes]) -> Extended:
        """Put a list into the database as far as it is not there.

        `parts` has every part that `known_prefix` does not cover, by digest; `new_parts` are the digests of those that
        no earlier transaction stored: no node can end with them yet.
        """
        node, position = self.known_prefix(links)
        rest = links[position:]
        for stored_node, link in self._find(node, rest, parts, new_parts):
            node = self._remember(node, link, stored_node)
            position += 1
        new = tuple((parts[link.part.digest], link) for link in links[position:])
        for offset, (part, link) in enumerate(new):
            node = self._remember(node, link, self._insert(node, part, link.lead, position + offset))
        return Extended(node, len(links), new)

    def publish(self) -> None:
        """Let later transactions know the nodes that this one found or made."""
        self._cache.update(self._fresh)

    def _find(
        self, node: Node, links: Sequence[Link], parts: Mapping[bytes, Stored], new_parts: set[bytes]
    ) -> list[tuple[Node, Link]]:
        digests: list[bytes] = []
        digest = node.digest
        for link in links:
            if link.part.digest in new_parts:
                break
            digest = node_digest(digest, parts[link.part.digest].commitment, link.lead)
            digests.append(digest)
        found = look_up(self._db, "SELECT digest, id FROM chains WHERE digest IN", digests)
        ids: dict[bytes, int] = dict(found)
        # A node is there only if its parent is: what was found is a beginning.
        return [
            (Node(ids[digest], digest), link) for digest, link in zip(digests, links, strict=False) if digest in ids
        ]

    def _insert(self, parent: Node, part: Stored, lead: bytes | None, position: int) -> Node:
        digest = node_digest(parent.digest, part.commitment, lead)
        cursor = self._db.execute(
            "INSERT INTO chains (parent, part, lead, position, digest) VALUES (?, ?, ?, ?, ?)",
            (parent.id or None, part.id, lead, position, digest),
        )
        assert cursor.lastrowid is not None
        return Node(cursor.lastrowid, digest)

    def _remember(self, parent: Node, link: Link, node: Node) -> Node:
        self._fresh[_key(parent, link)] = node
        return node


def node_digest(parent: bytes, part_commitment: bytes, lead: bytes | None) -> bytes:
    """Return SHA-256(parent's digest ‖ part's commitment ‖ 0x00, or 0x01 ‖ lead); the root's is 32 zero bytes."""
    tail = b"\x00" if lead is None else b"\x01" + lead
    return hashlib.sha256(parent + part_commitment + tail).digest()


def _key(parent: Node, link: Link) -> _Key:
    return parent.id, link.part.digest, link.lead
