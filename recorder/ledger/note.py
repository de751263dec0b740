"""Signed notes as C2SP describes them (c2sp.org/signed-note@v1.0.0, read 2026-11-24): text, a blank line, signatures.

Only Ed25519 (type 0x01). A key is known by its name and id together; signatures of others are passed over, so that a
witness may add its own.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_ED25519 = b"\x01"
_KEY_BYTES = 32
_ID_BYTES = 4
_MOST_SIGNATURES = 16
"""The number that every reader of notes has to accept."""
_DASH = "\u2014 "
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
"""Any but the newline."""


class UnknownKeyError(ValueError):
    """None of the signatures is by a key that is known."""


class VerifierKey(msgspec.Struct, frozen=True):
    """A public key and the name that it signs under; the one to give away."""

    name: str
    public: bytes
    """32 bytes, RFC 8032."""

    @property
    def id(self) -> bytes:
        """The key's id: the first four bytes of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key)."""
        return _key_id(self.name, self.public)

    def __str__(self) -> str:
        """Write the key as C2SP tools do: `name+id in hex+base64(0x01 ‖ public key)`."""
        return f"{self.name}+{self.id.hex()}+{_b64(_ED25519 + self.public)}"

    def verifies(self, text: bytes, signature: bytes) -> bool:
        """Tell whether `signature` is this key's over `text`."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except (InvalidSignature, ValueError):
            return False
        return True


@lru_cache(maxsize=64)  # every commit is signed under the same name
def _key_id(name: str, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:_ID_BYTES]


class SigningKey:
    """A private key; it signs under any name, one for each store."""

    def __init__(self, seed: bytes) -> None:
        """`seed`: the 32 secret bytes of RFC 8032."""
        self.seed = seed
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._key.public_key().public_bytes_raw()

    def verifier(self, name: str) -> VerifierKey:
        """Return the public key under a name."""
        return VerifierKey(name, self.public)

    def sign(self, text: str, name: str) -> str:
        """Return the note that `text` becomes. Raises ValueError for a text or a name that no note can have."""
        if not text.endswith("\n") or "\n\n" in text or _has_controls(text):
            raise ValueError(
                "the text of a note ends with a newline and has neither empty lines nor control characters"
            )
        _check_name(name)
        signature = self._key.sign(text.encode())
        return f"{text}\n{_DASH}{name} {_b64(self.verifier(name).id + signature)}\n"


def parse_key(text: str) -> VerifierKey:
    """Read a public key. Raises ValueError, which says what is wrong with it."""
    try:
        name, key_id, encoded = text.strip().split("+", 2)
        data = _unb64(encoded)
        _check_name(name)
    except ValueError:
        raise ValueError("a public key looks like NAME+ID+BASE64") from None
    if data[:1] != _ED25519 or len(data) != 1 + _KEY_BYTES:
        raise ValueError("the public key is not an Ed25519 key of 32 bytes (signature type 0x01)")
    key = VerifierKey(name, data[1:])
    if key.id.hex() != key_id:
        raise ValueError(f"the public key's id is {key.id.hex()}, but it says {key_id}")
    return key


def open_note(note: str, keys: Iterable[VerifierKey]) -> str:
    """Return the text of a note that one of `keys` signed.

    Raises UnknownKeyError when none of them did, ValueError when the note is no note or a signature that claims to be
    by one of them is not.
    """
    text, signatures = split_note(note)
    known = {(key.name, key.id): key for key in keys}
    found = [(known[name, key_id], data) for name, key_id, data in signatures if (name, key_id) in known]
    if not found:
        raise UnknownKeyError(f"signed by {', '.join(_label(name, key_id) for name, key_id, _ in signatures)}")
    if not all(key.verifies(text.encode(), data) for key, data in found):
        raise ValueError("the signature does not fit the text")
    return text


def split_notes(text: str) -> list[str]:
    """Cut a text in which notes stand one after the other: a note ends with its signatures."""
    notes: list[str] = []
    lines: list[str] = []
    for line in text.splitlines(keepends=True):
        if lines and lines[-1].startswith(_DASH) and not line.startswith(_DASH):
            notes.append("".join(lines))
            lines = []
        if lines or line.strip():
            lines.append(line)
    return [*notes, "".join(lines)] if lines else notes


def split_note(note: str) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """Return a note's text and its signatures (name, key id, signature), none of them verified.

    Raises ValueError when it is no note.
    """
    text, blank, tail = note.rpartition("\n\n")
    lines = tail.split("\n")
    if not blank or not text or lines.pop() != "" or not 0 < len(lines) <= _MOST_SIGNATURES or _has_controls(note):
        raise ValueError("it is no signed note")
    return text + "\n", [_signature(line) for line in lines]


def _signature(line: str) -> tuple[str, bytes, bytes]:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    data = _unb64(encoded)
    if not line.startswith(_DASH) or not space or len(data) <= _ID_BYTES:
        raise ValueError("a signature line of the note is malformed")
    _check_name(name)
    return name, data[:_ID_BYTES], data[_ID_BYTES:]


def _label(name: str, key_id: bytes) -> str:
    return f"{name}+{key_id.hex()}"


def _check_name(name: str) -> None:
    if name.split() != [name] or "+" in name or _has_controls(name):
        raise ValueError(f"{name!r} cannot be the name of a key: it has a space or a plus, or is empty")


def _has_controls(text: str) -> bool:
    return _CONTROL.search(text) is not None


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _unb64(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("it is not Base64") from None
    if _b64(data) != text:
        # Else one signature could be written in several ways.
        raise ValueError("it is not canonical Base64")
    return data
