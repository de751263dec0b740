"""Which of millions of ids were there, in little memory: 16 bytes for each, of its hash.

Two ids with the same hash would be taken for one, which nobody meets by accident (2^64 ids).
"""

import hashlib

_DIGEST_BYTES = 16
_BUCKETS = 4096
"""With 10 million ids, 40 kB of hashes are searched for one: some microseconds."""


class Seen:
    """A set that only grows."""

    def __init__(self) -> None:
        self._buckets = [bytearray() for _ in range(_BUCKETS)]

    def add(self, text: str) -> None:
        """Add an id; one that was there takes its memory a second time."""
        digest = _digest(text)
        self._bucket(digest).extend(digest)

    def __contains__(self, text: str) -> bool:
        """Say whether an id was added."""
        digest = _digest(text)
        bucket = self._bucket(digest)
        at = bucket.find(digest)
        while at > 0 and at % _DIGEST_BYTES:  # across the end of one and the beginning of the next
            at = bucket.find(digest, at + 1)
        return at >= 0

    def _bucket(self, digest: bytes) -> bytearray:
        return self._buckets[int.from_bytes(digest[:2]) % _BUCKETS]


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).digest()
