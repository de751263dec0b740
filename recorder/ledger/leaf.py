"""From a record to its leaf: one way to write it as bytes, one way to hash it.

The leaf's bytes are RFC 8785 canonical JSON. Only strings, integers, booleans, null, lists and objects are allowed:
numbers with a fraction are where implementations of that RFC differ.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785

LEAF_VERSION = 1
_MAX_INTEGER = 2**53
"""Exclusive: what I-JSON (RFC 7493 §2.2) promises to carry exactly."""


def canonical(body: Mapping[str, Any]) -> bytes:
    """Return the RFC 8785 bytes of a JSON object.

    Raises ValueError for a float, an integer of 2^53 and more, a lone surrogate, a key that is no string, or any other
    type; the message names the type, never the value.
    """
    _check(body)
    try:
        return rfc8785.dumps(dict(body))
    except rfc8785.CanonicalizationError:
        raise ValueError("a string of the record is not valid Unicode (lone surrogate)") from None


def leaf_bytes(seq: int, kind: str, at_utc: str, body: Mapping[str, Any]) -> bytes:
    """Return what a record's leaf hash covers: the record's number, kind and time beside its body."""
    return canonical({"v": LEAF_VERSION, "seq": seq, "kind": kind, "at_utc": at_utc, "body": body})


def leaf_hash(canonical: bytes) -> bytes:
    """Return the leaf hash of RFC 6962 §2.1: SHA-256(0x00 ‖ leaf)."""
    return hashlib.sha256(b"\x00" + canonical).digest()


def _check(value: object) -> None:
    match value:
        case None | str() | bool():
            pass
        case int():
            if abs(value) >= _MAX_INTEGER:
                raise ValueError("an integer of the record is out of range; its magnitude must be below 2^53")
        case Mapping():
            for key, member in value.items():
                if not isinstance(key, str):
                    raise ValueError(f"a key of the record is {type(key).__name__}, it must be a string")  # noqa: TRY004 — one error for every unfit value
                _check(member)
        case list():
            for member in value:
                _check(member)
        case _:
            raise ValueError(
                f"a value of the record is {type(value).__name__}; allowed are the types of JSON but floats"
            )
