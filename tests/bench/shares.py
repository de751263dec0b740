"""Where the writer's time goes: the public ways into its rooms are timed, each without the rooms that it enters."""

import contextlib
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from inspect import isfunction
from typing import Any
from unittest.mock import patch

from recorder.capture import answer_side, desk, request_side
from recorder.redact import Redactor
from recorder.store.writer import Writer

REST = "the rest"
_WAYS: dict[str, tuple[tuple[Any, str], ...]] = {
    "redaction": tuple(
        (Redactor, name) for name, value in vars(Redactor).items() if isfunction(value) and not name.startswith("_")
    ),
    "reading what came over the wire": tuple(
        (module, name)
        for module in (answer_side, request_side)
        for name, value in vars(module).items()
        if isfunction(value) and value.__module__.startswith("recorder.wire.")
    ),
    "price": ((answer_side, "price"),),
    "database": ((Writer, "write"),),
    REST: ((desk.Desk, "take"),),
}


class Clock:
    """Adds up, by room, how long the processor was busy in it."""

    def __init__(self) -> None:
        self.busy_ns: dict[str, int] = defaultdict(int)
        self._inside: list[str] = []
        self._since_ns = 0

    def enter(self, room: str) -> None:
        """Go into a room, out of the one before."""
        self._note()
        self._inside.append(room)

    def leave(self) -> None:
        """Go back to where one came from."""
        self._note()
        self._inside.pop()

    def _note(self) -> None:
        now_ns = time.process_time_ns()
        if self._inside:
            self.busy_ns[self._inside[-1]] += now_ns - self._since_ns
        self._since_ns = now_ns


@contextlib.contextmanager
def clocked() -> Iterator[Clock]:
    """Time all ways into the rooms within the block."""
    clock = Clock()
    with contextlib.ExitStack() as stack:
        for room, ways in _WAYS.items():
            for owner, name in ways:
                stack.enter_context(patch.object(owner, name, _timed(getattr(owner, name), room, clock)))
        yield clock


def _timed(function: Callable[..., Any], room: str, clock: Clock) -> Callable[..., Any]:
    def timed(*arguments: Any, **options: Any) -> Any:
        clock.enter(room)
        try:
            return function(*arguments, **options)
        finally:
            clock.leave()

    return timed
