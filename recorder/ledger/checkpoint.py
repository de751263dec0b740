"""Checkpoints (c2sp.org/tlog-checkpoint, read 2026-11-24): a tree's size and root, as the text of a signed note."""

import base64
import binascii
from collections.abc import Iterable

import msgspec

from recorder.ledger.merkle import HASH_BYTES
from recorder.ledger.note import SigningKey, VerifierKey, open_note, split_note

_ORIGIN_PREFIX = "llm-audit-recorder/"


class Checkpoint(msgspec.Struct, frozen=True):
    """What is claimed: that the log `origin` has, or had, `size` records under this root."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    def signed(self, key: SigningKey) -> str:
        """Return the signed note; the key's name is the origin."""
        return key.sign(self.text(), self.origin)


def origin_of(first_leaf: bytes) -> str:
    """Return the name of the log that begins with this leaf hash; a first record is like no other."""
    return f"{_ORIGIN_PREFIX}{first_leaf.hex()[:16]}"


def open_checkpoint(note: str, keys: Iterable[VerifierKey]) -> Checkpoint:
    """Return what a note says that one of `keys` signed; raises what `open_note` and `parse_checkpoint` raise."""
    return parse_checkpoint(open_note(note, keys))


def claimed_checkpoint(note: str) -> Checkpoint:
    """Return what a note says, whoever signed it. Raises ValueError."""
    return parse_checkpoint(split_note(note)[0])


def is_of(note: str, origin: str) -> bool:
    """Tell whether a note claims to be a checkpoint of the log of that name; False for what is no checkpoint."""
    return note.startswith(f"{origin}\n")


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the text of a checkpoint. Raises ValueError; lines after the third are passed over."""
    lines = text.split("\n")
    if len(lines) < 4 or not all(lines[:3]) or lines[-1]:
        raise ValueError("a checkpoint is three lines: origin, size, root")
    origin, size, root = lines[:3]
    if not (size.isascii() and size.isdecimal() and str(int(size)) == size):
        raise ValueError(f"the checkpoint's size is {size!r}, it must be a number")
    try:
        data = base64.b64decode(root, validate=True)
    except binascii.Error:
        data = b""
    if len(data) != HASH_BYTES:
        raise ValueError("the checkpoint's root is not the Base64 of 32 bytes")
    return Checkpoint(origin, int(size), data)
