"""Parts in the database: found by digest, stored once, each with a salted commitment that outlives its content."""

import hashlib
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import batched
from typing import Any

import msgspec
from sqlite_utils import Database

from recorder.store.blocks import BlockWriter
from recorder.store.rows import NewPart
from recorder.store.unicode import valid

SALT_BYTES = 32
_SALTS_AT_ONCE = 32
_MOST_PARAMETERS = 512

UNSHARED = frozenset({"answer", "timing"})
"""Kinds of which no two are the same, so that nobody looks for one: they have no digest."""

MARK = b"[REDACTED:"
"""How the placeholders begin that redaction leaves."""

_INSERT = """
INSERT INTO parts (id, digest, kind, role, bytes, content, salt, commitment, block) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""

type Salts = Callable[[int], bytes]
"""Gives as many random bytes as it is asked for."""


class Stored(msgspec.Struct, frozen=True):
    """A part that is in the database."""

    id: int
    commitment: bytes


class Packed(msgspec.Struct, frozen=True):
    """A part made ready to be stored; made before the transaction begins, because hashing takes time."""

    kind: str
    role: str | None
    digest: bytes | None
    size_bytes: int
    content: bytes
    salt: bytes
    commitment: bytes
    is_marked: bool
    """A secret may have been removed from it: it holds a placeholder, or something that begins like one."""

    def about(self) -> dict[str, str | int]:
        """Return what a record says about a part that is new with it."""
        role = {"role": self.role} if self.role is not None else {}
        return {"kind": self.kind, **role, "bytes": self.size_bytes, "commitment": self.commitment.hex()}


class Packer:
    """Salts and commits."""

    def __init__(self, salts: Salts = secrets.token_bytes) -> None:
        self._salts = salts
        self._in_stock = b""

    def pack(self, part: NewPart) -> Packed:
        """Make a part ready that is shared by all who send it."""
        digest = None if part.kind in UNSHARED else part.digest
        return self._pack(part.kind, part.role, digest, part.content)

    def pack_own(self, kind: str, content: bytes) -> Packed:
        """Make a part ready that nobody names by its digest."""
        return self._pack(kind, None, None, content)

    def _pack(self, kind: str, role: str | None, digest: bytes | None, content: bytes) -> Packed:
        salt = self._salt()
        return Packed(
            kind,
            role if role is None else valid(role),
            digest,
            len(content),
            content,
            salt,
            commitment(salt, content),
            MARK in content,
        )

    def _salt(self) -> bytes:
        """Return the next 32 bytes; the system is asked for those of many parts at once."""
        if not self._in_stock:
            self._in_stock = self._salts(_SALTS_AT_ONCE * SALT_BYTES)
        salt, self._in_stock = self._in_stock[:SALT_BYTES], self._in_stock[SALT_BYTES:]
        return salt


def commitment(salt: bytes, content: bytes) -> bytes:
    """Return SHA-256(salt ‖ content); the salt has a fixed size, so the two cannot be told apart in another way."""
    return hashlib.sha256(salt + content).digest()


def find_parts(db: Database, digests: Iterable[bytes]) -> dict[bytes, Stored]:
    """Return those of the parts that are stored, by digest."""
    found = look_up(db, "SELECT digest, id, commitment FROM parts WHERE digest IN", digests)
    return {digest: Stored(id_, commitment) for digest, id_, commitment in found}


def insert_parts(db: Database, parts: Sequence[Packed], blocks: BlockWriter) -> list[Stored]:
    """Store parts, at least one, in order; none of them must be stored yet. Inside of a transaction."""
    first = db.execute(_INSERT, (None, *_row(parts[0], blocks))).lastrowid
    assert first is not None
    blocks.added(first)
    rows = []
    for id_, part in enumerate(parts[1:], first + 1):  # nobody else writes, so the first one's id tells the others
        rows.append((id_, *_row(part, blocks)))
        blocks.added(id_)
    db.conn.executemany(_INSERT, rows)
    return [Stored(id_, part.commitment) for id_, part in enumerate(parts, first)]


def _row(part: Packed, blocks: BlockWriter) -> tuple[Any, ...]:
    block, piece = blocks.add(part.content)
    return part.digest, part.kind, part.role, part.size_bytes, piece, part.salt, part.commitment, block


def look_up(
    db: Database, select: str, values: Iterable[bytes | str | int], *before: bytes | str | None
) -> Iterator[tuple[Any, ...]]:
    """Run a `SELECT ... WHERE column IN` for any number of values, a few hundred at a time.

    `before`: the parameters that stand in `select` itself.
    """
    for some in batched(values, _MOST_PARAMETERS):
        places = _places(len(some))
        padding = (None,) * (places - len(some))
        yield from db.execute(f"{select} ({','.join('?' * places)})", (*before, *some, *padding))


def _places(count: int) -> int:
    """Round up to a power of two, so that a few texts of a statement serve any number; null is in no list."""
    return 1 << (count - 1).bit_length()
