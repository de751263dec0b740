"""Placeholders: `[REDACTED:kind:fingerprint]`.

The fingerprint is the first 128 bits of HMAC-SHA256(key, value): the same secret gives the same placeholder in every
session of a store, and nobody without the key can test a guess. What could be guessed gets none.
"""

import hmac
import math
import re
from collections import Counter, OrderedDict
from collections.abc import Iterable

FINGERPRINT_HEX = 32
PLACEHOLDER = re.compile(rb"\[REDACTED:[a-z0-9-]{1,80}(?::[0-9a-f]{32})?\]")

# Shannon entropy of the value times its length, in bits. It overestimates what people make up, so human secrets have
# to reach more.
ENOUGH_BITS = 60.0
ENOUGH_HUMAN_BITS = 90.0
_MOST_LINKED = 10_000
"""Secrets that are not linked again; signatures, which are new with every request, push the others out in the end."""
HUMAN_KINDS = frozenset({"password", "connection-password", "basic-auth", "secret", "cookie"})


def derive_key(master: bytes, label: str) -> bytes:
    """Derive a 32-byte key for one purpose: HMAC-SHA256(master, label)."""
    return hmac.digest(master, label.encode(), "sha256")


def guessable(kind: str, value: bytes) -> bool:
    """Say whether a value is so short or so plain that a fingerprint would help to guess it."""
    needed = ENOUGH_HUMAN_BITS if kind in HUMAN_KINDS else ENOUGH_BITS
    return entropy_bits(value) < needed


def entropy_bits(value: bytes) -> float:
    """Shannon entropy of the value's bytes times its length, in bits."""
    size = len(value)
    return -sum([count * math.log2(count / size) for count in Counter(value).values()]) if size else 0.0


class Fingerprinter:
    """Names secrets without telling them."""

    def __init__(self, key: bytes, former: Iterable[bytes] = ()) -> None:
        """`former`: the keys before this one; what a secret was called under them is noted in `links`."""
        self._key = key
        self._former = tuple(former)
        self._linked: OrderedDict[str, None] = OrderedDict()
        self.links: list[tuple[str, str]] = []
        """Fingerprints and what they were under a former key, each secret's once; for the caller to take away."""

    def fingerprint(self, kind: str, value: bytes) -> str | None:
        """Give 32 hex digits, or None when the value could be guessed."""
        if guessable(kind, value):
            return None
        name = _hex(self._key, value)
        if self._former and name not in self._linked:
            self._link(name, value)
        return name

    def _link(self, name: str, value: bytes) -> None:
        self.links += [(name, _hex(key, value)) for key in self._former]
        self._linked[name] = None
        if len(self._linked) > _MOST_LINKED:
            self._linked.popitem(last=False)


def _hex(key: bytes, value: bytes) -> str:
    return hmac.digest(key, value, "sha256").hex()[:FINGERPRINT_HEX]


def placeholder(kind: str, fingerprint: str | None) -> str:
    """Spell the placeholder; ASCII without anything that JSON would escape."""
    return f"[REDACTED:{kind}:{fingerprint}]" if fingerprint else f"[REDACTED:{kind}]"
