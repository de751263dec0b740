"""Which of several upstreams a request goes to, as long as all are well: by order, by session, or by lot."""

import hashlib
import math
from collections.abc import Sequence
from enum import StrEnum


class Balance(StrEnum):
    """How requests are spread."""

    ORDER = "order"
    """The first, as long as it is well; the others stand by."""
    SESSION = "session"
    """Each session stays with one, so that the provider's prompt cache keeps hitting; weights share sessions out."""
    REQUEST = "request"
    """Each request by itself, by weight."""


def ranked(names: Sequence[str], weights: Sequence[float], balance: Balance, key: str) -> tuple[str, ...]:
    """Return the names, best first. `key`: the session's id, or something random where each request stands for itself.

    Rendezvous hashing with weights (Schindelhauer and Schomaker, 2005): nothing is remembered, and when one upstream
    is not well, only its own sessions move.
    """
    if balance is Balance.ORDER or len(names) == 1:
        return tuple(names)
    scores = {name: weight / -math.log(_draw(key, name)) for name, weight in zip(names, weights, strict=True)}
    return tuple(sorted(names, key=lambda name: -scores[name]))


def _draw(key: str, name: str) -> float:
    """Return a number between 0 and 1, both excluded, that key and name always give."""
    digest = hashlib.sha256(f"{key}\0{name}".encode(errors="surrogateescape")).digest()
    return (int.from_bytes(digest[:6]) + 0.5) / 2**48
