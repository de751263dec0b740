"""Takes all chunks of a body that are in the buffer already as one; nothing waits for what is not there yet.

mitmproxy passes every chunk of a chunked body through its layers by itself, and writes it to the client's socket by
itself: 205 times for an answer that came in one piece. This reader stands in the place of h11's, which mitmproxy asks
for "the next piece of the body", and answers with all that there is. Bodies stay as they are, byte for byte; only
where one chunk ends and the next begins differs, which HTTP leaves to every hop.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from h11 import Data, EndOfMessage, ProtocolError

if TYPE_CHECKING:  # private: nothing may depend on its being there
    from h11._receivebuffer import ReceiveBuffer

type Piece = Data | EndOfMessage | None


class BodyReader(Protocol):
    """Takes the next piece of a body out of a buffer; None when there is none yet."""

    def __call__(self, buf: "ReceiveBuffer") -> Piece:
        """Raise ProtocolError for what is no body."""

    def read_eof(self) -> EndOfMessage:
        """Return the end, or raise ProtocolError when the connection ended before the body."""


class MergingReader:
    """A body reader that joins what another one gives piece by piece, and gives its end or its error afterwards."""

    def __init__(self, reader: BodyReader) -> None:
        self._reader = reader
        self._next: EndOfMessage | ProtocolError | None = None

    def __call__(self, buf: "ReceiveBuffer") -> Piece:
        """Return all of the body that is in the buffer."""
        if self._next is not None:
            return self._after()
        pieces: list[bytes] = []
        while True:
            try:
                piece = self._reader(buf)
            except ProtocolError as error:
                self._next = error
                break
            if not isinstance(piece, Data):
                self._next = piece
                break
            pieces.append(piece.data)
        if not pieces:
            return self._after()
        return Data(data=pieces[0] if len(pieces) == 1 else b"".join(pieces))

    def read_eof(self) -> EndOfMessage:
        """Return the end of a body that ends with its connection."""
        return self._reader.read_eof()

    def _after(self) -> Piece:
        after, self._next = self._next, None
        if isinstance(after, ProtocolError):
            raise after
        return after


def merging(make_reader: Callable[[int | None], BodyReader]) -> Callable[[int | None], BodyReader]:
    """Return a maker of readers that merges where `make_reader` makes one for chunks (`expected_size` is None)."""

    def make(expected_size: int | None) -> BodyReader:
        reader = make_reader(expected_size)
        return MergingReader(reader) if expected_size is None else reader

    return make
