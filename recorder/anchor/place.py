"""What every anchor can do, and what went wrong when it could not."""

from typing import Protocol

from recorder.errors import RecorderError

type Receipt = dict[str, str | int | None]
"""What is recorded of a checkpoint that was put in its place; no address, no content."""


class AnchorError(RecorderError):
    """A place could not be reached or refused. Its message goes on the record: it quotes no address and no output."""


class Place(Protocol):
    """Where checkpoints go."""

    def put(self, note: str, origin: str, size: int) -> Receipt:
        """Put a checkpoint there. Raises AnchorError, OSError."""

    def read(self, origin: str) -> list[str]:
        """Return the checkpoints of a record that are there, oldest first. Raises AnchorError, OSError."""
