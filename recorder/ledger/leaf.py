"""From a record to its leaf: one way to write it as bytes, one way to hash it.

The leaf's bytes are RFC 8785 canonical JSON. Only strings, integers, booleans, null, lists and objects are allowed:
numbers with a fraction are where implementations of that RFC differ.
"""

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NewType

import msgspec
import rfc8785

LEAF_VERSION = 1
_MAX_INTEGER = 2**53
"""Exclusive: what I-JSON (RFC 7493 §2.2) promises to carry exactly."""
_encode_sorted = msgspec.json.Encoder(order="sorted").encode
"""Thirty times as quick as rfc8785, and the same bytes where keys are ASCII: it escapes strings in the same way, but
sorts keys by their UTF-8, which differs from RFC 8785's UTF-16 code units beyond the Basic Multilingual Plane."""


Fit = NewType("Fit", dict[str, Any])
"""A JSON object that holds nothing but what a record can hold: made by `recorder.store.bodies.clean`."""


def canonical_of(body: Fit) -> bytes:
    """Return the same as `canonical` of a body that needs not be looked through."""
    text = _encode_sorted(body)
    return text if text.isascii() else canonical(body)  # its keys are ASCII, then


def canonical(body: Mapping[str, Any]) -> bytes:
    """Return the RFC 8785 bytes of a JSON object.

    Raises ValueError for a float, an integer of 2^53 and more, a lone surrogate, a key that is no string, or any other
    type; the message names the type, never the value.
    """
    is_plain = _check(body)
    try:
        return _encode_sorted(body) if is_plain else rfc8785.dumps(dict(body))
    except (rfc8785.CanonicalizationError, UnicodeEncodeError):
        raise ValueError("a string of the record is not valid Unicode (lone surrogate)") from None


def leaf_bytes(seq: int, kind: str, at_utc: str, body: Mapping[str, Any]) -> bytes:
    """Return what a record's leaf hash covers: the record's number, kind and time beside its body."""
    return canonical({"v": LEAF_VERSION, "seq": seq, "kind": kind, "at_utc": at_utc, "body": body})


def leaf_around(seq: int, kind: str, at_utc: str, text: bytes) -> bytes:
    """Return the same bytes as `leaf_bytes` from the canonical text of the body, without reading it again."""
    return b'{"at_utc":%b,"body":%b,"kind":%b,"seq":%d,"v":%d}' % (
        _encode_sorted(at_utc),
        text,
        _encode_sorted(kind),
        seq,
        LEAF_VERSION,
    )


def leaf_text(seq: int, kind: bytes, at_utc: bytes, body: bytes) -> bytes:
    """Return the same for a record as it is stored: kind and time must need no escapes, `body` must be canonical.

    The members stand in the order of their names.
    """
    return b'{"at_utc":"%b","body":%b,"kind":"%b","seq":%d,"v":1}' % (at_utc, body, kind, seq)


def leaf_hash(canonical: bytes) -> bytes:
    """Return the leaf hash of RFC 6962 §2.1: SHA-256(0x00 ‖ leaf)."""
    return hashlib.sha256(b"\x00" + canonical).digest()


def _check(value: object) -> bool:
    """Refuse what a record cannot hold; return whether the quick encoder knows the types and every key is ASCII."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if isinstance(value, int):
        if abs(value) >= _MAX_INTEGER:
            raise ValueError("an integer of the record is out of range; its magnitude must be below 2^53")
        return kind is int
    if isinstance(value, str):
        return issubclass(kind, StrEnum)
    if isinstance(value, Mapping):
        return _check_members(value) and kind is dict
    if isinstance(value, list):
        return all([_check(member) for member in value])  # noqa: C419 -- each member is checked, not up to the first
    raise ValueError(f"a value of the record is {kind.__name__}; allowed are the types of JSON but floats")


def _check_members(value: Mapping[Any, object]) -> bool:
    is_plain = True
    for key, member in value.items():
        if type(member) is not str:  # which nearly all are
            is_plain = _check(member) and is_plain
        if not isinstance(key, str):
            raise ValueError(f"a key of the record is {type(key).__name__}, it must be a string")  # noqa: TRY004 — one error for every unfit value
        is_plain = is_plain and type(key) is str and key.isascii()
    return is_plain
