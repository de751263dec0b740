"""How many bytes may wait for the writer, and who is next when there is room.

What fits beside a large body that waits need not wait for it. Each that leaves lets in the first of the line that fit,
and nobody else is woken: under overload thousands stand in it, and to wake all of them for every one that leaves takes
more of a processor than the writer has left.
"""

import asyncio
from collections import deque

_LOOKED_AT = 32
"""How many of the line are asked whether they fit."""


class Room:
    """Bytes that are taken, and a line of those who wait. All methods belong to one event loop."""

    def __init__(self, limit: int) -> None:
        """`limit`: in bytes; one that is larger is let in when it is alone."""
        self.bytes = 0
        """Taken so far."""
        self._limit = limit
        self._promised = 0
        """To those who were let in and have not taken it yet."""
        self._line: deque[tuple[int, asyncio.Future[None]]] = deque()

    async def enter(self, size: int) -> None:
        """Return when there is room; it must be taken at once."""
        if self.fits(size):
            return
        turn = asyncio.get_running_loop().create_future()
        place = (size, turn)
        self._line.append(place)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self._promised -= size
            elif place in self._line:
                self._line.remove(place)
            self._let_in()
            raise
        self._promised -= size

    def take(self, size: int) -> None:
        """Take room; what nobody waits for is not asked whether there is any."""
        self.bytes += size

    def free(self, size: int) -> None:
        """Give room back."""
        self.bytes -= size
        self._let_in()

    def _let_in(self) -> None:
        passed: list[tuple[int, asyncio.Future[None]]] = []
        while self._line and len(passed) < _LOOKED_AT:
            size, turn = place = self._line.popleft()
            if turn.cancelled():
                continue
            if self.fits(size):
                self._promised += size
                turn.set_result(None)
            else:
                passed.append(place)
        self._line.extendleft(reversed(passed))

    def fits(self, size: int) -> bool:
        """Say whether there is room, also beside those who wait for more."""
        taken = self.bytes + self._promised
        return not taken or taken + size <= self._limit
