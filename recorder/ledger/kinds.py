"""What a record can be about."""

from enum import StrEnum


class RecordKind(StrEnum):
    """The kind of a record; part of its hash, so a value is never renamed."""

    START = "start"
    """A recorder began to record; says with which settings."""
    STOP = "stop"
    """A recorder ended in good order."""
    CRASH = "crash"
    """A recorder was found to have ended without saying so."""
    OPENED = "opened"
    """A request was received."""
    CLOSED = "closed"
    """What came of a request."""
    KEY = "key"
    """A key was put in use, or secrets were recognised that had other fingerprints under a key before."""
    CONFIG = "config"
    """What decides about traffic was changed; says what, and the new policy's hash."""
    REFUSED = "refused"
    """A request was refused before it was an interaction: who may have sent it is no client of the recorder's."""
    GAP = "gap"
    """Traffic went by that could not be recorded, or not whole."""
    DISCREPANCY = "discrepancy"
    """The record was not found as it was left; says how, with the checkpoint that it does not agree with."""
    ERASURE = "erasure"
    """Content was erased on demand; says why, for whom, and which parts, by the root of their commitments."""
    RETENTION = "retention"
    """What was older than it is to be kept was looked for, and erased as in an erasure; says how much that was."""
    HOLD = "hold"
    """What must not be erased was named, or let go of."""
