"""A value that is fetched when it is needed, kept for a while, and fetched once for all who wait for it."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from recorder.errors import CredentialError

type Fetched[T] = tuple[T, float | None]
"""A value, and for how many seconds it is good; None: until it is refused."""


class Renewed[T]:
    """Belongs to one event loop. `get` gives the value, `refused` and `accepted` tell what became of it."""

    def __init__(
        self,
        fetch: Callable[[], Awaitable[Fetched[T]]],
        *,
        timeout_seconds: float,
        what: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`what` names the value in an error; `fetch` raises CredentialError."""
        self._fetch = fetch
        self._timeout_seconds = timeout_seconds
        self._what = what
        self._clock = clock
        self._value: tuple[T, float | None] | None = None
        """The value, and when it ends."""
        self._fetching: asyncio.Task[T] | None = None
        self._refusals = 0
        """How many values were refused since one was accepted."""

    async def get(self) -> T:
        """Return the value, fetched if need be. Raises CredentialError."""
        if self._value and (self._value[1] is None or self._clock() < self._value[1]):
            return self._value[0]
        if self._fetching is None:
            self._fetching = asyncio.create_task(self._renew(), name="recorder-credential")
            self._fetching.add_done_callback(self._fetched)
        # One who waits may go away; the others go on waiting.
        return await asyncio.shield(self._fetching)

    async def refused(self, value: T) -> bool:
        """Take note that an upstream refused a value; return whether there is another one, so that to ask again helps.

        Of a new value that is refused at once as well, the answer is no: nobody shall try for ever.
        """
        if self._value and self._value[0] == value:
            self._value = None
            self._refusals += 1
        if self._refusals > 1:
            return False
        try:
            return await self.get() != value
        except CredentialError:
            return False

    def accepted(self) -> None:
        """Take note that an upstream took the value."""
        self._refusals = 0

    async def _renew(self) -> T:
        try:
            async with asyncio.timeout(self._timeout_seconds):
                value, seconds = await self._fetch()
        except TimeoutError:
            raise CredentialError(
                f"{self._what} took more than {self._timeout_seconds:g} s; see why, or raise timeout_seconds"
            ) from None
        except CredentialError:
            raise
        except Exception as error:  # noqa: BLE001 -- whatever a library raises: a request must not go out without
            raise CredentialError(f"{self._what} failed ({type(error).__name__})") from None
        self._value = value, None if seconds is None else self._clock() + seconds
        return value

    def _fetched(self, task: asyncio.Task[T]) -> None:
        self._fetching = None
        if not task.cancelled():
            task.exception()  # taken note of: all who waited may be gone
