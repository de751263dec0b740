"""Signs the tree of all records with every commit, in its transaction.

Strategy. A checkpoint needs the tree's frontier. It lies beside the newest checkpoint and is believed only because its
root is the one that our own key signed: nobody else can put another in its place. When the two are not ours, or do not
fit the records, the tree is made anew from the leaf hashes and the record says what was found: a DISCREPANCY, itself
under the next signature. So an intruder's rows may get signed, but never in silence.

Recording never fails for want of a signature. What goes unsigned is noticed by the next one who can sign, and by
`recorder verify`.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from sqlite_utils import Database

from recorder.ledger.checkpoint import Checkpoint, claimed_checkpoint, open_checkpoint, origin_of
from recorder.ledger.kinds import RecordKind
from recorder.ledger.merkle import NO_LEAF, Frontier
from recorder.ledger.note import UnknownKeyError, VerifierKey, open_note, split_note
from recorder.ledger.succession import Lineage
from recorder.store import driver
from recorder.store.appending import Appender
from recorder.store.bodies import clean

KEPT_EVERY = 256
"""Records between two checkpoints that stay: less than a byte a record."""

_HEAD = "SELECT note, frontier FROM tree_head"
_SET_HEAD = """
INSERT INTO tree_head (id, note, frontier) VALUES (1, ?, ?)
ON CONFLICT (id) DO UPDATE SET note = excluded.note, frontier = excluded.frontier
"""
_KEEP = "INSERT INTO checkpoints (id, size, note) SELECT coalesce(max(id), 0) + 1, ?, ? FROM checkpoints"
_LEAVES = "SELECT seq, leaf_hash FROM records WHERE seq > ? AND seq <= ? ORDER BY seq"

type Finding = dict[str, str]
"""Body of a DISCREPANCY: `reason` (`unsigned`, `cut`, `forked`, `replaced`, `other key`, `damaged`), and which records
or which checkpoint it is about."""
type Found = list[tuple[RecordKind, dict[str, Any]]]
"""Records to be made of how the tree was found."""
type Reload = Callable[[], Lineage | None]
"""Gives the keys as they are now."""


class _State(msgspec.Struct, frozen=True):
    """A tree that was signed."""

    origin: str | None
    note: str | None
    frontier: Frontier


class TreeHead:
    """The signer of one database."""

    def __init__(self, db: Database, keys: Lineage, reload: Reload = lambda: None) -> None:
        self._db = db
        self._keys = keys
        self._reload = reload
        self._committed: _State | None = None
        self._pending: _State | None = None
        self._others: set[bytes] = set()
        """Ids of the keys of other recorders that were said to sign here."""

    @property
    def note(self) -> str | None:
        """The newest checkpoint that was committed here."""
        return self._committed.note if self._committed else None

    def sign(self, appended: Appender, at_utc: str) -> None:
        """Sign the tree that ends with what was appended. In its transaction; `publish` when it is committed."""
        self._pending = None
        try:
            self._sign(appended, at_utc)
        except driver.Error:
            raise  # the database's own failure, which fails the commit as well
        except Exception:  # noqa: BLE001 -- a record without a signature is worth more than none; the next one says so
            self._pending = None

    def publish(self) -> None:
        """Take the tree that was signed last for committed."""
        self._committed, self._pending = self._pending, None

    def is_ours(self) -> bool:
        """Tell whether the newest checkpoint is by our key, or by one before it."""
        head = self._db.execute(_HEAD).fetchone()
        try:
            return head is not None and open_checkpoint(head[0], self._verifiers(_maybe_claimed(head[0]))) is not None
        except ValueError:
            return False

    def contradicted(self, note: str) -> Finding | None:
        """Return the finding when a checkpoint of our own does not fit what the database says of itself."""
        try:
            known = open_checkpoint(note, self._verifiers(claimed_checkpoint(note)))
        except ValueError:
            return None
        head = self._db.execute(_HEAD).fetchone()
        size = self._db.execute("SELECT coalesce(max(seq), 0) FROM records").fetchone()[0]
        reason = None if size >= known.size else "cut" if size else "replaced"
        if head is not None and (claimed := _maybe_claimed(head[0])):
            if claimed.origin != known.origin:
                reason = "replaced"
            elif claimed.size == known.size and claimed.root != known.root:
                reason = "forked"
        return {"reason": reason, "checkpoint": note} if reason else None

    def _sign(self, appended: Appender, at_utc: str) -> None:
        state, found = self._resume(appended.before)
        for kind, body in found:
            appended.record(kind, at_utc, clean(body))
        frontier, before = state.frontier, state.frontier.size
        for leaf in appended.leaves:
            frontier.append(leaf)
        origin = state.origin or origin_of(self._first_leaf())
        note = Checkpoint(origin, frontier.size, frontier.root()).signed(self._keys.key)
        self._db.execute(_SET_HEAD, (note, frontier.packed()))
        if before // KEPT_EVERY != frontier.size // KEPT_EVERY:
            self._keep(frontier.size, note)
        self._pending = _State(origin, note, frontier)

    def _verifiers(self, claimed: Checkpoint | None) -> list[VerifierKey]:
        """Return our own public key, then those before it."""
        name = claimed.origin if claimed else ""
        return [VerifierKey(name, public) for public in (self._keys.key.public, *self._keys.former)]

    def _resume(self, size: int) -> tuple[_State, Found]:
        """Return the tree of the first `size` records, and what was odd about finding it."""
        head = self._db.execute(_HEAD).fetchone()
        known = self._committed
        if known and head and head[0] == known.note and known.frontier.size == size:
            return _State(known.origin, known.note, known.frontier.copy()), []
        if head is None:
            return self._caught_up(_State(None, None, Frontier()), size)
        return self._checked(head[0], bytes(head[1]), size)

    def _checked(self, note: str, packed: bytes, size: int) -> tuple[_State, Found]:
        claimed = _maybe_claimed(note)
        try:
            signed = self._opened(note, claimed)
            frontier = Frontier.unpacked(signed.size, packed)
            reason = "damaged" if frontier.root() != signed.root else "cut" if signed.size > size else None
        except UnknownKeyError:
            return self._after_another(note, claimed, size)
        except ValueError:
            reason = "damaged"
        if reason is None:
            state, found = self._caught_up(_State(signed.origin, note, frontier), size)
            return state, [*self._succeeded(note, claimed), *found]
        self._keep(claimed.size if claimed else 0, note)
        return self._anew(claimed, size), [_finding(reason, note)]

    def _opened(self, note: str, claimed: Checkpoint | None) -> Checkpoint:
        """Open a checkpoint of ours; the key may have been replaced while we ran."""
        try:
            return open_checkpoint(note, self._verifiers(claimed))
        except UnknownKeyError:
            self._keys = self._reload() or self._keys
            return open_checkpoint(note, self._verifiers(claimed))

    def _succeeded(self, note: str, claimed: Checkpoint | None) -> Found:
        """Return the record of which keys came after the one that signed last; nothing when it is ours."""
        own, *former = self._verifiers(claimed)
        for key in former if not _is_by(note, own) else ():
            if _is_by(note, key):
                steps = self._keys.since(key.public)
                return [(RecordKind.KEY, {"event": "rotated", "purpose": "signing", "successions": steps})]
        return []

    def _after_another(self, note: str, claimed: Checkpoint | None, size: int) -> tuple[_State, Found]:
        """Go on after a head that another key signed: said once for each key, as long as its tree is ours."""
        state = self._anew(claimed, size)
        names = {key_id for _, key_id, _ in split_note(note)[1]}
        if claimed == Checkpoint(state.origin or "", size, state.frontier.root()) and names <= self._others:
            return state, []
        self._others |= names
        self._keep(claimed.size if claimed else 0, note)
        return state, [_finding("other key", note)]

    def _anew(self, claimed: Checkpoint | None, size: int) -> _State:
        """Make the tree from the leaf hashes: from where we were last, else from the first."""
        known = self._committed
        if known and known.frontier.size <= size:
            return self._caught_up(_State(known.origin, None, known.frontier.copy()), size)[0]
        return self._caught_up(_State(claimed.origin if claimed else None, None, Frontier()), size)[0]

    def _caught_up(self, state: _State, size: int) -> tuple[_State, Found]:
        first = state.frontier.size + 1
        for seq, leaf in self._db.execute(_LEAVES, (first - 1, size)):
            while state.frontier.size < seq - 1:
                state.frontier.append(NO_LEAF)
            state.frontier.append(bytes(leaf))
        if first > size:
            return state, []
        return state, [(RecordKind.DISCREPANCY, {"reason": "unsigned", "first": str(first), "last": str(size)})]

    def _keep(self, size: int, note: str) -> None:
        self._db.execute(_KEEP, (size, note))

    def _first_leaf(self) -> bytes:
        return bytes(self._db.execute("SELECT leaf_hash FROM records ORDER BY seq LIMIT 1").fetchone()[0])


def _maybe_claimed(note: str) -> Checkpoint | None:
    try:
        return claimed_checkpoint(note)
    except ValueError:
        return None


def _is_by(note: str, key: VerifierKey) -> bool:
    try:
        open_note(note, [key])
    except ValueError:
        return False
    return True


def _finding(reason: str, note: str) -> tuple[RecordKind, dict[str, Any]]:
    return RecordKind.DISCREPANCY, {"reason": reason, "checkpoint": note}
