"""How one signing key follows another: the old one signs who comes after it, and a verifier goes along.

A succession is a signed note (c2sp.org/signed-note) of four lines: its own name, the old key and the new one in Base64,
and when. It is signed by the old key under that name, so one note serves all records that the key signs. It stands in
a `key` record; the checkpoint over that record is the first by the new key, and no later one may be by the old.
"""

import base64
import binascii
import contextlib
from collections.abc import Iterable, Sequence

import msgspec

from recorder.ledger.checkpoint import open_checkpoint
from recorder.ledger.note import SigningKey, VerifierKey, open_note, split_note

NAME = "llm-audit-recorder/succession"
_KEY_BYTES = 32


class Succession(msgspec.Struct, frozen=True):
    """Who follows whom, as the old key says."""

    old: bytes
    new: bytes
    at_utc: str


class Lineage(msgspec.Struct, frozen=True):
    """The key in use, and how it came to be: the successions that lead to it, oldest first."""

    key: SigningKey
    notes: tuple[str, ...] = ()

    @property
    def former(self) -> tuple[bytes, ...]:
        """The public keys before the one in use, the latest first."""
        return tuple(open_succession(note).old for note in reversed(self.notes))

    def since(self, public: bytes) -> list[str]:
        """Return the successions that lead from a former key to the one in use."""
        return list(self.notes[len(self.notes) - 1 - self.former.index(public) :])

    def followed_by(self, key: SigningKey, at_utc: str) -> "Lineage":
        """Return the lineage in which another key is in use."""
        return Lineage(key, (*self.notes, succession_note(self.key, key.public, at_utc)))


def succession_note(old: SigningKey, new: bytes, at_utc: str) -> str:
    """Return the note in which a key names the one after it."""
    lines = (NAME, base64.b64encode(old.public).decode(), base64.b64encode(new).decode(), at_utc)
    return old.sign("".join(f"{line}\n" for line in lines), NAME)


def open_succession(note: str) -> Succession:
    """Return what a note says, its signature checked with the old key that it names. Raises ValueError."""
    lines = split_note(note)[0].split("\n")
    try:
        name, old, new, at_utc, end = lines
        publics = [base64.b64decode(key, validate=True) for key in (old, new)]
    except (ValueError, binascii.Error):
        raise ValueError("it is no succession of keys") from None
    if name != NAME or end or not at_utc or any(len(public) != _KEY_BYTES for public in publics):
        raise ValueError("it is no succession of keys")
    open_note(note, [VerifierKey(NAME, publics[0])])
    return Succession(publics[0], publics[1], at_utc)


class Trust(msgspec.Struct, frozen=True):
    """The keys that are to be believed, and until when."""

    keys: tuple[VerifierKey, ...]
    retired: dict[VerifierKey, int] = {}
    """The record that put another key in its place: a checkpoint over it and more is not by this key."""


def trust(keys: Sequence[VerifierKey], said: Iterable[tuple[int, Succession]], notes: Iterable[str]) -> Trust:
    """Follow the successions of a record, in its order, from the keys that were given: to later ones, and back.

    A later key is believed because one that is believed signed that it follows. An earlier one because the record that
    says so is covered by a checkpoint, among `notes`, of a key that is believed; and only for what is older than that.
    """
    known = dict.fromkeys(keys)
    retired: dict[VerifierKey, int] = {}
    steps = list(said)
    for seq, step in steps:
        for key in [key for key in known if key.public == step.old]:
            known[VerifierKey(key.name, step.new)] = None
            retired.setdefault(key, seq)
    covered = _covered(notes, tuple(known)) if steps else 0
    for seq, step in reversed(steps):
        for key in [key for key in known if key.public == step.new and seq <= covered]:
            old = VerifierKey(key.name, step.old)
            known[old] = None
            retired.setdefault(old, seq)
    return Trust(tuple(known), retired)


def _covered(notes: Iterable[str], keys: tuple[VerifierKey, ...]) -> int:
    """Return how many records the largest checkpoint by one of the keys covers."""
    largest = 0
    for note in notes:
        with contextlib.suppress(ValueError):
            largest = max(largest, open_checkpoint(note, keys).size)
    return largest
