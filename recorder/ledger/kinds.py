"""What a record can be about."""

from enum import StrEnum


class RecordKind(StrEnum):
    """The kind of a record; part of its hash, so a value is never renamed."""

    START = "start"
    """A recorder began to record."""
    STOP = "stop"
    """A recorder ended in good order."""
    CRASH = "crash"
    """A recorder was found to have ended without saying so."""
    CONFIG = "config"
    """The settings in force."""
    OPENED = "opened"
    """A request was received."""
    CLOSED = "closed"
    """What came of a request."""
    SUPPORT = "support"
    """A call around model calls."""
    GAP = "gap"
    """Traffic went by that could not be recorded, or not whole."""
