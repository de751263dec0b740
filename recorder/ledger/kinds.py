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
    GAP = "gap"
    """Traffic went by that could not be recorded, or not whole."""
    DISCREPANCY = "discrepancy"
    """The record was not found as it was left; says how, with the checkpoint that it does not agree with."""
