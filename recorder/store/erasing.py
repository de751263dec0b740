"""Takes content out of the database: of what somebody chose, as far as nothing that stays needs it.

Strategy. A record commits to content by a salted hash, so content and salt can go while the record and its proof stand.
A part is shared by all requests that repeat it: it goes when every interaction that refers to it was chosen. What an
open interaction or one under a hold refers to stays. An interaction that was to be erased before needs nothing any
more, so what it shared goes with the last one that needs it.

The record of an erasure names the parts by the root of the RFC 6962 tree over their commitments in ascending order;
`parts.erased_by` names the record, so that nobody can take more content away and say that it was this erasure.
"""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from itertools import batched
from typing import Any

import msgspec
from sqlite_utils import Database

from recorder.ledger.leaf import leaf_hash
from recorder.ledger.merkle import Frontier
from recorder.store.blocks import release
from recorder.store.choice import Chosen
from recorder.store.references import interactions_with, parts_of, parts_of_others

_SOME = 500
_ERASE = "UPDATE parts SET content = NULL, salt = NULL, digest = NULL, block = NULL, erased_by = ? WHERE id IN"
_DERIVED = (
    "DELETE FROM findings WHERE part IN",
    "DELETE FROM cleared WHERE part IN",
)
_UNUSED_SECRETS = "DELETE FROM secrets WHERE id NOT IN (SELECT secret FROM findings)"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What an erasure takes, and what it leaves although it was chosen."""

    interactions: int = 0
    """How many lose content."""
    going: tuple[int, ...] = ()
    """Numbers of the interactions that are to have no content any more, or to lose some of it; in ascending order."""
    parts: tuple[int, ...] = ()
    bytes: int = 0
    """Of content, before compression."""
    shared_parts: int = 0
    """How many stay, because interactions that were not chosen refer to them."""
    shared_bytes: int = 0
    open: int = 0
    """How many interactions were chosen and are left, because they have not ended."""
    held: int = 0
    """How many interactions were chosen and are left, because they are under a hold."""
    holds: tuple[str, ...] = ()
    """Ids of those holds."""


def plan(db: Database, chosen: Chosen, holds: Iterable[tuple[str, Chosen]]) -> Plan:
    """Say what goes. `holds`: id of each hold that is in force, and what it holds."""
    kept = {id_: chosen.interactions & hold.interactions for id_, hold in holds}
    held = frozenset[int]().union(*kept.values())
    going = chosen.interactions - held
    still_open = {seq for (seq,) in db.execute("SELECT seq FROM interactions WHERE closed_seq IS NULL")} & going
    going -= still_open
    meant = parts_of(db, going) if going else set()
    if chosen.parts is not None:
        meant &= chosen.parts
    sizes = _sizes(db, meant)
    erased = {seq for (seq,) in db.execute("SELECT seq FROM interactions WHERE erased_by IS NOT NULL")}
    shared = sizes.keys() & parts_of_others(db, going | erased) if sizes else set()
    parts = sorted(sizes.keys() - shared)
    losing = interactions_with(db, set(parts)) & going
    return Plan(
        interactions=len(losing),
        going=tuple(sorted(going - erased if chosen.parts is None else losing)),
        parts=tuple(parts),
        bytes=sum(sizes[part] for part in parts),
        shared_parts=len(shared),
        shared_bytes=sum(sizes[part] for part in shared),
        open=len(still_open),
        held=len(held),
        holds=tuple(sorted(id_ for id_, interactions in kept.items() if interactions)),
    )


def root_of(commitments: Iterable[bytes]) -> bytes:
    """Return the root of the tree of commitments in ascending order."""
    frontier = Frontier()
    for commitment in sorted(commitments):
        frontier.append(leaf_hash(commitment))
    return frontier.root()


def commitments_of(db: Database, parts: Iterable[int]) -> list[bytes]:
    """Return the commitments of some parts."""
    return [value for (value,) in _by_ids(db, "SELECT commitment FROM parts WHERE id IN", parts)]


def erase(db: Database, parts: Iterable[int], seq: int) -> None:
    """Take the content of parts, and what quotes it; `seq`: of the record that says so. Inside of a transaction."""
    ids = list(parts)
    release(db, ids)
    for statement in (_ERASE, *_DERIVED):
        before = (seq,) if statement is _ERASE else ()
        for some in batched(ids, _SOME):
            db.execute(f"{statement} ({','.join('?' * len(some))})", (*before, *some))
    db.execute(_UNUSED_SECRETS)


def _sizes(db: Database, parts: AbstractSet[int]) -> dict[int, int]:
    return dict(_by_ids(db, "SELECT id, bytes FROM parts WHERE content IS NOT NULL AND id IN", parts))


def _by_ids(db: Database, select: str, ids: Iterable[int]) -> Iterator[tuple[Any, ...]]:
    for some in batched(ids, _SOME):
        yield from db.execute(f"{select} ({','.join('?' * len(some))})", some)
