"""An anchor that is a command: it gets the checkpoint on standard input, and says by its exit code whether it holds."""

import subprocess
from collections.abc import Sequence

from recorder.anchor.place import AnchorError, Receipt
from recorder.ledger.checkpoint import is_of
from recorder.ledger.note import split_notes


class CommandPlace:
    """A command that keeps checkpoints, and perhaps another one that prints those that it kept."""

    def __init__(self, run: Sequence[str], read: Sequence[str], seconds: float) -> None:
        self._put = run
        self._read = read
        self._seconds = seconds

    def put(self, note: str, origin: str, size: int) -> Receipt:  # noqa: ARG002 -- as for every place
        """Hand a checkpoint over."""
        self._run(self._put, note)
        return {}

    def read(self, origin: str) -> list[str]:
        """Return what the second command prints."""
        if not self._read:
            raise AnchorError("it has no `read` command; give its checkpoints with --checkpoint FILE")
        return [note for note in split_notes(self._run(self._read, "")) if is_of(note, origin)]

    def _run(self, words: Sequence[str], stdin: str) -> str:
        try:
            done = subprocess.run(  # noqa: S603 -- the user's own configuration names it
                list(words), input=stdin.encode(), capture_output=True, timeout=self._seconds, check=False
            )
        except FileNotFoundError:
            raise AnchorError("its command is not there") from None
        except subprocess.TimeoutExpired:
            raise AnchorError(f"its command took more than {self._seconds:g} s") from None
        if done.returncode:
            raise AnchorError(f"its command ended with exit code {done.returncode}")
        return done.stdout.decode(errors="replace")
