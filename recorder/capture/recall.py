"""Remembers the bodies of recent requests: what a request repeats of the one before it is not looked at again.

Strategy. Claude Code sends the whole conversation with every request, so that a body begins with nearly all bytes of
the one before it. Comparing bytes costs a hundredth of reading them. Behind every 64 KB the state of the body's keyed
hash is kept: from the first difference on, hash and cut go on from what is remembered. What is read in the place of a
body is its *excerpt*, in which one `null` stands for the messages that are known: it has the same members and the same
envelope, and is as long as what is new. (What made the excerpt ambiguous, a number that goes on, makes it no JSON.)

Raw bytes, in the writer's memory alone. A body counts as remembered from the commit on that stored its parts, and until
a secret is learned, since its parts may hold it.
"""

import contextlib
import hashlib
import hmac
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate

import msgspec

from recorder.model import SafeBytes, Slot
from recorder.store.rows import EMPTY_LIST, Link, list_key
from recorder.wire.request import Cut, Piece

MOST_BYTES = 32_000_000
"""Of all bodies together; the longest unused are forgotten first."""
STEP_BYTES = 65_536
"""How far apart the states of the hash are kept."""
STAND_IN = b"null"
_TELLING_BYTES = 1024
"""The beginning tells a conversation from the others of its session: it names the model and the first message."""

type Key = tuple[str | None, bytes]
type SafeMark = tuple[int, int, SafeBytes]
"""Position of a message, offset in what is stored of it, the bytes that were cut out there."""


class Beginning(msgspec.Struct, frozen=True):
    """The first messages of a body, all of them stored."""

    opened: int
    """Where in the body their list begins, behind its bracket."""
    ends: tuple[int, ...]
    """Where in the body each message ends."""
    keys: tuple[bytes, ...]
    """The key of the list that ends with each message: `recorder.store.rows.list_key`."""
    marks: tuple[SafeMark, ...] = ()

    def first(self, count: int) -> "Beginning":
        """Return the beginning of so many messages."""
        marks = tuple(mark for mark in self.marks if mark[0] < count)
        return Beginning(self.opened, self.ends[:count], self.keys[:count], marks)


class Recalled(msgspec.Struct, frozen=True):
    """A body, and what is remembered of it."""

    key: Key
    body: bytes
    states: tuple["hmac.HMAC", ...]
    """Of the keyed hash, behind each step."""
    mac: str | None
    """Keyed hash of the body, hex; None for no body."""
    beginning: Beginning | None = None
    """At least one message; None: nothing of it is known."""

    def excerpt(self) -> bytes:
        """Return the body with `STAND_IN` for its known messages."""
        if self.beginning is None:
            return self.body
        return b"".join((self.body[: self.beginning.opened], STAND_IN, self.body[self.beginning.ends[-1] :]))


class Recall:
    """The bodies of one writer process; `confirm` after each commit, `forget` when what is stored is in doubt."""

    def __init__(self, mac_key: bytes) -> None:
        """`mac_key`: makes the keyed hash that a record holds of a body on the wire."""
        self._fresh = hmac.new(mac_key, digestmod=hashlib.sha256)
        self._kept: OrderedDict[Key, Recalled] = OrderedDict()
        self._unconfirmed: dict[Key, Recalled] = {}
        self._size = 0

    def look(self, session: str | None, body: bytes) -> Recalled:
        """Compare a body with the last one of this session that begins like it."""
        key = session, body[:_TELLING_BYTES]
        before = self._kept.get(key)
        if before is None:
            return Recalled(key, body, *self._hash(body, ()))
        same = _same_bytes(before.body, body)
        beginning = before.beginning
        count = bisect_right(beginning.ends, same) if beginning else 0
        return Recalled(
            key,
            body,
            *self._hash(body, before.states[: same // STEP_BYTES]),
            beginning.first(count) if beginning and count else None,
        )

    def keep(self, body: Recalled, beginning: Beginning) -> None:
        """Remember a body; `beginning`: all of its messages, which are about to be stored."""
        self._unconfirmed[body.key] = msgspec.structs.replace(body, beginning=beginning)

    def confirm(self) -> None:
        """Take what has been kept since for stored."""
        for key, body in self._unconfirmed.items():
            self._let_go(self._kept.pop(key, None))
            if len(body.body) <= MOST_BYTES:
                self._kept[key] = body
                self._size += len(body.body)
        self._unconfirmed.clear()
        while self._size > MOST_BYTES:
            self._let_go(self._kept.popitem(last=False)[1])

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Let the block keep and confirm bodies before those that have been kept until now."""
        unconfirmed, self._unconfirmed = self._unconfirmed, {}
        try:
            yield
        finally:
            self._unconfirmed = unconfirmed

    def forget(self) -> None:
        """Remember nothing."""
        self._kept.clear()
        self._unconfirmed.clear()
        self._size = 0

    def _let_go(self, body: Recalled | None) -> None:
        self._size -= len(body.body) if body else 0

    def _hash(self, body: bytes, states: tuple["hmac.HMAC", ...]) -> tuple[tuple["hmac.HMAC", ...], str | None]:
        state = (states[-1] if states else self._fresh).copy()
        kept = list(states)
        view = memoryview(body)
        for begin in range(len(states) * STEP_BYTES, len(body) - STEP_BYTES + 1, STEP_BYTES):
            state.update(view[begin : begin + STEP_BYTES])
            kept.append(state.copy())
        state.update(view[len(kept) * STEP_BYTES :])
        return tuple(kept), state.hexdigest() if body else None


def without_stand_in(pieces: Mapping[Slot, tuple[Piece, ...]]) -> dict[Slot, tuple[Piece, ...]]:
    """Return the pieces of a cut excerpt but for the stand-in."""
    return {**pieces, Slot.MESSAGES: pieces[Slot.MESSAGES][1:]}


def begun(cut: Cut) -> Beginning:
    """Return the beginning of no message: where the list of a whole body begins."""
    opened = 0
    for slot, offset in cut.slots:
        if slot is Slot.MESSAGES:
            opened += offset
            break
        opened += sum(_sizes(cut.pieces[slot], 0))
    return Beginning(opened, (), ())


def extended(
    beginning: Beginning, pieces: Sequence[Piece], links: Sequence[Link], marks: tuple[SafeMark, ...]
) -> Beginning:
    """Return a beginning with the messages behind it."""
    end = beginning.ends[-1] if beginning.ends else beginning.opened
    ends = list(accumulate(_sizes(pieces, len(beginning.ends)), initial=end))[1:]
    keys = list(accumulate(links, list_key, initial=beginning.keys[-1] if beginning.keys else EMPTY_LIST))[1:]
    return Beginning(beginning.opened, (*beginning.ends, *ends), (*beginning.keys, *keys), (*beginning.marks, *marks))


def _sizes(pieces: Sequence[Piece], first: int) -> Iterator[int]:
    for position, piece in enumerate(pieces, first):
        lead = min(position, 1) if piece.lead is None else len(piece.lead)
        yield lead + len(piece.content) + sum(len(mark.data) for mark in piece.marks)


def _same_bytes(one: bytes, other: bytes) -> int:
    """Return how many bytes both begin with."""
    view, at = memoryview(one), 0  # none of it is copied: a body may be of 20 MB
    while at < len(one) and other.startswith(view[at : at + STEP_BYTES], at):
        at += STEP_BYTES
    low, high = min(at, len(one)), min(at + STEP_BYTES, len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if other.startswith(view[low:middle], low) else (low, middle - 1)
    return low
